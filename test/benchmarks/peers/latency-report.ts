/** Round trips of all rounds -> medians and paired ratios -> JSON, or a table with how each figure came about. Pure. */
import { formatMs } from '../../../base/units.ts'
import { wrapWords } from '../../../results/document/text.ts'
import { median } from '../../../results/statistics/quantiles.ts'
import { plainTable } from '../plain-table.ts'
import { METHODS, type Paths, type Talk, type TalkRound } from './latency.ts'

export interface TalkRow {
  readonly talk: Talk
  readonly rounds: readonly TalkRound[]
}
type Versions = Readonly<Record<keyof Paths, string>>

export function latencyJson(rows: readonly TalkRow[], versions: Versions) {
  return {
    programs: { versions, methods: METHODS },
    settings: rows.map(({ talk, rounds }) => ({ ...talk, ...figuresOf(rounds), rounds })),
  }
}

/** For a terminal of `width` columns. */
export function latencyText(rows: readonly TalkRow[], versions: Versions, width: number): string {
  const rounds = Math.max(0, ...rows.map(row => row.rounds.length))
  const table = plainTable(
    ['round trip, 64 B', 'ours p50', 'peer', 'p50', 'ours / peer', 'p99: ours', 'peer'],
    rows.map(({ talk, rounds }) => {
      const { ours, peer, ratio } = figuresOf(rounds)
      const spread = ratio ? `${shown(ratio.median)}\n${shown(ratio.min)} – ${shown(ratio.max)}` : '–'
      return [
        talk.name,
        cell(ours.p50_ms),
        talk.peer,
        cell(peer.p50_ms),
        spread,
        cell(ours.p99_ms),
        cell(peer.p99_ms),
      ]
    }),
  )
  const notes = [
    `Medians of ${rounds === 1 ? '1 round' : `${rounds} rounds`} of 1 s; ratios of the p50 are paired by round: their median, and below it the least and the greatest. All wait for answers in blocking calls.`,
    `ours: ${METHODS.ours}.`,
    `sockperf ${versions.sockperf}: ${METHODS.sockperf}.`,
    `irtt ${versions.irtt}: ${METHODS.irtt}.`,
  ]
  return [table, '', ...notes.flatMap(note => wrapWords(note, width, '  '))].join('\n')
}

function figuresOf(rounds: readonly TalkRound[]) {
  const middle = (side: keyof TalkRound, key: 'p50_ms' | 'p99_ms') =>
    median(rounds.map(round => round[side][key]).filter(isNumber))
  const ratios = rounds.map(({ ours, peer }) => ours.p50_ms / peer.p50_ms).filter(isNumber)
  const ratio = median(ratios)
  return {
    ours: { p50_ms: middle('ours', 'p50_ms'), p99_ms: middle('ours', 'p99_ms') },
    peer: { p50_ms: middle('peer', 'p50_ms'), p99_ms: middle('peer', 'p99_ms') },
    ratio:
      ratio === undefined ? undefined : { median: ratio, min: Math.min(...ratios), max: Math.max(...ratios) },
  }
}

function cell(ms: number | undefined): string {
  return ms === undefined ? '–' : formatMs(ms)
}

function shown(value: number): string {
  return value.toFixed(2)
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}
