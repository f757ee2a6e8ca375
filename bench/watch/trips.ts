/** Round trips as a histogram of Prometheus, added up from distributions: no trip is observed one by one. */
import { Histogram, type Registry } from 'prom-client'
import type { Latencies } from '../../base/latencies.ts'

/** Upper bounds in seconds: three a decade, from within a host to satellites. */
const BOUNDS = [
  ...[10e-6, 25e-6, 50e-6, 100e-6, 250e-6, 500e-6],
  ...[1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3, 0.1, 0.25, 0.5, 1, 2.5, 5],
]
const MS = 1000
const NAME = 'bench_round_trip_seconds'
const HELP = 'Round trips of requests since this process began'

export type Labels = Readonly<Record<string, string>>

interface Sum {
  readonly labels: Labels
  /** How many were within each bound. */
  readonly within: readonly number[]
  readonly count: number
  readonly seconds: number
}

export class Trips extends Histogram {
  readonly #sums = new Map<string, Sum>()

  constructor(registry: Registry) {
    super({ name: NAME, help: HELP, registers: [registry] })
  }

  add(labels: Labels, trips: Latencies): void {
    const key = keyOf(labels)
    const { within, count, seconds } = this.#sums.get(key) ?? { within: [], count: 0, seconds: 0 }
    const more = trips.countsWithin(BOUNDS.map(each => each * MS))
    this.#sums.set(key, {
      labels,
      within: more.map((each, index) => each + (within[index] ?? 0)),
      count: count + trips.count,
      seconds: seconds + (trips.meanMs * trips.count) / MS,
    })
  }

  /** @param key of `keyOf` */
  forget(key: string): void {
    this.#sums.delete(key)
  }

  /** A registry renders a histogram by this. */
  async getForPromString() {
    const value = (suffix: string, labels: Labels, value: number) => ({
      ...{ metricName: `${NAME}_${suffix}`, labels, value },
    })
    const values = [...this.#sums.values()].flatMap(({ labels, within, count, seconds }) => [
      ...within.map((each, index) => value('bucket', { ...labels, le: String(BOUNDS[index]) }, each)),
      value('bucket', { ...labels, le: '+Inf' }, count),
      value('sum', labels, seconds),
      value('count', labels, count),
    ])
    return { name: NAME, help: HELP, type: 'histogram', values }
  }
}

/** What is known of labels is kept by this. */
export function keyOf(labels: Labels): string {
  return JSON.stringify(labels)
}
