/**
 * Paths that are known by name: what lies between a server and a client behind an access line, each with its source. Half of the round
 * trip is each way; what is sent goes down, to the client, and its answers up.
 */
import { formatDuration, formatPercent, formatRate, formatSize } from '../base/units.ts'
import type { Link, Way } from '../transports/impairment/spec.ts'

interface Path {
  readonly downBps?: number
  readonly upBps?: number
  readonly rttMs: number
  /** Standard deviation of the delay of each way. */
  readonly jitterMs?: number
  readonly loss?: Link['loss']
  /** Where it is not the usual one. */
  readonly queueBytes?: number
  readonly source: string
}

const k = 1e3
const M = 1e6
const WEBPAGETEST = 'WebPageTest, connectivity.ini'
const COMCAST = 'comcast, README'
const LOADERO = 'Loadero, network conditions'

const PATHS = {
  'wpt-cable': { downBps: 5 * M, upBps: 1 * M, rttMs: 28, source: WEBPAGETEST },
  'wpt-dsl': { downBps: 1.5 * M, upBps: 384 * k, rttMs: 50, source: WEBPAGETEST },
  'wpt-fios': { downBps: 20 * M, upBps: 5 * M, rttMs: 4, source: WEBPAGETEST },
  'wpt-3g': { downBps: 1.6 * M, upBps: 768 * k, rttMs: 300, source: WEBPAGETEST },
  'wpt-3g-fast': { downBps: 1.6 * M, upBps: 768 * k, rttMs: 150, source: WEBPAGETEST },
  'wpt-3g-slow': { downBps: 780 * k, upBps: 330 * k, rttMs: 200, source: WEBPAGETEST },
  'wpt-edge': { downBps: 240 * k, upBps: 200 * k, rttMs: 840, source: WEBPAGETEST },
  'wpt-2g': { downBps: 35 * k, upBps: 32 * k, rttMs: 1300, source: WEBPAGETEST },
  'slow-4g': { downBps: 1638.4 * k, rttMs: 150, source: 'Lighthouse, slow 4G' },
  'wifi-good': {
    ...{ downBps: 30 * M, upBps: 30 * M, rttMs: 40, source: COMCAST },
    loss: { share: 0.002 },
  },
  'dsl-poor': { ...{ downBps: 2 * M, upBps: 2 * M, rttMs: 70, source: COMCAST }, loss: { share: 0.02 } },
  gprs: { ...{ downBps: 50 * k, upBps: 50 * k, rttMs: 500, source: COMCAST }, loss: { share: 0.02 } },
  'loadero-4g': {
    ...{ downBps: 100 * M, upBps: 50 * M, rttMs: 45, source: LOADERO },
    loss: { share: 0.002 },
  },
  'loadero-hsdpa': {
    ...{ downBps: 20 * M, upBps: 10 * M, rttMs: 150, source: LOADERO },
    loss: { share: 0.005 },
  },
  geo: { rttMs: 600, source: 'a geostationary satellite: 477 ms at least by its distance, typically 600 ms' },
  starlink: {
    ...{ downBps: 104.71 * M, rttMs: 50, jitterMs: 10 },
    // 1.5 % in bursts of 10 packets, as handovers each 15 s lose them.
    loss: { toBad: 0.0015228, toGood: 0.1, inBad: 1, inGood: 0 },
    source:
      'rate: median of Ookla for the first quarter of 2025; round trip: median 50 ms, quartiles 40 and 60 ms (APNIC blog, 28 November 2022); loss: 1 to 2 %',
  },
  bufferbloat: {
    ...{ downBps: 10 * M, upBps: 10 * M, rttMs: 20, queueBytes: 1_250_000 },
    source: 'made up: a queue of a second',
  },
} as const satisfies Readonly<Record<string, Path>>

export type PathName = keyof typeof PATHS
export const PATH_NAMES = Object.keys(PATHS) as readonly PathName[] as readonly [PathName, ...PathName[]]

const LEAST_QUEUE_BYTES = 64 * 1024

/** What is emulated for a path. @param queueBytes of both directions, instead of its own: the largest of 64 KiB and rate x round trip */
function wayOf(name: PathName, queueBytes?: number): Way {
  const path: Path = PATHS[name]
  const { downBps, upBps, rttMs, jitterMs, loss } = path
  const link = (rateBps: number | undefined): Link => ({
    delay: { ms: rttMs / 2, ...(jitterMs === undefined ? {} : { jitterMs, distribution: 'normal' }) },
    ...(loss ? { loss } : {}),
    ...(rateBps === undefined ? {} : { rateBps, queueBytes: queueBytes ?? queueOf(path, rateBps) }),
  })
  return { up: link(downBps), down: link(upBps) }
}

/** Whether something waits for it. */
export function hasRate(name: PathName): boolean {
  return 'downBps' in PATHS[name]
}

/** What is emulated between both ends of a case; undefined for nothing. */
export function emulatedWay({
  way,
  path,
  queueBytes,
  trace,
}: {
  readonly way?: Way | undefined
  readonly path?: PathName | undefined
  readonly queueBytes?: number | undefined
  readonly trace?: string | undefined
}): Way | undefined {
  const known = way ?? (path && wayOf(path, queueBytes))
  if (trace === undefined) return known
  const { rateBps: _, ...up } = known?.up ?? {}
  return {
    up: { ...up, queueBytes: queueBytes ?? up.queueBytes ?? LEAST_QUEUE_BYTES, trace },
    down: known?.down ?? {},
  }
}

function queueOf({ queueBytes, rttMs }: Path, rateBps: number): number {
  return queueBytes ?? Math.max(LEAST_QUEUE_BYTES, Math.round((rateBps * rttMs) / 8000))
}

/** `5 Mbit/s down, 1 Mbit/s up, 28 ms, queue 64 KiB (WebPageTest, connectivity.ini)` */
export function describePath(name: PathName): string {
  const path: Path = PATHS[name]
  const { downBps, upBps, rttMs, jitterMs, loss, source } = path
  const parts = [
    downBps === undefined ? 'any rate' : `${formatRate(downBps)} down`,
    ...(upBps === undefined ? [] : [`${formatRate(upBps)} up`]),
    `round trip ${formatDuration(rttMs)}${jitterMs === undefined ? '' : ` ± ${formatDuration(jitterMs)} each way`}`,
    ...(loss
      ? [`${formatPercent('share' in loss ? loss.share : loss.toBad / (loss.toBad + loss.toGood))} lost`]
      : []),
    ...(downBps === undefined ? [] : [`queue ${formatSize(queueOf(path, downBps))}`]),
  ]
  return `${parts.join(', ')} (${source})`
}
