/** What no transfer may exceed: its longest time, its least rate, its size. */
import { formatBytes, formatMs, formatRate } from '../../base/units.ts'
import type { Failure } from '../contract/reports.ts'
import type { ReceiveOptions } from '../contract/transport.ts'

/** Rates are not judged before this. */
const GRACE_MS = 5000

/** Why a transfer that began at `begunAt` and has received this many bytes must end; undefined if it may continue. Times in ms. */
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

/** Why a transfer that is larger than any may be must end. @param announced true if the bytes were announced, false if they arrived */
export function tooLarge(bytes: number, limit: number, announced: boolean): Failure {
  const what = announced ? `the sender announced ${formatBytes(bytes)}` : `${formatBytes(bytes)} came`
  const message = `${what}; the most taken is ${formatBytes(limit)}`
  return { phase: 'handshake', code: 'TOO_LARGE', message }
}
