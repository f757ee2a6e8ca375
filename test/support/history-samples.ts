/** Runs of a history, for tests: the same at every call. */
import { createHash } from 'node:crypto'
import { METRICS, type Metric } from '../../results/compare/metrics.ts'
import type { TrialSet } from '../../results/read/trial-set.ts'
import { trialSet } from '../../results/read/trial-set-builder.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { datagrams, rounds, stream } from './results-samples.ts'

/** The run of this index: a day each from 2026-03-01 on, and a commit of its own. */
export function runValues(index: number, values: Partial<TrialRecord> = {}): Partial<TrialRecord> {
  const started_at = new Date(Date.UTC(2026, 2, 1 + index, 12)).toISOString()
  const letters = [index / 26, index].map(each => String.fromCharCode(97 + (Math.floor(each) % 26))).join('')
  return {
    run_id: `${started_at.replaceAll(/[-:]|\.\d+/g, '')}-ru${letters}`,
    started_at,
    commit: commitOf(index),
    ...values,
  }
}

/** Forty digits that look like any. */
export function commitOf(index: number): string {
  return createHash('sha1').update(`commit ${index}`).digest('hex')
}

/** Five rounds of tcp and of udp-header, each run a little off the next; `level` is that of udp-header to the usual one. */
export function runOf(index: number, level = 1, values: Partial<TrialRecord> = {}): readonly TrialRecord[] {
  const run = runValues(index, values)
  const [a, b] = [5.3, 2.9].map(factor => 1 + 0.02 * Math.sin(factor * index + index ** 2))
  return [
    ...rounds(5, (_, noise) => stream(1.5e9 * noise * (a ?? 1), run)),
    ...rounds(5, (_, noise) => datagrams(2.9e9 * noise * (b ?? 1) * level, 0, run)),
  ]
}

/** As `readHistory` gives runs that hold these columns. */
export function historyOf(runs: readonly (readonly TrialRecord[])[]): readonly TrialSet[] {
  return runs.map(records =>
    trialSet(records[0]?.run_id ?? '', records, { numbers: ['goodput_bps', 'delivery_ms', 'process'] }),
  )
}

export function metricOf(name: string): Metric {
  const metric = METRICS.find(each => each.name === name)
  if (!metric) throw new Error(`no metric ${name}`)
  return metric
}
