/** What the kernel drops at the socket of `bench receive`, while a transfer is under way. */
import { monotonic } from '../../../base/clock.ts'
import type { ReceiveReport } from '../../../transports/contract/reports.ts'
import type { Receiver } from '../../../transports/contract/transport.ts'
import { socketDrops } from '../../fleet/agent/kernel.ts'

export interface Drops {
  readonly count: number
  /** Others may have sent some of these, or all: it is the most that this transfer can have lost there. */
  readonly shared: boolean
}

/** Readings to keep; a transfer that began before the oldest is counted from the start. */
const MOST_READINGS = 1000

/** Returns what gives the drops of a transfer that ends; undefined if the kernel does not count them. */
export function watchDrops(
  receiver: Pick<Receiver, 'endpoint' | 'info'>,
  now = monotonic,
): (report: ReceiveReport) => Drops | undefined {
  /** Each change of the count, when it was read. */
  const readings: { readonly at: number; readonly total: number }[] = []
  return ({ begunAt = Number.NEGATIVE_INFINITY, alone }) => {
    const { endpoint, info } = receiver
    const total = info.drops ?? socketDrops(endpoint.port, endpoint.family)
    if (total === undefined) return undefined
    const before = readings.findLast(({ at }) => at <= begunAt)?.total ?? 0
    if (total !== readings.at(-1)?.total) readings.push({ at: now(), total })
    if (readings.length > MOST_READINGS) readings.shift()
    return { count: Math.max(0, total - before), shared: !alone }
  }
}
