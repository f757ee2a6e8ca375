/** The chart of a fleet: a map of hosts by hosts for each measure of each case. */
import { harmless } from '../../base/foreign-text.ts'
import { groupBy, maximum, minimum, natural } from '../../base/groups.ts'
import type { HostMap } from '../document/chart-spec.ts'
import { MATRIX_FIGURES } from '../document/host-matrix.ts'
import type { Chart } from '../document/model.ts'
import { describeCell, shortenAll, tellingFields } from '../schema/cells.ts'
import { estimateOf } from '../statistics/figure.ts'
import { type HostMatrix, hostMatrices, medianOf } from '../statistics/fleet.ts'
import type { CaseSummary } from '../statistics/summary.ts'
import { brief, type Case } from './case.ts'
import { LOSS } from './measures.ts'

/** None without names of hosts. */
export function hostsChart(cases: readonly Case[]): readonly Chart[] {
  const files = [...groupBy(cases, each => each.file)]
  const all = files.flatMap(([file, own]) => hostMatrices(own).map(matrix => ({ file, matrix })))
  const namesOf = (end: 'senders' | 'receivers') =>
    [...new Set(all.flatMap(({ matrix }) => matrix[end]))].sort(natural)
  const [senders, receivers] = [namesOf('senders'), namesOf('receivers')]
  // One host has one name, and two have two, whether they send or receive.
  const short = shortenAll([...senders, ...receivers])
  const fields = tellingFields(all.map(({ matrix }) => matrix.cell))
  const maps = all.flatMap(({ file, matrix }) => {
    const name = `${file === undefined ? '' : `${file}: `}${describeCell(matrix.cell, fields)}`
    const at = (from: string, to: string) =>
      matrix.cases[matrix.senders.indexOf(from)]?.[matrix.receivers.indexOf(to)]
    return mapsOf(matrix).flatMap(({ title, unit, worse, estimate }): HostMap[] => {
      const cells = senders.map(from =>
        receivers.map(to => {
          const summary = at(from, to)
          return (summary && estimate(summary)) ?? null
        }),
      )
      const values = cells.flat().flatMap(each => each?.value ?? [])
      if (values.length === 0) return []
      const [least, most] = [minimum(values), maximum(values)]
      const value = { title, unit, log: least > 0 && most / least >= LEAST_FOR_LOG }
      return [{ name: harmless(`${title}, ${name}`), value, worse, cells }]
    })
  })
  if (maps.length === 0) return []
  const title = 'Host by host'
  const notes = [
    ['A row sends, a column receives; medians over the trials of a pair. The darker, the worse.'],
  ]
  return [
    {
      id: 'hosts',
      kind: 'hosts',
      title,
      spec: {
        ...{ kind: 'hosts', maps },
        ...{ senders: short.slice(0, senders.length), receivers: short.slice(senders.length) },
      },
      notes,
    },
  ]
}

/** Smaller spans are seen better by their size. */
const LEAST_FOR_LOG = 100

interface MapKind extends Pick<HostMap, 'worse'> {
  readonly title: string
  readonly unit: 'rate' | 'share' | 'ms'
  readonly estimate: (summary: CaseSummary) => HostMap['cells'][number][number] | undefined
}

function mapsOf({ figure, cases }: HostMatrix): readonly MapKind[] {
  const lost = cases.flat().some(each => (each?.loss?.lost ?? 0) > 0)
  const loss: MapKind = {
    ...{ title: 'loss', unit: 'share', worse: 'more' },
    estimate: summary => {
      const { y, ...rest } = LOSS.estimate(summary) ?? {}
      return y === undefined ? undefined : { n: summary.records.length, ...rest, value: y }
    },
  }
  const own: MapKind = {
    title: MATRIX_FIGURES[figure],
    ...(figure === 'goodput_bps' ? { unit: 'rate', worse: 'less' } : { unit: 'ms', worse: 'more' }),
    estimate: ({ records }) => {
      const { n = 0, median, interval } = estimateOf(records, figure) ?? {}
      return median === undefined ? undefined : { n, value: brief(median), ...interval }
    },
  }
  const tail: MapKind = {
    ...{ title: MATRIX_FIGURES.rtt_p99_ms, unit: 'ms', worse: 'more' },
    estimate: summary => {
      const value = medianOf(summary, 'rtt_p99_ms')
      return Number.isNaN(value) ? undefined : { n: summary.records.length, value: brief(value) }
    },
  }
  return [own, ...(figure === 'rtt_p50_ms' ? [tail] : []), ...(lost ? [loss] : [])]
}
