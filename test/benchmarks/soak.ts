/**
 * `npm run bench:soak [-- --minutes 5]`: trials of all transports and several sizes for that long, on the native engine, by the same
 * two agents. Fails (exit code 1) when a trial does, an agent has to be replaced, or memory or descriptors grow. Linux.
 */
import { parseArgs } from 'node:util'
import { UsageError } from '../../base/errors.ts'
import { formatCount } from '../../base/units.ts'
import { EXIT } from '../../bench/cli/terminal.ts'
import { runScenario } from '../../bench/index.ts'
import { median } from '../../results/statistics/quantiles.ts'
import { garbageCollector } from '../support/garbage.ts'
import { plainTable } from './plain-table.ts'
import { childPids, type Usage, usageOf } from './processes.ts'
import { runTool, say } from './tool.ts'

const HELP = `npm run bench:soak [-- --minutes 5]

Runs trials for that long and watches all three processes: the median memory and the least descriptors of the last quarter against
those of the second (the first is warm-up). Exit codes: 0 nothing grew, 1 something did or a trial failed, 2 usage, 130 interrupted.`

/** In half a minute the agents are still warming up: +6.5 MiB. */
const SHORTEST_MINUTES = 1
const SAMPLE_EVERY_MS = 500
/** A loop that leaks a descriptor a trial leaks thousands in a minute: none is too many. */
const DESCRIPTOR_LIMIT = 0
/** Without a leak agents went from -4 to +6 MiB in five runs of 1 to 5 minutes, the parent by 1; in 5 minutes it is 1 KiB a trial. */
const MEMORY_LIMIT_MIB = 8

/** Loss is a result. What is refused would be one too, so nothing here is too large. */
const SCENARIO = {
  name: 'soak',
  repeat: Number.MAX_SAFE_INTEGER,
  variants: [
    {
      label: 'transfers',
      transport: ['tcp', 'udp-header', 'udp-marker'],
      size: ['4k', '800k', '8M'],
      chunk: [1024, 9216, 65_507],
    },
    { label: 'one datagram', transport: 'udp-datagram', size: ['4k', 65_507] },
  ],
}

interface Sample extends Usage {
  /** Share of the run that had passed, from 0 to 1. */
  readonly at: number
}

/** Outcome -> how many trials had it. */
type Outcomes = Map<string, number>
/** Process number -> its samples, in order. */
type Samples = Map<number, Sample[]>

/** Shares of the run, from 0 to 1. The first quarter is warm-up. */
interface Quarter {
  readonly from: number
  readonly to: number
}
const SECOND: Quarter = { from: 0.25, to: 0.5 }
const LAST: Quarter = { from: 0.75, to: Number.POSITIVE_INFINITY }

/** In the order in which they are sampled; the sender is forked first. */
const PROCESSES = ['parent', 'sender', 'receiver']

await runTool('bench:soak', main)

async function main(signal: AbortSignal): Promise<number> {
  const { values } = parseArgs({
    options: { minutes: { type: 'string', default: '5' }, help: { type: 'boolean', default: false } },
  })
  if (values.help) {
    say(HELP)
    return EXIT.measured
  }
  if (process.platform !== 'linux') throw new UsageError('works on Linux only: it reads /proc')
  const minutes = Number(values.minutes)
  if (!(minutes >= SHORTEST_MINUTES))
    throw new UsageError(`--minutes: ${JSON.stringify(values.minutes)} is no number from ${SHORTEST_MINUTES}`)
  const { outcomes, samples } = await soak(minutes * 60_000, signal)
  const left = childPids().length
  const complaints = [
    ...failuresOf(outcomes),
    ...(samples.size > 3 ? [`${samples.size - 3} agents had to be replaced`] : []),
    ...[...samples.values()].flatMap((each, index) => growthOf(PROCESSES[index] ?? 'a further agent', each)),
    ...(left > 0 ? [`${left} agents were still there at the end`] : []),
  ]
  say(summary(minutes, outcomes, samples))
  for (const complaint of complaints) say(`FAILED: ${complaint}`)
  if (complaints.length === 0) say('Nothing grew.')
  return complaints.length > 0 ? EXIT.failed : EXIT.measured
}

