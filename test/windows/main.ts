/** `npm run test:windows`: the tests of this folder on the Windows builds of Node, under wine. `--smoke`: a part, on one Node. */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { monotonic } from '../../base/clock.ts'
import { Windows } from './wine.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const NODES = ['20', '22']

const { smoke } = parseArgs({ options: { smoke: { type: 'boolean', default: false } } }).values
const windows = Windows.prepare(NODES)
if (typeof windows === 'string') process.stdout.write(`test:windows skipped: ${windows}\n`)
else runAll(windows)

function runAll(windows: Windows): void {
  using _gone = windows
  const files = readdirSync(HERE).filter(name => name.endsWith('.test.js'))
  for (const node of smoke ? NODES.slice(-1) : NODES) {
    const startedAt = monotonic()
    const { status } = spawnSync(
      process.execPath,
      ['--test', '--test-concurrency=2', '--test-reporter=spec', ...files.map(name => join(HERE, name))],
      { stdio: 'inherit', env: { ...process.env, ...windows.environment, ...variables(node) } },
    )
    const took = Math.round((monotonic() - startedAt) / 1000)
    process.stdout.write(
      `Node ${node} for Windows, ${windows.version}: ${status === 0 ? 'passed' : 'failed'} in ${took} s\n`,
    )
    if (status !== 0) process.exitCode = 1
  }
}

function variables(node: string): Readonly<Record<string, string>> {
  const other = NODES.find(each => each !== node) ?? node
  return {
    BENCH_WINDOWS_NODE: node,
    BENCH_WINDOWS_OTHER_NODE: other,
    BENCH_WINDOWS_PART: smoke ? 'smoke' : 'all',
  }
}
