/** Where loss begins in a sweep, and why: in sentences. What a single case lost is among its figures, and why among the warnings. */
import { bySize } from '../../../base/groups.ts'
import { counted, formatPercent } from '../../../base/units.ts'
import { hasLoss } from '../../charts/case.ts'
import { groupBySweep, linesOf, sweptValue } from '../../charts/sweep.ts'
import type { Text } from '../../document/model.ts'
import { say } from '../../document/say.ts'
import { type CellField, describeField } from '../../schema/cells.ts'
import type { LossCause } from '../../schema/outcome.ts'
import { type CaseSummary, mainCause } from '../../statistics/summary.ts'
import { isPartLost } from '../../warnings/parts.ts'
import type { Source } from './source.ts'

/** More sentences than this are a table. */
const MOST_SENTENCES = 8

/** Sentences about the datagrams of a file; none if it has no datagrams. */
export function lossWords({ summaries }: Source): readonly Text[] {
  const known = summaries.filter(hasLoss)
  if (known.length === 0) return []
  if (!known.some(lostAny)) {
    const ofWhat = known.some(each => each.records.some(isPartLost)) ? ' of the payload' : ''
    return [say`No datagram${ofWhat} was ${{ strong: 'lost' }}.`]
  }
  const sentences = groupBySweep(known).flatMap(group =>
    group.field === undefined
      ? []
      : linesOf(group.items, group.along)
          .filter(line => line.items.length > 1 && line.items.some(lostAny))
          .map(line => say`${{ name: line.name + group.title }} ${lineWords(line.items, group.field)}`),
  )
  const more = sentences.length - MOST_SENTENCES
  if (more <= 0) return sentences
  const rest = `${counted(more, 'more line loses', 'more lines lose')} datagrams; the charts show them.`
  return [...sentences.slice(0, MOST_SENTENCES), [rest]]
}

function lineWords(items: readonly CaseSummary[], field: CellField): Text {
  const lossy = items.filter(lostAny)
  const most = lossy.reduce((worst, each) => (ratioOf(each) > ratioOf(worst) ? each : worst))
  const why = causeWords(lossy)
  const sorted = items.toSorted((a, b) => sweptValue(a.cell, field) - sweptValue(b.cell, field))
  const flags = sorted.map(lostAny)
  const at = (index: number) => {
    const item = sorted.at(index)
    return item ? describeField(item.cell, field) : ''
  }
  const worst = `${formatPercent(ratioOf(most))} at ${describeField(most.cell, field)}`
  const [first, last] = [flags.indexOf(true), flags.lastIndexOf(true)]
  if (flags.every(Boolean)) return say`lost datagrams in every case, most ${{ strong: worst }}, ${why}.`
  if (flags.slice(first).every(Boolean))
    return say`loses from ${{ strong: at(first) }} on, most ${worst}, ${why}; up to ${at(first - 1)} nothing was lost.`
  if (flags.slice(0, last + 1).every(Boolean))
    return say`loses up to ${{ strong: at(last) }}, most ${worst}, ${why}; from ${at(last + 1)} on nothing was lost.`
  const some = `${lossy.length} of ${items.length} cases`
  return say`loses in ${some}, first at ${{ strong: at(first) }}, most ${worst}, ${why}.`
}

const CAUSES: Readonly<Record<LossCause, string>> = {
  'receive buffer': 'in the receive buffer: the receiver was too slow for the burst',
  'send queue': 'in the send queue of the sender’s host, before they left it',
  'emulated way': 'on the emulated way, as asked for',
  late: 'by arriving after the drain ended',
  damaged: 'by arriving damaged',
  elsewhere: 'on the way, not in the receive buffer',
  'refused by the system': 'beside what the system refused',
}

function causeWords(lossy: readonly CaseSummary[]): string {
  const [most] = bySize(lossy, mainCause)
  return most?.[0] === undefined ? 'and the kernel does not say where' : CAUSES[most[0]]
}

function lostAny({ loss }: CaseSummary): boolean {
  return (loss?.lost ?? 0) > 0
}

function ratioOf({ loss }: CaseSummary): number {
  return loss?.ratio ?? 0
}
