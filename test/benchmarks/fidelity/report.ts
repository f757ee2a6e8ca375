/** Samples of all cells -> medians, ratios and verdicts: a table, or a JSON document. Pure. */

import { formatBytes, formatPercent } from '../../../base/units.ts'
import { environment } from '../../../bench/fleet/facts/environment.ts'
import { median } from '../../../results/statistics/quantiles.ts'
import { plainTable } from '../plain-table.ts'
import { type Cell, type Placement, PROGRAMS, type Program, type Samples } from './measure.ts'

export interface Row {
  readonly cell: Cell
  readonly samples: Samples
}

/** Delivery over native / the quicker C, by size; and how many percentage points more than C may be lost. */
const LARGE_GOAL = 1.25
const SMALL_GOAL = 1.6
const LOSS_GOAL = 0.01
const SMALL_BYTES = 64 * 1024

export function reportText(rows: readonly Row[]): string {
  const speed = rows.filter(row => !isLossRow(row))
  const loss = rows.filter(isLossRow)
  const pairs = Math.max(...rows.map(({ samples }) => samples.native.length))
  return [
    ...(speed.length > 0 ? [speedTable(speed), '', ...ratioLines(speed)] : []),
    ...(loss.length > 0 ? ['', lossTable(loss)] : []),
    '',
    `Medians of ${pairs} alternating pairs, delivery in ms: from connect or the first datagram to the last byte at the receiver.`,
    'C: one system call a chunk; C 64: sendmmsg and recvmmsg of 64. Ratios are to the quicker of the two.',
    ...(loss.length > 0
      ? [
          'Loss is of all datagrams, with the system’s own receive buffer; it is judged against the C that batches as the native engine does.',
        ]
      : []),
  ].join('\n')
}

export function reportJson(rows: readonly Row[]): string {
  const { host: _, ...machine } = environment()
  return JSON.stringify(
    { machine, cells: rows.map(row => ({ ...figuresOf(row), samples: row.samples })) },
    null,
    2,
  )
}

/** One line for each goal that was missed. */
export function missedGoals(rows: readonly Row[]): readonly string[] {
  return rows.flatMap(row => {
    const { name, ratio, goal, lossOver } = figuresOf(row)
    if (isLossRow(row))
      return lossOver > LOSS_GOAL
        ? [`${name}: ${formatPercent(lossOver)} more lost than C, over 1 percentage point`]
        : []
    return ratio.native > goal ? [`${name}: native takes ${ratio.native.toFixed(2)} of C, over ${goal}`] : []
  })
}

function figuresOf({ cell, samples }: Row) {
  const ms = each(name => median(samples[name].map(({ deliveryMs }) => deliveryMs)) ?? Number.NaN)
  const lost = each(name => mean(samples[name].map(sample => sample.lost)))
  const quickerC = Math.min(ms.C, ms['C 64'])
  return {
    name: `${cell.protocol === 'tcp' ? 'tcp' : 'udp-marker'} ${formatBytes(cell.sizeBytes)}, ${cell.placement}`,
    ...cell,
    medianMs: ms,
    lost,
    ratio: { native: ms.native / quickerC, node: ms.node / quickerC },
    goal: cell.sizeBytes < SMALL_BYTES ? SMALL_GOAL : LARGE_GOAL,
    quickerC,
    lossOver: lost.native - lost['C 64'],
  }
}

function speedTable(rows: readonly Row[]): string {
  const head = ['', ...PROGRAMS, 'native / C', 'goal', 'node / C', 'lost']
  const lines = rows.map(row => {
    const { name, medianMs, ratio, goal, lost } = figuresOf(row)
    const times = PROGRAMS.map(program => medianMs[program].toFixed(3))
    const verdict = ratio.native <= goal ? `${goal} met` : `${goal} missed`
    return [name, ...times, ratio.native.toFixed(2), verdict, ratio.node.toFixed(2), lostCell(lost)]
  })
  return plainTable(head, lines)
}

function lossTable(rows: readonly Row[]): string {
  const head = [
    `lost of ${formatBytes(rows[0]?.cell.sizeBytes ?? 0)}, system’s receive buffer`,
    ...PROGRAMS,
    'native over C',
  ]
  const lines = rows.map(row => {
    const { lost, lossOver } = figuresOf(row)
    return [
      row.cell.placement,
      ...PROGRAMS.map(program => formatPercent(lost[program])),
      `${(100 * lossOver).toFixed(2)} points`,
    ]
  })
  return plainTable(head, lines)
}

/** How TCP stands to UDP: the headline of a local run, and what plain C says of it. */
function ratioLines(rows: readonly Row[]): readonly string[] {
  const find = (protocol: Cell['protocol'], sizeBytes: number, placement: Placement) =>
    rows.find(
      ({ cell }) =>
        cell.protocol === protocol && cell.sizeBytes === sizeBytes && cell.placement === placement,
    )
  return rows.flatMap(row => {
    const { sizeBytes, placement } = row.cell
    const udp = row.cell.protocol === 'tcp' ? find('udp', sizeBytes, placement) : undefined
    if (!udp) return []
    const [tcp, other] = [figuresOf(row), figuresOf(udp)]
    const ours = tcp.medianMs.native / other.medianMs.native
    const c = tcp.quickerC / other.quickerC
    return [
      `TCP takes ${ours.toFixed(2)} of UDP’s time over native, ${c.toFixed(2)} in C: ${formatBytes(sizeBytes)}, ${placement}`,
    ]
  })
}

function lostCell(lost: Readonly<Record<Program, number>>): string {
  const most = Math.max(...PROGRAMS.map(program => lost[program]))
  return most === 0 ? '' : PROGRAMS.map(program => formatPercent(lost[program])).join(' ')
}

function each<T>(value: (program: Program) => T): Readonly<Record<Program, T>> {
  return { native: value('native'), node: value('node'), C: value('C'), 'C 64': value('C 64') }
}

function isLossRow({ cell }: Row): boolean {
  return cell.rcvbuf === 'default'
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
