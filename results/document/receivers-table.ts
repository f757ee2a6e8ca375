/** The receivers of groups as a table: a line each, with its own loss, order and delay. Pure. */
import { given } from '../../base/given.ts'
import { sumOf } from '../../base/groups.ts'
import { formatCount, formatPercent } from '../../base/units.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { framesSummary, onTimeShare } from '../statistics/frames.ts'
import { median } from '../statistics/quantiles.ts'
import { type CaseSummary, known } from '../statistics/summary.ts'
import { nameColumns, unitColumn } from './case-rows.ts'
import { type Column, column, figureCell, tableOfColumns } from './figures.ts'
import { onTimeCell } from './frames-table.ts'
import type { Table } from './model.ts'

type OfReceiver = ReturnType<typeof receiversOf>[number]

/** Lines of a case on a terminal; those of the receivers that lost most, or were slowest. */
const MOST_LINES = 8

export function receiversTable(summaries: readonly CaseSummary[]): Table {
  const lines = summaries.flatMap(summary => {
    const all = receiversOf(summary)
    const chosen = all.length <= MOST_LINES ? all : all.toSorted(byTrouble).slice(0, MOST_LINES)
    return chosen.toSorted((a, b) => a.number - b.number)
  })
  return tableOfReceivers('', lines)
}

export function tableOfReceivers(caption: string, lines: readonly OfReceiver[]): Table {
  return tableOfColumns(caption, [
    ...nameColumns(lines, ['frames_asked']),
    column('receiver', 'right', lines, each => figureCell(each.number, formatCount)),
    ...(lines.every(isOfPictures) ? picturesColumns(lines) : datagramsColumns(lines)),
  ])
}

/** Even if no trial came so far that it says what became of them. */
export function isOfPictures({ cell }: OfReceiver): boolean {
  return cell.frames_asked !== undefined
}

function picturesColumns(lines: readonly OfReceiver[]): readonly Column[] {
  const count = (title: 'late' | 'damaged' | 'dropped') =>
    column(title, 'right', lines, ({ frames }) => figureCell(frames?.fates?.[title], formatCount))
  return [
    column('on time', 'right', lines, onTimeCell),
    ...given(count('late'), lines.some(({ frames }) => frames?.fates?.damaged) && count('damaged')),
    count('dropped'),
    unitColumn('delay p50', lines, 'ms', ({ frames }) => frames?.delay?.medianMs),
    unitColumn('max', lines, 'ms', ({ frames }) => frames?.delay?.maxMs),
  ]
}

function datagramsColumns(lines: readonly OfReceiver[]): readonly Column[] {
  return [
    unitColumn('goodput', lines, 'rate', each => each.goodputBps),
    column('loss', 'right', lines, each => figureCell(each.lossRatio, formatPercent)),
    column('out of order', 'right', lines, each => figureCell(each.reordered, formatCount)),
    column('twice', 'right', lines, each => figureCell(each.duplicated, formatCount)),
    unitColumn('first after', lines, 'ms', each => each.firstMs),
    unitColumn('last after', lines, 'ms', each => each.lastMs),
  ]
}

/** The receivers of a case, over its trials: medians, and sums of what is counted. */
export function receiversOf({ cell, flows }: Pick<CaseSummary, 'cell' | 'flows'>) {
  return Array.from({ length: cell.receivers ?? 0 }, (_, index) => {
    const rows = known(flows, trial => trial[index])
    const medianOf = (pick: (row: TrialRecord) => number | undefined) => median(known(rows, pick))
    const accepted = sumOf(rows, row => (row.datagrams_lost === undefined ? 0 : row.datagrams_accepted))
    return {
      cell,
      /** From 1. */
      number: index + 1,
      goodputBps: medianOf(row => row.goodput_bps),
      lossRatio: accepted > 0 ? sumOf(rows, row => row.datagrams_lost) / accepted : undefined,
      reordered: sumOf(rows, row => row.datagrams_reordered),
      duplicated: sumOf(rows, row => row.datagrams_duplicated),
      /** From the sender's first datagram to the receiver's first and last one. */
      firstMs: medianOf(row => row.delivery_ms && row.delivery_ms - (row.receive_ms ?? 0)),
      lastMs: medianOf(row => row.delivery_ms),
      /** Of pictures in a row: what became of them here. */
      frames: framesSummary(rows),
    }
  })
}

function byTrouble(a: OfReceiver, b: OfReceiver): number {
  return troubleOf(b) - troubleOf(a) || (a.goodputBps ?? 0) - (b.goodputBps ?? 0)
}

/** The share that was lost, or of pictures that were not on time; all of it where that is unknown. */
function troubleOf({ lossRatio, frames }: OfReceiver): number {
  return frames ? 1 - (onTimeShare(frames) ?? 0) : (lossRatio ?? 1)
}