async function soak(
  durationMs: number,
  signal: AbortSignal,
): Promise<{ outcomes: Outcomes; samples: Samples }> {
  // This process makes so little garbage that its memory would rise for a minute before it falls. The agents' falls all the time.
  const collectGarbage = garbageCollector()
  const outcomes: Outcomes = new Map()
  const samples: Samples = new Map()
  const startedAt = performance.now()
  let sampledAt = startedAt
  for await (const record of runScenario(SCENARIO, { signal, engine: 'native' })) {
    const now = performance.now()
    outcomes.set(record.outcome, (outcomes.get(record.outcome) ?? 0) + 1)
    // Between trials, when no agent holds a socket of one: so that counts do not depend on the moment.
    if (now - sampledAt >= SAMPLE_EVERY_MS) {
      sampledAt = now
      collectGarbage()
      takeSample(samples, (now - startedAt) / durationMs)
    }
    if (now - startedAt >= durationMs) break
  }
  return { outcomes, samples }
}

function takeSample(samples: Samples, at: number): void {
  for (const pid of [process.pid, ...childPids()]) {
    const usage = usageOf(pid)
    if (usage) samples.set(pid, [...(samples.get(pid) ?? []), { at, ...usage }])
  }
}

function failuresOf(outcomes: Outcomes): readonly string[] {
  return [...outcomes]
    .filter(([outcome]) => outcome !== 'completed' && outcome !== 'incomplete')
    .map(([outcome, count]) => `${formatCount(count)} trials ${outcome}`)
}

function growthOf(name: string, samples: readonly Sample[]): readonly string[] {
  const descriptors = descriptorsIn(samples, LAST) - descriptorsIn(samples, SECOND)
  const memory = memoryIn(samples, LAST) - memoryIn(samples, SECOND)
  return [
    ...(descriptors <= DESCRIPTOR_LIMIT ? [] : [`${name}: descriptors grew by ${descriptors}`]),
    ...(memory <= MEMORY_LIMIT_MIB
      ? []
      : [`${name}: memory grew by ${memory.toFixed(1)} MiB (at most ${MEMORY_LIMIT_MIB} MiB)`]),
  ]
}

/** The least of a quarter: a socket of the last trial may take a moment to close, a leaked one stays. */
function descriptorsIn(samples: readonly Sample[], quarter: Quarter): number {
  return Math.min(...within(samples, quarter).map(each => each.descriptors))
}

function memoryIn(samples: readonly Sample[], quarter: Quarter): number {
  return median(within(samples, quarter).map(each => each.anonymousMiB)) ?? Number.NaN
}

function within(samples: readonly Sample[], { from, to }: Quarter): readonly Sample[] {
  return samples.filter(({ at }) => at >= from && at < to)
}

function summary(minutes: number, outcomes: Outcomes, samples: Samples): string {
  const total = [...outcomes.values()].reduce((sum, count) => sum + count, 0)
  const counts = [...outcomes].map(([outcome, count]) => `${formatCount(count)} ${outcome}`).join(', ')
  const lines = [...samples.values()].map((each, index) => [
    PROCESSES[index] ?? 'further',
    ...[SECOND, LAST].map(quarter => `${descriptorsIn(each, quarter)}`),
    ...[SECOND, LAST].map(quarter => `${memoryIn(each, quarter).toFixed(1)} MiB`),
  ])
  const head = ['', 'descriptors, 2nd quarter', 'last quarter', 'memory, 2nd quarter', 'last quarter']
  return `${formatCount(total)} trials in ${minutes} min: ${counts}\n\n${plainTable(head, lines)}\n`
}
