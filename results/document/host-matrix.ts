/** A fleet host by host: what was measured from each to each, and which of them are far from the others. Pure. */
import { counted, formatMs, formatPercent, formatRate } from '../../base/units.ts'
import { describeCell, shortenAll, tellingFields, wholeName } from '../schema/cells.ts'
import type { Manifest } from '../schema/manifest.ts'
import {
  type Disturbance,
  disturbancesOf,
  type HostMatrix,
  hostMatrices,
  LEAST_PAIRS,
  medianOf,
} from '../statistics/fleet.ts'
import { type Odd, oddOnes } from '../statistics/fleet-odd.ts'
import type { CaseSummary } from '../statistics/summary.ts'
import { captionedTable, column, figureCell, NONE } from './figures.ts'
import { commonUnit, formatIn, titleIn, UNITS } from './format.ts'
import type { Block, TableCell } from './model.ts'

/** A table for each case; nothing where no pair of hosts has a name. */
export function hostMatrixBlocks(
  summaries: readonly CaseSummary[],
  manifests: readonly Manifest[],
): readonly Block[] {
  const matrices = hostMatrices(summaries, manifests)
  const fields = tellingFields(matrices.map(each => each.cell))
  const disturbances = disturbancesOf(matrices)
  return matrices.flatMap((matrix, index) => {
    const name = describeCell(matrix.cell, fields)
    const lost = matrix.cases.flat().some(each => (each?.loss?.lost ?? 0) > 0)
    const nameOf = namesIn(matrix)
    const shown = {
      ...matrix,
      senders: matrix.senders.map(nameOf),
      receivers: matrix.receivers.map(nameOf),
    }
    return [
      ...figureTable(shown, matrix.figure, name),
      ...(matrix.figure === 'rtt_p50_ms' ? figureTable(shown, 'rtt_p99_ms', name) : []),
      ...(lost ? tableOf(shown, `loss, ${name}`, each => figureCell(each.loss?.ratio, formatPercent)) : []),
      {
        kind: 'list',
        items: [
          ...oddOnes(matrix).map(each => describeOdd(each, matrix, nameOf)),
          ...describeDisturbance(matrix, disturbances[index], nameOf),
        ].map(text => [text]),
      } as const,
    ]
  })
}

/** Medians over the trials of each pair, in one unit if they are close enough. */
function figureTable(
  matrix: HostMatrix,
  figure: keyof typeof MATRIX_FIGURES,
  name: string,
): readonly Block[] {
  const kind = figure === 'goodput_bps' ? 'rate' : 'ms'
  const own = kind === 'ms' ? formatMs : formatRate
  const known = (each: CaseSummary | undefined) => {
    const value = medianOf(each, figure)
    return Number.isNaN(value) ? undefined : value
  }
  const values = matrix.cases.flat().flatMap(each => known(each) ?? [])
  if (values.length === 0) return []
  const unit = commonUnit(UNITS[kind], values)
  return tableOf(matrix, titleIn(`${MATRIX_FIGURES[figure]}, ${name}`, unit), each =>
    figureCell(known(each), value => formatIn(value, unit, own)),
  )
}

/** What the hosts of a matrix are compared by. */
export const MATRIX_FIGURES = {
  goodput_bps: 'goodput',
  rtt_p50_ms: 'median round trip',
  rtt_p99_ms: '99th percentile of round trips',
  frame_delay_p50_ms: 'delay of a picture',
} as const

type NameOf = (name: string) => string

/** The names of hosts come from files: short where they stay apart, and harmless. */
function namesIn({ senders, receivers }: HostMatrix): NameOf {
  const all = [...senders, ...receivers]
  const short = shortenAll(all)
  const names = new Map(all.map((name, index) => [name, short[index]]))
  return name => names.get(name) ?? wholeName(name)
}

function tableOf(
  { senders, receivers, cases }: HostMatrix,
  caption: string,
  cell: (summary: CaseSummary) => TableCell,
): readonly Block[] {
  const columns = [
    column('from \\ to', 'left', senders, text => ({ text })),
    ...receivers.map((to, index) =>
      column(to, 'right', cases, row => {
        const summary = row[index]
        return summary ? cell(summary) : NONE
      }),
    ),
  ]
  return [captionedTable(caption, columns)]
}

const ENDS = { sender: 'sends', receiver: 'receives' } as const

/** `c sends at 31 % of what the others do: 5 of its 5 pairs are below the middle of the others.` */
function describeOdd(
  { what, label, names: [one = '', other = ''], ratio, within, worse, pairs }: Odd,
  { figure }: HostMatrix,
  hostName: NameOf,
): string {
  const share = `${shareOf(ratio, figure)}${figure === 'goodput_bps' ? ' of' : ''}`
  const nameOf = (name: string) =>
    label === undefined ? hostName(name) : `${wholeName(label)}=${wholeName(name)}`
  const side = figure === 'goodput_bps' ? 'below' : 'above'
  const evidence = (middle: string) => `${worse} of ${pairs} pairs are ${side} the middle of ${middle}.`
  if (what !== 'way')
    return `${nameOf(one)} ${ENDS[what]} ${share} what the others do: ${evidence('the others')}`
  const way = `From ${nameOf(one)} to ${nameOf(other)}: ${share} what both`
  if (within) return `${way} have within: ${evidence('those within')} Look at what is between them.`
  if (label !== undefined)
    return `${way} have with others: ${evidence('the others')} Look at what is between them.`
  return `${way} hosts have with others. Look at the way between them.`
}

function shareOf(ratio: number, figure: HostMatrix['figure']): string {
  return figure === 'goodput_bps' ? `at ${formatPercent(ratio)}` : `${ratio.toFixed(1)} times`
}

const VERDICTS = {
  disturbed: 'the rounds disturb each other',
  little: 'the rounds disturb each other, and there is no evidence that it is by more than 5 %',
  unproven: 'no evidence that the rounds disturb each other',
  few: `too few pairs to tell whether the rounds disturb each other (${LEAST_PAIRS} are the least, --serial)`,
} as const
/** What is far below the others is named. */
const MOST_AFFECTED = 3
const AFFECTED = 0.85

/** `8 pairs alone and beside others: goodput beside others 52 % of that alone (41 to 66 %): …` */
function describeDisturbance(
  matrix: HostMatrix,
  found: Disturbance | undefined,
  nameOf: NameOf,
): readonly string[] {
  if (!found) return []
  const { ratio, interval, verdict, pairs } = found
  const ends = interval ? ` (95 %: ${formatPercent(interval.low)} to ${formatPercent(interval.high)})` : ''
  const worst = pairs
    .filter(each => (matrix.figure === 'goodput_bps' ? each.ratio : 1 / each.ratio) < AFFECTED)
    .slice(0, MOST_AFFECTED)
    .map(each => `${nameOf(each.from)} to ${nameOf(each.to)} ${formatPercent(each.ratio)}`)
  const most = worst.length > 0 ? ` Most affected: ${worst.join(', ')}.` : ''
  return [
    `${counted(pairs.length, 'pair')} alone and beside others: ${MATRIX_FIGURES[matrix.figure]} beside others ${formatPercent(ratio)} of that alone${ends}: ${VERDICTS[verdict]}.${most}`,
  ]
}
