/** The table of `bench aa`: how much two equal sides differ, and which changes n rounds can find here. Pure. */
import { given } from '../../base/given.ts'
import { counted, formatCount, formatPercent } from '../../base/units.ts'
import type { Change } from '../../results/compare/comparison.ts'
import { formatDelta, formatEnds, formatRatio } from '../../results/compare/words.ts'
import { nameColumns } from '../../results/document/case-rows.ts'
import { type Column, column, tableOfColumns } from '../../results/document/figures.ts'
import type { Block } from '../../results/document/model.ts'
import { describeCell, tellingFields } from '../../results/schema/cells.ts'
import type { CellNoise } from './noise.ts'

/** Numbers of rounds for which the table shows the least change that they find. */
export const ROUNDS = [10, 20, 50, 100] as const

/** A cell's noise and its change from A to B, which is undefined without a pair. */
export interface NoiseRow extends CellNoise {
  readonly change: Change | undefined
}

/** A row a case, and what the columns mean. */
export function noiseBlocks(rows: readonly NoiseRow[]): readonly Block[] {
  return [
    { kind: 'table', table: tableOfColumns('How much two equal sides differ', columnsOf(rows)) },
    { kind: 'legend', lines: [LEGEND] },
  ]
}

/** `with 20 rounds this machine can detect 7.1 % for udp-header, 4.2 % for tcp`, worst first. */
export function describeDetectable(rows: readonly NoiseRow[], rounds: number): string {
  const cells = rows.map(each => each.cell)
  const found = rows.flatMap(({ cell, detectable }) => {
    const share = detectable.get(rounds)
    return share === undefined ? [] : [{ share, name: describeCell(cell, tellingFields(cells)) }]
  })
  if (found.length === 0)
    return `${formatCount(rounds)} ${rounds === 1 ? 'round proves' : 'rounds prove'} nothing here: measure more`
  const sorted = found.sort((a, b) => b.share - a.share)
  const [worst] = sorted
  const shown = sorted.length <= MOST_SHOWN ? sorted : worst ? [worst] : []
  const more = sorted.length > shown.length ? ', and less for the others' : ''
  const parts = shown.map(({ share, name }) => `${formatDelta(share)} for ${name}`)
  return `with ${counted(rounds, 'round')} this machine can detect ${parts.join(', ')}${more}`
}

const MOST_SHOWN = 4
const LEGEND =
  'Standard error: of the median ratio of B to A. Rounds: the least change that so many rounds find 4 times out of 5; from ×1.50 on as a factor either way.'

function columnsOf(rows: readonly NoiseRow[]): readonly Column[] {
  const counts = new Set(rows.map(each => each.logRatios.length))
  const texts = (title: string, align: Column['align'], textOf: (row: NoiseRow) => string) =>
    column(title, align, rows, row => ({ text: textOf(row) }))
  return given(
    ...nameColumns(rows),
    counts.size > 1 && texts('pairs', 'right', each => formatCount(each.logRatios.length)),
    texts('B against A\n(95 %)', 'right', each => describeChange(each.change)),
    texts('standard\nerror', 'right', each => share(each.standardError)),
    texts('difference', 'left', each => describeVerdict(each.change)),
    ...ROUNDS.map(rounds => texts(`${rounds}\nrounds`, 'right', each => change(each.detectable.get(rounds)))),
  )
}

function describeChange(change: Change | undefined): string {
  if (!change) return '–'
  const { ratio, interval } = change
  const ends = interval && formatEnds(interval)
  return formatRatio(ratio) + (ends ? ` (${ends.low} to ${ends.high})` : '')
}

function describeVerdict(change: Change | undefined): string {
  if (!change) return '–'
  return change.verdict === 'better' || change.verdict === 'worse'
    ? `proven: ${change.verdict}`
    : 'none proven'
}

/** A change that counts, either way. */
function change(value: number | undefined): string {
  return value === undefined ? '–' : formatDelta(value)
}

function share(value: number | undefined): string {
  return value === undefined ? '–' : formatPercent(value)
}
