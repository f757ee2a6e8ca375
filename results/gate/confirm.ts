/** A failure that may be chance has to show again in fresh trials. */
import { type Cell, cellKey } from '../schema/cells.ts'
import { type Check, isSuspicious } from './check.ts'

/** Why a cell cannot be measured again; undefined where nobody knows. */
export type Obstacle = string | ((cell: Cell) => string | undefined)

/**
 * The first checks with what came of measuring the suspicious ones again: one that fails there has failed, one that does not is
 * inconclusive. What failed as a fact in the fresh trials only has failed too.
 */
export function confirm(
  first: readonly Check[],
  fresh: readonly Check[],
  obstacleTo?: Obstacle,
): readonly Check[] {
  const freshByKey = new Map(fresh.map(each => [keyOf(each), each]))
  const facts = new Set(first.filter(each => !each.statistical && each.status === 'failed').map(keyOf))
  const confirmed = first.map(check => {
    if (!isSuspicious(check)) return check
    const again = freshByKey.get(keyOf(check))
    if (!again) return notMeasured(check, obstacleTo)
    const { status, sentence, figures } = again
    return {
      ...check,
      status: status === 'failed' ? ('failed' as const) : ('inconclusive' as const),
      again: { status, sentence, figures },
    }
  })
  const news = fresh.filter(each => !each.statistical && each.status === 'failed' && !facts.has(keyOf(each)))
  const found = new Map(
    news.map(each => [keyOf(each), { ...each, sentence: `when measured again, ${each.sentence}` }]),
  )
  const known = new Set(first.map(keyOf))
  // Without a cell it speaks of those that were not measured again.
  const unseen = [...found].flatMap(([key, fact]) => (known.has(key) || !fact.cell ? [] : [fact]))
  return [...confirmed.map(check => found.get(keyOf(check)) ?? check), ...unseen]
}

/** The same failures, where nothing can be measured again. */
export function unconfirmed(checks: readonly Check[], obstacleTo: Obstacle): readonly Check[] {
  return checks.map(check => (isSuspicious(check) ? notMeasured(check, obstacleTo) : check))
}

function notMeasured(check: Check, obstacleTo: Obstacle | undefined): Check {
  const reason =
    (typeof obstacleTo === 'string' ? obstacleTo : check.cell && obstacleTo?.(check.cell)) ??
    'no trial came of it'
  return { ...check, again: { notMeasured: reason } }
}

function keyOf({ kind, subject, cell }: Check): string {
  return JSON.stringify([kind, subject, cell ? cellKey(cell) : null])
}
