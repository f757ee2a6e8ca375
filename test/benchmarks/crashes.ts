/**
 * `npm run bench:crashes [-- --times 50 --seed 1 --only broker]`: a fleet of which the coordinator, an agent (or its daemon) and the broker are killed in
 * turn, each so often, in the middle of a run. Prints what became of each run; exit code 1 if a row was lost or doubled. Linux.
 */
import { parseArgs } from 'node:util'
import { EXIT } from '../../bench/cli/terminal.ts'
import { type Crash, CrashingFleet, VICTIMS } from '../e2e/crashes.ts'
import { plainTable } from './plain-table.ts'
import { runTool, say, wholeNumber } from './tool.ts'

await runTool('bench:crashes', main)

async function main(signal: AbortSignal): Promise<number> {
  const { values } = parseArgs({
    options: {
      times: { type: 'string', default: '50' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string', default: VICTIMS.join(',') },
    },
  })
  const times = wholeNumber('--times', values.times)
  const seed = wholeNumber('--seed', values.seed)
  await using fleet = await CrashingFleet.start()
  const rows: string[][] = []
  let broken = 0
  for (const victim of VICTIMS.filter(each => values.only.split(',').includes(each))) {
    const crashes: Crash[] = []
    for (let time = 0; time < times; time++) {
      signal.throwIfAborted()
      try {
        const crash = await fleet.crash(victim, seed + time)
        crashes.push(crash)
        say(`${crash.victim}, killed after ${crash.after} rows: ${describe(crash)}`)
      } catch (error) {
        broken++
        say(`FAILED: ${victim}, seed ${seed + time}: ${error instanceof Error ? error.message : error}`)
      }
    }
    const sum = (of: (crash: Crash) => number) => `${crashes.reduce((total, each) => total + of(each), 0)}`
    rows.push([
      victim,
      ...[`${times}`, `${crashes.length}`, sum(each => each.rows), sum(each => each.failed)],
      ...[sum(each => each.resumed.filter(from => from === 'file').length)],
      ...[sum(each => each.resumed.filter(from => from === 'stream').length)],
    ])
  }
  const head = [
    'killed',
    'times',
    'whole',
    'rows',
    'of failed trials',
    'resumed from a file',
    'from the stream',
  ]
  say(`\n${plainTable(head, rows)}`)
  return broken > 0 ? EXIT.failed : EXIT.measured
}

function describe({ rows, failed, resumed }: Crash): string {
  const how = resumed.length === 0 ? 'it went on by itself' : `resumed from ${resumed.join(', ')}`
  return `${rows} rows, each once${failed > 0 ? ` (${failed} of failed trials)` : ''}; ${how}`
}
