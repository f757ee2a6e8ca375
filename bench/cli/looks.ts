/** Words for rounds that go on until medians are known well: how far they are, and how they ended. Pure. */
import { counted, formatPercent } from '../../base/units.ts'
import { describeCell, tellingFields } from '../../results/schema/cells.ts'
import { describeMaxTime, describeShare } from '../../scenarios/until.ts'
import { type Look, wideCases } from '../measure/looks.ts'

/** `12 rounds: each median is known within ± 5 %`, or which are not. */
export function describeEnd({ until, rounds, cases }: Look): string {
  const wide = wideCases(until, cases)
  const fields = tellingFields(cases.map(each => each.cell))
  const empty = cases.filter(each => each.empty).map(({ cell }) => describeCell(cell, fields))
  const unknown = empty.length > 0 ? `; nothing to go by: ${empty.join('; ')}` : ''
  const heading = `${counted(rounds, 'round')}: `
  if (wide.length === 0) {
    const known = empty.length === cases.length ? 'no median' : 'each median'
    return `${heading}${known} is known within ${describeShare(until)}${unknown}`
  }
  const names = wide.map(({ cell, halfWidth }) => `${describeCell(cell, fields)} (${shown(halfWidth)})`)
  return `${heading}not known within ${describeShare(until)} after --max-time ${describeMaxTime(until)}: ${names.join('; ')}${unknown}`
}

/** `± 8.2 % so far, until ± 5 %`: of the case that is known worst. */
export function describeWidest({ until, cases, rounds }: Look): string {
  if (rounds === 0) return `until ${describeShare(until)}`
  const widths = wideCases(until, cases).map(each => each.halfWidth)
  const all = cases.flatMap(({ halfWidth }) => halfWidth ?? [])
  const widest = widths.includes(undefined) ? undefined : Math.max(0, ...all)
  return `${shown(widest)} so far, until ${describeShare(until)}`
}

function shown(halfWidth: number | undefined): string {
  return halfWidth === undefined ? 'no interval' : `± ${formatPercent(halfWidth)}`
}
