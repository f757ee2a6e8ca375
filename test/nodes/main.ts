/**
 * `npm run test:nodes [-- --smoke] [20 22 24 26 arm64]`: the suite of tests with other builds of Node, which come from npm. `--smoke`: what the
 * transports have to keep, and the main command, and no more. `arm64` is Node of that processor under qemu, and smoke alone. Linux on x64.
 */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { monotonic } from '../../base/clock.ts'
import { UsageError } from '../../base/errors.ts'
import { EXIT } from '../../bench/cli/terminal.ts'
import { plainTable } from '../benchmarks/plain-table.ts'
import { runTool, say } from '../benchmarks/tool.ts'
import { type Build, openBuild } from './builds.ts'
import { runLogged, type Tally } from './logged.ts'

const ALL = ['20', '22', '24', '26']
const ARM64 = 'arm64'
const MAIN_COMMAND = ['run', '--size', '800k', '--chunk', '1024', '--no-chart']

const WHOLE: readonly Part[] = [{ what: 'npm test', command: ['npm', 'test'] }]

/**
 * qemu knows not every socket option of multicast, and is too slow for what sends a datagram a round trip: there it is other transports, one
 * IP version and fewer rounds.
 */
const EMULATED = String.raw`/^(tcp|tls|udp-header|udp-marker|udp-datagram|messages-\w+|echo-\w+|stamp) over \w+, IPv4/`

await runTool('test:nodes', main)

async function main(signal: AbortSignal): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { smoke: { type: 'boolean', default: false } },
    allowPositionals: true,
  })
  const names = positionals.length > 0 ? positionals : [...ALL, ...(values.smoke ? [ARM64] : [])]
  for (const name of names)
    if (name !== ARM64 && !/^\d{2}$/.test(name))
      throw new UsageError(`not a major version of Node, nor ${ARM64}: ${JSON.stringify(name)}`)
  const rows: string[][] = []
  let failed = false
  for (const name of names) {
    await using build = await openBuild(name, signal)
    const parts = values.smoke || build.isEmulated ? smokeOf(build) : WHOLE
    for (const { what, command } of parts) {
      const from = monotonic()
      const tally = await runLogged(command, build, signal)
      failed ||= tally.code !== 0
      rows.push([build.version, what, ...wordsOf(tally), `${Math.round((monotonic() - from) / 1000)}`])
      say(`Node ${build.version}: ${what}: ${tally.code === 0 ? 'passed' : `FAILED\n${tally.failures}`}`)
    }
  }
  say(`\n${plainTable(['node', 'what', 'passed', 'failed', 'skipped', 's'], rows)}`)
  return failed ? EXIT.failed : EXIT.measured
}

interface Part {
  readonly what: string
  readonly command: readonly string[]
}

function smokeOf({ node, folder, isEmulated }: Build): readonly Part[] {
  const files = ['native', 'node', 'limited'].map(each =>
    join(folder, 'dist', 'test', 'compliance', `${each}.test.js`),
  )
  const together = [`--test-concurrency=${availableParallelism()}`, '--test-reporter=spec']
  const some = isEmulated ? ['--test-name-pattern', EMULATED] : []
  const cli = join(folder, 'dist', 'bench', 'cli.js')
  return [
    { what: 'compliance', command: [node, '--test', ...together, ...some, ...files] },
    { what: 'main command', command: [node, cli, ...MAIN_COMMAND, '--repeat', isEmulated ? '2' : '5'] },
  ]
}

function wordsOf({ passed, failed, skipped }: Tally): readonly string[] {
  return [passed, failed, skipped].map(each => (each === undefined ? '' : `${each}`))
}
