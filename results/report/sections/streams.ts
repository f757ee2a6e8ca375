/** Several streams at the same time: their sum, each of them, and how evenly they shared; and the figures of RFC 6349 of streams over TCP. */
import { formatCount, formatPercent, formatRate, significant } from '../../../base/units.ts'
import { type Case, figuresTable, namedCases } from '../../charts/case.ts'
import { figureCell } from '../../document/figures.ts'
import type { PageBlock, Section, Text } from '../../document/model.ts'
import { say } from '../../document/say.ts'
import { fairnessCell, goodputCell } from '../../document/table.ts'
import type { TrialRecord } from '../../schema/columns.ts'
import { median } from '../../statistics/quantiles.ts'
import { known } from '../../statistics/summary.ts'

type Named = ReturnType<typeof namedCases>[number]

const TOGETHER: Text = say`A trial of several streams is one sample: their goodput, bytes and datagrams are added up, its time is that of the slowest, and it ended as its worst. Fairness is Jain’s index of their goodputs, ${{ code: '(sum x)² / (n sum x²)' }}: 100 % if all had the same, 100 % / n if one had everything.`

const OF_TCP: Text = say`The figures of RFC 6349, medians over the trials. Efficiency: bytes sent once, of all that were sent. Buffer delay: by how much the mean round-trip time, read once an interval, exceeds the lowest. Transfer time: as a multiple of what the payload takes at the highest delivery rate that the kernel saw.`

/** Empty without streams at the same time, and without figures of TCP. */
export function streamsSection(cases: readonly Case[]): Section {
  const all = namedCases(cases)
  const together = all.filter(each => each.cell.streams !== undefined)
  const overTcp = all.filter(({ records }) =>
    FIGURES.some(({ column }) => medianOf(records, column) !== undefined),
  )
  return {
    id: 'streams',
    title: 'Streams',
    blocks: [
      ...(together.length > 0 ? togetherBlocks(together) : []),
      ...(overTcp.length > 0 ? tcpBlocks(overTcp) : []),
    ],
  }
}

function togetherBlocks(cases: readonly Named[]): readonly PageBlock[] {
  return [
    { kind: 'text', text: TOGETHER },
    tableBlock(
      'Streams at the same time: their sum, and the medians of each over the trials',
      ['case', 'streams', 'sum', 'fairness', 'slowest stream', 'middle stream', 'fastest stream', 'trials'],
      cases.map(each => {
        const medians = mediansOf(each).toSorted((a, b) => a - b)
        return [
          each.name,
          figureCell(each.cell.streams, formatCount),
          goodputCell(each),
          fairnessCell(each),
          ...[medians[0], median(medians), medians.at(-1)].map(bps => figureCell(bps, formatRate)),
          figureCell(each.records.length, formatCount),
        ]
      }),
    ),
    tableBlock(
      'Each stream: its median goodput, and its share of the sum of these',
      ['case', 'stream', 'goodput', 'share'],
      cases.flatMap(each => {
        const medians = mediansOf(each)
        const sum = medians.reduce((total, bps) => total + bps, 0)
        return medians.map(
          (bps, index) =>
            [
              each.name,
              figureCell(index + 1, formatCount),
              figureCell(bps, formatRate),
              figureCell(sum > 0 ? bps / sum : undefined, formatPercent),
            ] as const,
        )
      }),
    ),
  ]
}

function tableBlock(...figures: Parameters<typeof figuresTable>): PageBlock {
  return { kind: 'table', table: figuresTable(...figures) }
}

/** Median goodput of each stream over the trials in which it is known; empty where it is known for none. */
function mediansOf({ flows, cell: { streams = 1 } }: Named): readonly number[] {
  return known(
    Array.from({ length: streams }, (_, index) => index),
    index => median(known(flows, trial => trial[index]?.goodput_bps)),
  )
}

const FIGURES = [
  { title: 'efficiency', column: 'tcp_efficiency', format: formatPercent },
  { title: 'buffer delay', column: 'tcp_buffer_delay_ratio', format: formatExcess },
  {
    title: 'transfer time',
    column: 'tcp_transfer_time_ratio',
    format: (ratio: number) => `× ${significant(ratio)}`,
  },
] as const satisfies readonly { readonly column: keyof TrialRecord; readonly [key: string]: unknown }[]

/** It can be many times the lowest round-trip time. */
function formatExcess(ratio: number): string {
  return ratio < 10 ? formatPercent(ratio) : `${formatCount(100 * ratio)} %`
}

function tcpBlocks(cases: readonly Named[]): readonly PageBlock[] {
  return [
    { kind: 'text', text: OF_TCP },
    tableBlock(
      'Streams over TCP: efficiency, buffer delay and transfer time (RFC 6349)',
      ['case', ...FIGURES.map(({ title }) => title), 'retransmitted', 'trials'],
      cases.map(({ name, records }) => [
        name,
        ...FIGURES.map(({ column, format }) => figureCell(medianOf(records, column), format)),
        figureCell(medianOf(records, 'tcp_retransmits'), formatCount),
        figureCell(records.length, formatCount),
      ]),
    ),
  ]
}

function medianOf(
  records: readonly TrialRecord[],
  column: (typeof FIGURES)[number]['column'] | 'tcp_retransmits',
): number | undefined {
  return median(known(records, each => each[column]))
}
