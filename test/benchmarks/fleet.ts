/**
 * `npm run bench:fleet [-- --hosts 500 --sample 3]`: a fleet of simulated hosts over a real NATS server, with nothing between them but
 * control. Prints how long it takes, what the server carries, and how much memory the coordinator needs; exit code 1 if a row is missing,
 * a host was in two trials at a time, or the memory is more than 500 MB. Linux.
 */
import { parseArgs } from 'node:util'
import { formatBytes, formatCount, formatDuration } from '../../base/units.ts'
import { EXIT } from '../../bench/cli/terminal.ts'
import { simulateFleet } from '../support/fleet-simulation.ts'
import { plainTable } from './plain-table.ts'
import { runTool, say, wholeNumber } from './tool.ts'

const MOST_BYTES = 500e6

await runTool('bench:fleet', main)

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      hosts: { type: 'string', default: '500' },
      sample: { type: 'string', default: '3' },
      transport: { type: 'string', default: 'tcp' },
    },
  })
  const hosts = wholeNumber('--hosts', values.hosts)
  const sample = wholeNumber('--sample', values.sample)
  const cases = values.transport.split(',').length
  const words = ['--sample', `${sample}`, '--size', '20k', '--transport', values.transport, '--warmup', '0']
  const found = await simulateFleet(hosts, [...words, '--no-chart', '--quiet'], { watchIdle: true })
  const { code, stderr, rows, stored, violations, joinMs, runMs, peakMiB, idle, run } = found
  const presence = {
    messages: ((idle?.messages ?? 0) * runMs) / 1000,
    bytes: ((idle?.bytes ?? 0) * runMs) / 1000,
  }
  const pairs = sample * Math.floor(hosts / 2)
  const rowBytes = rows.reduce((sum, row) => sum + JSON.stringify(row).length, 0) / Math.max(1, rows.length)
  const per = (all: number, some: number, count: number) => (all - some) / count
  say(
    plainTable(
      ['', 'measured'],
      [
        ['all have joined', formatDuration(Math.round(joinMs))],
        ['the run', formatDuration(Math.round(runMs))],
        ['pairs, cases of each', `${formatCount(pairs)}, ${cases}`],
        ['rows in the file, in the stream', `${formatCount(rows.length)}, ${formatCount(stored.length)}`],
        ['bytes of a row', formatBytes(Math.round(rowBytes))],
        ['messages a host and second, idle', ((idle?.messages ?? 0) / hosts).toFixed(2)],
        ['bytes a host and second, idle', formatBytes(Math.round((idle?.bytes ?? 0) / hosts))],
        ['messages a pair', per(run.messages, presence.messages, pairs).toFixed(1)],
        ['bytes a pair', formatBytes(Math.round(per(run.bytes, presence.bytes, pairs)))],
        ['memory of the coordinator, at most', `${peakMiB.toFixed(0)} MiB`],
      ],
    ),
  )
  const complaints = [
    ...violations,
    ...(code === 0 && stderr === '' ? [] : [`exit code ${code}: ${stderr}`]),
    ...(rows.length === pairs * cases && stored.length === rows.length ? [] : ['rows are missing']),
    ...(peakMiB * 2 ** 20 <= MOST_BYTES ? [] : ['the coordinator needs more than 500 MB']),
  ]
  for (const complaint of complaints) say(`FAILED: ${complaint}`)
  return complaints.length > 0 ? EXIT.failed : EXIT.measured
}
