/** `--until 5%`: how many rounds it takes, and how often the interval at its end holds the true median, beside as many rounds without looking. */
import { Looks } from '../../../bench/measure/looks.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { estimateOf } from '../../../results/statistics/figure.ts'
import { median } from '../../../results/statistics/quantiles.ts'
import { normal, randomOf } from '../../simulation/noise.ts'
import { stream } from '../../support/results-samples.ts'
import { markdown, percent } from './markdown.ts'

const SHARE = 0.05
/** Rounds of each pair of processes. */
const OF_PROCESS = 10
const MOST_ROUNDS = 300
const DRAWS = 200_000

interface Noise {
  /** Standard deviations in ln: of a trial, and of what trials of one process share. */
  readonly trial: number
  readonly process: number
  /** Share of the trials that stall; what a stall costs is exponential with a mean of 0.8 in ln. */
  readonly stalls: number
}

const MACHINES: Readonly<Record<string, Noise>> = {
  'quiet (4 %; processes 1.3 %)': { trial: 0.042, process: 0.013, stalls: 0.06 },
  'medium (12 %; processes 1.3 %)': { trial: 0.12, process: 0.013, stalls: 0.06 },
  'medium (12 %; processes 4 %)': { trial: 0.12, process: 0.04, stalls: 0.06 },
  'medium (12 %; processes 8 %)': { trial: 0.12, process: 0.08, stalls: 0.06 },
  'busy (28 %; processes 20 %)': { trial: 0.28, process: 0.2, stalls: 0.1 },
}

export function untilTable(experiments: number): string {
  const rows = Object.entries(MACHINES).flatMap(([name, noise]) => {
    const random = randomOf(1)
    const truth =
      median(Float64Array.from({ length: DRAWS }, () => trial(random, noise, level(random, noise)))) ?? 0
    return [6, 20].map(least => {
      const runs = Array.from({ length: experiments }, (_, seed) => runUntil(seed, noise, least))
      const known = runs.filter(each => each.isKnown)
      const rounds = known.map(each => each.records.length)
      const usual = median(Float64Array.from(rounds)) ?? 0
      const fixed = known.map((_, seed) => drawRun(seed + 2 ** 20, noise, Math.round(usual)))
      return [
        name,
        `${least}`,
        percent(known.length / runs.length),
        `${usual}`,
        percent(
          shareHolding(
            known.map(each => each.records),
            truth,
          ),
        ),
        percent(shareHolding(fixed, truth)),
      ]
    })
  })
  return markdown(
    [
      'machine',
      'least rounds',
      `known within 5 % in ${MOST_ROUNDS} rounds`,
      'rounds (median)',
      'interval holds the median',
      'as many rounds, without looking',
    ],
    rows,
  )
}

function level(random: () => number, { process }: Noise): number {
  return Math.exp(process * normal(random))
}

function trial(random: () => number, { trial, stalls }: Noise, ofProcess: number): number {
  const stall = random() < stalls ? -0.8 * Math.log(1 - random()) : 0
  return ofProcess * Math.exp(trial * normal(random) - stall)
}

/** Trials one after another, in processes of ten. */
function* trials(seed: number, noise: Noise): Generator<TrialRecord> {
  const random = randomOf(seed)
  let ofProcess = 1
  for (let round = 1; ; round++) {
    if (round % OF_PROCESS === 1) ofProcess = level(random, noise)
    const process = Math.ceil(round / OF_PROCESS)
    yield stream(1e9 * trial(random, noise, ofProcess), { round, process })
  }
}

function runUntil(seed: number, noise: Noise, least: number) {
  let rounds = 0
  const until = { share: SHARE, withinMs: MOST_ROUNDS, ofProcess: OF_PROCESS }
  const looks = new Looks(
    until,
    () => {},
    () => rounds,
  )
  const records: TrialRecord[] = []
  for (const record of trials(seed, noise)) {
    rounds++
    records.push(record)
    looks.add([record])
    if (rounds >= least && !looks.another(rounds)) break
  }
  return { records, isKnown: rounds < MOST_ROUNDS }
}

function drawRun(seed: number, noise: Noise, rounds: number): readonly TrialRecord[] {
  const records: TrialRecord[] = []
  for (const record of trials(seed, noise)) if (records.push(record) >= rounds) break
  return records
}

function shareHolding(runs: readonly (readonly TrialRecord[])[], truth: number): number {
  const held = runs.filter(records => {
    const { interval, range } = estimateOf(records, 'goodput_bps') ?? {}
    const ends = interval ?? range
    return ends !== undefined && ends.low <= 1e9 * truth && ends.high >= 1e9 * truth
  })
  return held.length / runs.length
}
