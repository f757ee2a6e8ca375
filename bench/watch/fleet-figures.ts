/** The latest figures of each pair of a fleet, for whoever scrapes them: set when a pair has been measured, and only rendered by a scrape. */
import { Counter, Gauge, Registry } from 'prom-client'
import { casesOf, GAUGES, samplesOf } from '../../results/metrics/gauges.ts'
import { CELL_FIELDS, type CellField, cellOf, isUsual, wholeName } from '../../results/schema/cells.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { addProcessFigures } from './process-figures.ts'
import { keyOf, type Labels, Trips } from './trips.ts'

const PAIR = ['pair_from', 'pair_to'] as const
const CASE = [...PAIR, 'transport', 'case'] as const
/** Figures of a pair go when it has not been measured for so many times of the turns in which all pairs have theirs. */
const KEPT_CYCLES = 3

export type Pair = readonly [from: string, to: string]
export type TurnResult = 'complete' | 'incomplete' | 'failed'

interface Shown {
  /** The turn in which it was measured, or was to be. */
  turn: number
  /** Takes its figures away. */
  forget: readonly (() => void)[]
}

export class FleetFigures {
  readonly registry = new Registry()
  readonly #gauges = GAUGES.map(each => ({
    figure: each,
    gauge: this.#gauge(each.name, each.help, [...CASE, 'outcome']),
  }))
  readonly #trips = new Trips(this.registry)
  readonly #up = this.#gauge(
    'bench_pair_up',
    '1 if its latest turn measured the pair, 0 if it could not',
    PAIR,
  )
  readonly #measuredAt = this.#gauge(
    'bench_pair_measured_timestamp_seconds',
    'When the pair was last measured, in seconds since 1970',
    PAIR,
  )
  readonly #pairs = this.#gauge('bench_fleet_pairs', 'Pairs of the latest turn, by what became of them', [
    'state',
  ])
  readonly #turns = this.#counter('bench_fleet_turns_total', 'Turns, by how they ended', ['result'])
  readonly #turnMs = this.#unset('bench_fleet_turn_duration_seconds', 'How long the latest turn took')
  readonly #turnAt = this.#unset(
    'bench_fleet_turn_timestamp_seconds',
    'When the latest turn began, in seconds since 1970',
  )
  readonly #period = this.#unset('bench_fleet_period_seconds', 'Time from turn to turn (--every)')
  readonly #cycle = this.#unset(
    'bench_fleet_cycle_seconds',
    'Time in which a pair has its turn: the period; with --sample, the time in which 99 % of the pairs have theirs',
  )
  readonly #rows = this.#counter('bench_rows_written_total', 'Rows written')
  readonly #everyMs: number | undefined
  /** By `keyOf`: pairs that were to be measured, and cases of them that were. */
  readonly #seen = new Map<string, Shown>()
  readonly #figures = new Map<string, Shown>()
  /** Rows of this turn, by pair. */
  readonly #records = new Map<string, TrialRecord[]>()
  readonly #state = new Map<string, 'measured' | 'missing'>()
  /** Whether it is known which pairs this turn has. */
  #begun = false
  #turn = 0
  #cycleTurns = 1

  /** @param everyMs undefined for a single turn */
  constructor(everyMs: number | undefined) {
    this.#everyMs = everyMs
    addProcessFigures(this.registry)
    for (const result of ['complete', 'incomplete', 'failed', 'skipped']) this.#turns.inc({ result }, 0)
  }

  /** @param pairs of this turn, each as often as it is visited @param all how many there are, of which a turn may have a sample */
  begin(pairs: readonly Pair[], all: number): void {
    this.#turn++
    this.#begun = true
    this.#cycleTurns = cycleOf(new Set(pairs.map(each => keyOf(labelsOfPair(each)))).size, all)
    this.#records.clear()
    this.#state.clear()
    for (const each of pairs) {
      const labels = labelsOfPair(each)
      const forget = [this.#up, this.#measuredAt].map(gauge => () => gauge.remove(labels))
      this.#seen.set(keyOf(labels), { turn: this.#turn, forget })
    }
    this.#turnAt.set(Date.now() / 1000)
    if (this.#everyMs === undefined) return
    this.#period.set(this.#everyMs / 1000)
    this.#cycle.set((this.#everyMs * this.#cycleTurns) / 1000)
  }

  /** @param records of this visit, of which a turn may have several */
  measured(pair: Pair, records: readonly TrialRecord[]): void {
    if (records.length === 0) return
    const named = labelsOfPair(pair)
    const key = keyOf(named)
    const all = [...(this.#records.get(key) ?? []), ...records]
    this.#records.set(key, all)
    this.#state.set(key, 'measured')
    this.#up.set(named, 1)
    this.#measuredAt.set(named, Date.now() / 1000)
    for (const summary of casesOf(records))
      if (summary.exchange) this.#trips.add(labelsOf(summary.records[0]), summary.exchange.trips)
    for (const summary of casesOf(all)) {
      const labels = labelsOf(summary.records[0])
      const own = keyOf(labels)
      for (const forget of this.#figures.get(own)?.forget ?? []) forget()
      const forget = this.#gauges.flatMap(({ figure, gauge }) =>
        samplesOf(figure, [summary], labelsOf).map(({ labels, value }) => {
          gauge.set(labels, value)
          return () => gauge.remove(labels)
        }),
      )
      this.#figures.set(own, { turn: this.#turn, forget: [...forget] })
    }
  }

  /** It could not be measured, not even at the second try. */
  missed(pair: Pair): void {
    const labels = labelsOfPair(pair)
    this.#state.set(keyOf(labels), 'missing')
    this.#up.set(labels, 0)
  }

  rowWritten(): void {
    this.#rows.inc()
  }

  end(result: TurnResult, ms: number): void {
    const states = [...this.#state.values()]
    this.#state.clear()
    this.#pairs.reset()
    if (this.#begun)
      for (const state of ['measured', 'missing'])
        this.#pairs.set({ state }, states.filter(each => each === state).length)
    else this.#unknown(ms)
    this.#begun = false
    this.#turns.inc({ result })
    this.#turnMs.set(ms / 1000)
    this.#records.clear()
    const since = this.#turn - KEPT_CYCLES * this.#cycleTurns
    for (const shown of [this.#figures, this.#seen])
      for (const [key, { turn, forget }] of shown)
        if (turn <= since) {
          for (const each of forget) each()
          this.#trips.forget(key)
          shown.delete(key)
        }
  }

  /** A turn failed before its pairs were known: they are those of the one before, and none was measured. */
  #unknown(ms: number): void {
    this.#turn++
    for (const shown of this.#seen.values()) shown.turn++
    this.#turnAt.set((Date.now() - ms) / 1000)
  }

  skipped(turns: number): void {
    this.#turns.inc({ result: 'skipped' }, turns)
  }

  #gauge(name: string, help: string, labelNames: readonly string[] = []): Gauge {
    return new Gauge({ name, help, labelNames, registers: [this.registry] })
  }

  /** Not shown before it is set: 0 would be a figure. */
  #unset(name: string, help: string): Gauge {
    const gauge = this.#gauge(name, help)
    gauge.remove()
    return gauge
  }

  #counter(name: string, help: string, labelNames: readonly string[] = []): Counter {
    return new Counter({ name, help, labelNames, registers: [this.registry] })
  }
}

/** In so many turns a pair has its own: certainly where all are in each; else for 99 of 100, as each turn draws its sample anew. */
function cycleOf(visited: number, all: number): number {
  const share = visited / all
  return share > 0 && share < 1 ? Math.ceil(Math.log(0.01) / Math.log(1 - share)) : 1
}

function labelsOfPair([pair_from, pair_to]: Pair): Labels {
  return { pair_from, pair_to }
}

/** What the other labels say, or what all rows of a fleet have in common. */
const OTHER: readonly CellField[] = ['pair_from', 'pair_to', 'transport', 'direction', 'engine', 'side']
const CASE_FIELDS = CELL_FIELDS.filter(field => !OTHER.includes(field))

/** The same for a case in every turn, whatever is measured beside it: `custom size_bytes=65536 chunk_bytes=1024`. */
function labelsOf(record: TrialRecord | undefined): Labels {
  if (!record) return {}
  const cell = cellOf(record)
  const settings = CASE_FIELDS.flatMap(field =>
    isUsual(cell, field) ? [] : [`${field}=${wholeName(String(cell[field]))}`],
  )
  const { pair_from = '', pair_to = '', transport, scenario } = record
  return { pair_from, pair_to, transport, case: [scenario, ...settings].join(' ') }
}
