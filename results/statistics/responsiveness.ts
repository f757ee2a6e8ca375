/**
 * Responsiveness under working conditions, as draft-ietf-ippm-responsiveness-09 defines it, in the form for TCP without TLS: round trips per
 * minute (RPM). Pure; times in ms.
 */
import type { CONFIDENCES } from '../schema/columns/responsiveness.ts'
import { meanOf } from './means.ts'

/** How many intervals have to agree, and how far they may be apart. */
export const STABLE_INTERVALS = 4
const TOLERANCE = 0.05
/** Share of the slowest probes that do not count. */
const TRIMMED = 0.05
/** The most probes a second, and the most of the capacity that they may take. */
const MOST_PROBES = 100
const MOST_SHARE = 0.05

/** What probes took: to connect, the first request on a fresh connection, and a request behind the load. */
export interface Probes {
  readonly tcpMs: readonly number[]
  readonly httpMs: readonly number[]
  readonly loadedMs: readonly number[]
}

/** Trimmed means of the probes, and what they make. Undefined where there are no probes. */
export interface Responsiveness {
  readonly tcpMs: number | undefined
  readonly httpMs: number | undefined
  readonly loadedMs: number | undefined
  readonly rpm: number | undefined
}

export function responsivenessOf(probes: Probes): Responsiveness {
  const [tcpMs, httpMs, loadedMs] = [probes.tcpMs, probes.httpMs, probes.loadedMs].map(trimmedMean)
  const known = tcpMs !== undefined && httpMs !== undefined && loadedMs !== undefined
  return { tcpMs, httpMs, loadedMs, rpm: known ? rpmOf(tcpMs, httpMs, loadedMs) : undefined }
}

/** Half of it is what fresh connections see, and half what requests behind the load do. */
export function rpmOf(tcpMs: number, httpMs: number, loadedMs: number): number {
  const PER_MINUTE = 60_000
  return (PER_MINUTE / ((tcpMs + httpMs) / 2) + PER_MINUTE / loadedMs) / 2
}

/** Single-sided: the mean without the largest 5 %. Undefined of nothing. */
export function trimmedMean(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined
  const kept = values.toSorted((a, b) => a - b).slice(0, values.length - Math.floor(values.length * TRIMMED))
  return mean(kept)
}

/**
 * Whether the latest moving averages over four intervals are stable: their standard deviation is under 5 % of the last one.
 * @param values of one interval each, in order; undefined where there is none
 */
export function isStable(values: readonly (number | undefined)[]): boolean {
  const averages = values.map((_, index) =>
    mean(values.slice(Math.max(0, index + 1 - STABLE_INTERVALS), index + 1)),
  )
  const last = averages.slice(-STABLE_INTERVALS)
  if (last.length < STABLE_INTERVALS) return false
  const { squared, degrees } = meanOf(last)
  const deviation = Math.sqrt(squared * degrees)
  return deviation < TOLERANCE * (last.at(-1) ?? Number.NaN)
}

/** NaN if any of them is undefined. */
function mean(values: readonly (number | undefined)[]): number {
  return values.reduce<number>((sum, each) => sum + (each ?? Number.NaN), 0) / values.length
}

/** Probes a second that a capacity allows. @param probeBytes that one takes on the way */
export function probesPerSecond(capacityBps: number, probeBytes: number): number {
  return Math.min(MOST_PROBES, (MOST_SHARE * capacityBps) / (8 * probeBytes))
}

type Confidence = (typeof CONFIDENCES)[number]

/** By what was stable when the measurement ended. */
export function confidenceOf(goodputStable: boolean, rpmStable: boolean): Confidence {
  return goodputStable && rpmStable ? 'high' : goodputStable || rpmStable ? 'medium' : 'low'
}

/** What people make of it, in the words of the draft's authors. */
export function classOf(rpm: number): 'poor' | 'fair' | 'good' | 'excellent' {
  return rpm < 300 ? 'poor' : rpm < 1000 ? 'fair' : rpm < 6000 ? 'good' : 'excellent'
}
