/** The figures that are to be seen first: of each case, or of each line the case that a rule chooses; whatever was measured of it. */
import { given } from '../../../base/given.ts'
import { ascending, groupBy } from '../../../base/groups.ts'
import { counted, formatCount, formatPercent } from '../../../base/units.ts'
import { type Case, namedCases, namedLines } from '../../charts/case.ts'
import { type Answer, answerOf } from '../../compare/answer.ts'
import { MOST_COMPARED } from '../../compare/within.ts'
import { rttCell, unansweredCell } from '../../document/exchange-table.ts'
import { NONE } from '../../document/figures.ts'
import { delayCell, onTimeCell } from '../../document/frames-table.ts'
import type { Figure, PageBlock, TableCell } from '../../document/model.ts'
import { classCell, rpmCell } from '../../document/responsiveness-table.ts'
import { say } from '../../document/say.ts'
import { goodputCell } from '../../document/table.ts'
import { describeField } from '../../schema/cells.ts'
import { casesOf, type Source } from './source.ts'

/** More of them would not be seen first. */
const MOST = 6

/** None where there are more than a glance can take. */
export function tilesOf(cases: readonly Case[]): readonly PageBlock[] {
  const known = cases.filter(isKnown)
  if (known.length <= MOST) return [{ kind: 'figures', items: namedCases(known).map(tile) }]
  const lines = namedLines(known, ['size_bytes', 'chunk_bytes'])
  const place = lines.length > MOST ? undefined : commonPlace(lines.map(line => line.cases))
  if (!place) return []
  const at = lines.flatMap(({ name, cases: all }) =>
    all.filter(each => isAt(each, place)).map(each => tile({ ...each, name })),
  )
  const where = (['size_bytes', 'chunk_bytes'] as const)
    .filter(field => known.some(({ cell }) => cell[field] !== place.cell[field]))
    .map(field => describeField(place.cell, field))
  const rule = `At ${where.join(', ')}: the largest that all have in common and none refused.`
  return [
    { kind: 'figures', items: at },
    { kind: 'legend', lines: [rule] },
  ]
}

function commonPlace(lines: readonly (readonly Case[])[]): Case | undefined {
  const taken = lines.map(line => line.filter(({ outcomes }) => outcomes.refused === 0))
  return taken[0]
    ?.filter(place => taken.every(line => line.some(each => isAt(each, place))))
    .toSorted(
      ({ cell: a }, { cell: b }) =>
        ascending(b.size_bytes ?? 0, a.size_bytes ?? 0) || b.chunk_bytes - a.chunk_bytes,
    )[0]
}

function isAt({ cell }: Case, place: Case): boolean {
  return cell.size_bytes === place.cell.size_bytes && cell.chunk_bytes === place.cell.chunk_bytes
}

/** One for each workload of a file: which transport is the best or, where they do not compete, the figure, or the least and the largest. */
export function transportAnswers(source: Source): readonly Answer[] {
  const cases = groupBy(casesOf([source]), ({ cell }) => cell.workload)
  return [...cases].map(
    ([workload, ofOne]) =>
      answerOf(source.records.filter(each => each.workload === workload)) ?? loneAnswer(ofOne),
  )
}

function loneAnswer(cases: readonly Case[]): Answer {
  const transports = new Set(cases.map(({ cell }) => cell.transport)).size
  const why = `${formatCount(transports)} transports are more than are held against each other here; choose some with --filter.`
  const [text, ...more] = rangeOf(cases)
  return [text, ...more, ...given(transports > MOST_COMPARED && why)]
}

function rangeOf(cases: readonly Case[]): Answer {
  const known = namedCases(cases.filter(isKnown))
  const sorted = known.toSorted((a, b) => (figureOf(a).value ?? 0) - (figureOf(b).value ?? 0))
  const [least, most] = [sorted[0], sorted.at(-1)]
  if (!least || !most) return [say`${{ strong: 'No figure' }} is known of any trial`]
  const figure = (each: Case) => ({ strong: figureOf(each).text })
  if (known.length > 1)
    return [say`From ${figure(least)} (${{ name: least.name }}) to ${figure(most)} (${{ name: most.name }})`]
  return [say`${{ name: least.name }}: ${figure(least)}`, tile(least).details.join('; ')]
}

function isKnown(each: Case): boolean {
  return figureOf(each) !== NONE
}

/** What a case is measured for. */
function figureOf(each: Case): TableCell {
  if (each.frames) return onTimeCell(each)
  const rpm = rpmCell(each)
  if (rpm !== NONE) return { ...rpm, text: `${rpm.text} RPM` }
  return each.exchange ? rttCell(each) : goodputCell(each)
}

function tile(summary: Case & { readonly name: string }): Figure {
  const { name: label, loss, outcomes, records, exchange, frames } = summary
  const { text: value, detail } = figureOf(summary)
  const { refused = 0, offered = 1 } = summary.refusals ?? {}
  const trials = counted(records.length, 'trial')
  const { lost = 0, ratio = 0 } = loss ?? {}
  return {
    label,
    value: frames ? `${value} on time` : value,
    details: given(
      ...(rpmCell(summary) === NONE ? [] : [classCell(summary).text, goodputCell(summary).text]),
      detail && (/^\d/.test(detail) ? `95 %: ${detail}` : detail),
      frames && `delay ${delayCell(summary).text}`,
      exchange && `${unansweredCell(summary).text} unanswered`,
      lost > 0 && `${formatPercent(ratio)} lost`,
      loss &&
        lost === 0 &&
        !exchange &&
        (outcomes.incomplete > 0
          ? `${formatCount(outcomes.incomplete)} of ${trials} incomplete`
          : 'nothing lost'),
      refused > 0 && `${formatPercent(refused / offered)} refused`,
      refused === 0 && outcomes.refused > 0 && `${formatCount(outcomes.refused)} of ${trials} refused`,
    ),
  }
}
