/** Transfers that take too long: each may last so long, and has to bring so much a second. */
import { formatBytes, formatMs, formatRate } from '../../base/units.ts'
import type { Failure } from '../contract/reports.ts'
import type { ReceiveOptions } from '../contract/transport.ts'

/** For so long no rate is judged. */
const GRACE_MS = 5000

/** Why a transfer that began at `begunAt` and has brought so many bytes has to end; undefined while it may go on. Moments in ms. */
export function slowness(
  { timeoutMs, minRateBps }: Pick<ReceiveOptions, 'timeoutMs' | 'minRateBps'>,
  begunAt: number,
  bytes: number,
  now: number,
): Failure | undefined {
  const ageMs = now - begunAt
  if (timeoutMs !== undefined && ageMs >= timeoutMs) {
    const message = `not over within ${formatMs(timeoutMs)}, after ${formatBytes(bytes)}`
    return { phase: 'transfer', code: 'TIMEOUT', message }
  }
  if (minRateBps === undefined || ageMs < GRACE_MS || (bytes * 8000) / ageMs >= minRateBps) return undefined
  const message = `${formatBytes(bytes)} in ${formatMs(ageMs)} is less than ${formatRate(minRateBps)}`
  return { phase: 'transfer', code: 'TOO_SLOW', message }
}
