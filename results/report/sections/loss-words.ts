/** Where loss begins, and why: in sentences. */
import { counted, formatPercent } from '../../../base/units.ts'
import { hasLoss } from '../../charts/case.ts'
import { groupBySweep, linesOf, nameOfSweep, type SweepField } from '../../charts/sweep.ts'
import type { Text } from '../../document/model.ts'
import { describeField } from '../../schema/cells.ts'
import type { LossCause } from '../../schema/outcome.ts'
import { type CaseSummary, mainCause } from '../../statistics/summary.ts'
import { isPartLost } from '../../warnings/parts.ts'
import type { Source } from './source.ts'

/** More sentences than this are a table. */
const MOST_SENTENCES = 8

/** Of the datagrams of a file; none where it has none. */
export function lossWords({ summaries }: Source): readonly Text[] {
  const known = summaries.filter(hasLoss)
  if (known.length === 0) return []
  if (known.every(each => each.loss?.lost === 0)) {
    const ofWhat = known.some(each => each.records.some(isPartLost)) ? ' of the payload' : ''
    return [[`No datagram${ofWhat} was `, { strong: 'lost' }, '.']]
  }
  const sentences = groupBySweep(known).flatMap(group =>
    linesOf(group.items, ['size_bytes', 'chunk_bytes']).flatMap(line =>
      line.items.every(each => each.loss?.lost === 0)
        ? []
        : [lineWords(line.name, group.title, line.items, group.field)],
    ),
  )
  const more = sentences.length - MOST_SENTENCES
  const rest: Text = [
    `${counted(more, 'more line loses', 'more lines lose')} datagrams; the charts show them.`,
  ]
  return more > 0 ? [...sentences.slice(0, MOST_SENTENCES), rest] : sentences
}

function lineWords(
  name: string,
  title: string,
  items: readonly CaseSummary[],
  field: SweepField | undefined,
): Text {
  const lossy = items.filter(each => (each.loss?.lost ?? 0) > 0)
  const most = lossy.reduce((worst, each) => (ratioOf(each) > ratioOf(worst) ? each : worst))
  const why = causeWords(lossy)
  const head: Text = [{ name: name + title }, ' ']
  if (field === undefined || items.length === 1)
    return [...head, 'lost ', { strong: formatPercent(ratioOf(most)) }, ` of its datagrams ${why}.`]
  const sorted = items.toSorted((a, b) => a.cell[field] - b.cell[field])
  const flags = sorted.map(each => (each.loss?.lost ?? 0) > 0)
  const at = (index: number) => {
    const item = sorted.at(index)
    return item ? describeField(item.cell, field) : ''
  }
  const worst = `${formatPercent(ratioOf(most))} at ${describeField(most.cell, field)}`
  if (flags.every(Boolean)) {
    return [...head, `lost datagrams at every ${nameOfSweep(field)}, most `, { strong: worst }, `, ${why}.`]
  }
  const [first, last] = [flags.indexOf(true), flags.lastIndexOf(true)]
  if (flags.slice(first).every(Boolean))
    return [
      ...head,
      'loses from ',
      { strong: at(first) },
      ` on, most ${worst}, ${why}; up to ${at(first - 1)} nothing was lost.`,
    ]
  if (flags.slice(0, last + 1).every(Boolean))
    return [
      ...head,
      'loses up to ',
      { strong: at(last) },
      `, most ${worst}, ${why}; from ${at(last + 1)} on nothing was lost.`,
    ]
  return [
    ...head,
    `loses at ${lossy.length} of ${items.length} ${nameOfSweep(field)}s, first at `,
    { strong: at(first) },
    `, most ${worst}, ${why}.`,
  ]
}

const CAUSES: Readonly<Record<LossCause, string>> = {
  'receive buffer': 'in the receive buffer: the receiver was too slow for the burst',
  'send queue': 'in the send queue of the sender’s host, before they left it',
  late: 'by coming after the drain had ended',
  damaged: 'by arriving damaged',
  elsewhere: 'on the way, not in the receive buffer',
  'refused by the system': 'beside what the system refused',
}

/** The cause of most cases. */
function causeWords(lossy: readonly CaseSummary[]): string {
  const counts = new Map<LossCause | undefined, number>()
  for (const each of lossy) counts.set(mainCause(each), (counts.get(mainCause(each)) ?? 0) + 1)
  const [cause] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? []
  return cause === undefined ? 'and the kernel does not say where' : CAUSES[cause]
}

function ratioOf({ loss }: CaseSummary): number {
  return loss?.ratio ?? 0
}
