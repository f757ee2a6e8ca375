/** Which transfer makes room where there are too many. */
import { monotonic } from '../../base/clock.ts'

/** A transfer younger than this is not judged by its rate. */
const GRACE_MS = 1000

interface Rated {
  /** In ms on the monotonic clock. */
  readonly begunAt: number
  /** Its average rate since it began, in bit/s. */
  rateBps(now: number): number
}

/**
 * Picks one of those whose group has most members: the slowest.
 * @param groups in order of arrival, as their members are @param elseFirst the first one, if all of them have only just begun
 */
export function leavingOf<T>(
  groups: Iterable<Iterable<T>>,
  transferOf: (member: T) => Rated | undefined,
  elseFirst: boolean,
): T | undefined {
  const members = Array.from(groups, group => [...group])
  const most = Math.max(...members.map(each => each.length))
  const crowd = members.filter(each => each.length === most).flat()
  const now = monotonic()
  let slowest: { readonly member: T; readonly rateBps: number } | undefined
  for (const member of crowd) {
    const transfer = transferOf(member)
    if (!transfer || now - transfer.begunAt < GRACE_MS) continue
    const rateBps = transfer.rateBps(now)
    if (!slowest || rateBps < slowest.rateBps) slowest = { member, rateBps }
  }
  return slowest?.member ?? (elseFirst ? crowd[0] : undefined)
}
