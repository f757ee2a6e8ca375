/** `npm run fuzz [-- --minutes 5]`: everything that reads bytes from outside, in turn, for that long. A failure tells its seed. */
import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { UsageError } from '../../base/errors.ts'
import { formatCount } from '../../base/units.ts'
import { EXIT } from '../../bench/cli/terminal.ts'
import { runTool, say } from '../benchmarks/tool.ts'
import type { Target } from './arbitraries.ts'
import { TARGETS } from './targets.ts'

const HELP = `npm run fuzz [-- --minutes 5] [--seed N] [--only WORD]

Properties of whatever reads bytes from outside, with ever new values. Exit codes: 0 none failed, 1 one did (told with its seed and the
smallest value), 2 usage, 130 interrupted.`

/** Long enough to get anywhere, short enough for each to have many turns. */
const TURN_MS = 5000

await runTool('fuzz', main)

async function main(signal: AbortSignal): Promise<number> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '5' },
      seed: { type: 'string' },
      only: { type: 'string', default: '' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    say(HELP)
    return EXIT.measured
  }
  const minutes = Number(values.minutes)
  if (!(minutes > 0))
    throw new UsageError(`--minutes: not a number above 0: ${JSON.stringify(values.minutes)}`)
  const targets = Object.entries(TARGETS).filter(([name]) => name.includes(values.only))
  if (targets.length === 0) throw new UsageError(`--only: nothing is called ${JSON.stringify(values.only)}`)
  const until = performance.now() + minutes * 60_000
  const runs = new Map<string, number>()
  let seed = Number(values.seed ?? Date.now() % 2 ** 31)
  let failed = false
  while (performance.now() < until && !failed) {
    for (const [name, target] of targets) {
      const turnMs = Math.min(TURN_MS, until - performance.now())
      if (turnMs <= 0) break
      signal.throwIfAborted()
      const { count, failure } = await oneTurn(target, seed++, turnMs)
      runs.set(name, (runs.get(name) ?? 0) + count)
      if (failure === undefined) continue
      failed = true
      say(`FAILED: ${name}\n${failure}`)
    }
  }
  for (const [name, count] of runs) say(`${formatCount(count).padStart(12)}  ${name}`)
  return failed ? EXIT.failed : EXIT.measured
}

async function oneTurn(target: Target, seed: number, ms: number) {
  const details = await fc.check(target(), {
    seed,
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: ms,
    markInterruptAsFailure: false,
  })
  const failure = details.failed ? fc.defaultReportMessage(details) : undefined
  return { count: details.numRuns, failure }
}
