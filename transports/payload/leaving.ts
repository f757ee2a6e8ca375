/** Which transfer makes room where there are too many. */
import { monotonic } from '../../base/clock.ts'

/** A transfer younger than this is not judged by its rate. */
const GRACE_MS = 1000

interface Rated {
  /** In ms on the monotonic clock. */
  readonly begunAt: number
  /** Payload received so far. */
  readonly bytes: number
}

/**
 * Picks one of those whose group has most members: the one with the lowest average rate since it began.
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
  const rated = crowd.flatMap(member => {
    const { begunAt = now, bytes = 0 } = transferOf(member) ?? {}
    return now - begunAt < GRACE_MS ? [] : [{ member, rate: bytes / (now - begunAt) }]
  })
  const [slowest] = rated.sort((a, b) => a.rate - b.rate)
  return slowest?.member ?? (elseFirst ? crowd[0] : undefined)
}
