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
const MAIN_COMMAND = ['run', '--size', '800k', '--chunk', '1024', '--repeat', '5', '--no-chart']

const WHOLE: readonly Part[] = [{ what: 'npm test', command: ['npm', 'test'] }]

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

/** An emulated one is too slow for what waits for real time: of the transports it has what they have to keep. */
function smokeOf({ node, folder, isEmulated }: Build): readonly Part[] {
  const tests = isEmulated
    ? ['compliance/native.test.js', 'compliance/node.test.js']
    : ['shards/compliance-1.test.js']
  const files = tests.map(each => join(folder, 'dist', 'test', each))
  const together = `--test-concurrency=${availableParallelism()}`
  return [
    { what: 'compliance', command: [node, '--test', together, '--test-reporter=spec', ...files] },
    { what: 'main command', command: [node, join(folder, 'dist', 'bench', 'cli.js'), ...MAIN_COMMAND] },
  ]
}

function wordsOf({ passed, failed, skipped }: Tally): readonly string[] {
  return [passed, failed, skipped].map(each => (each === undefined ? '' : `${each}`))
}
