/** What the cases of a block send: payloads, streams, pictures and requests, and how many there are of each. Pure. */
import { counted, parseDuration } from '../base/units.ts'
import { ENDLESS_BYTES, type Transport } from '../transports/contract/transport.ts'
import type { MadeKind } from '../transports/payload/made.ts'
import { DEFAULTS } from './defaults.ts'
import { filmsOf } from './frames.ts'
import type { Settings } from './schema.ts'
import { GENERATED } from './settings/words.ts'

/** Parts of a case. */
interface Payloads {
  readonly sizeBytes: number
  readonly file?: string
  readonly files?: string[]
  readonly payload?: MadeKind
  readonly durationMs?: number
  readonly omitMs?: number
  readonly frames?: number
  readonly fps?: number
}
export interface Sizes extends Payloads {
  readonly chunkBytes: number
  readonly messages?: number
  readonly intervalMs?: number
}

/** How long a stream lasts where nothing else is asked for. */
export const STREAM_MS = parseDuration('10s')

export function streamOf({ durationMs = STREAM_MS, omitMs }: Settings): Payloads {
  return { sizeBytes: ENDLESS_BYTES, durationMs, ...(omitMs === undefined ? {} : { omitMs }) }
}

export function payloadsOf(
  { files, sizesBytes = DEFAULTS.sizesBytes, payloads = [GENERATED] }: Settings,
  fileSizes: ReadonlyMap<string, number>,
): readonly Payloads[] {
  if (files) return files.map(file => ({ file, sizeBytes: fileSizes.get(file) ?? 0 }))
  return sizesBytes.flatMap(sizeBytes =>
    payloads.map(payload => (payload === GENERATED ? { sizeBytes } : { sizeBytes, payload })),
  )
}

/** All files are the pictures of one case, whose size is that of the largest. */
export function picturesOf(settings: Settings, fileSizes: ReadonlyMap<string, number>): readonly Payloads[] {
  const all = payloadsOf(settings, fileSizes)
  const [first, ...others] = all
  const files = others.flatMap(each => each.file ?? [])
  const sizeBytes = Math.max(...all.map(each => each.sizeBytes))
  const pictures =
    settings.files && first ? [{ ...first, sizeBytes, ...(files.length > 0 ? { files } : {}) }] : all
  return pictures.flatMap(each => filmsOf(settings).map(film => ({ ...each, ...film })))
}

/** Requests of a trial where nothing else is asked for, and the time between two of them. */
const MESSAGES = { open: 100, closed: 1000 }
export const INTERVAL_MS = parseDuration('10ms')

/** Sizes of requests, and how many there are. A request is one datagram or write. */
export function requestsOf(
  { sizesBytes, messages, durationMs, intervalMs = INTERVAL_MS, pingPong }: Settings,
  { exchange }: Transport,
): readonly Sizes[] {
  const pace = pingPong ? {} : { intervalMs }
  const many =
    durationMs === undefined
      ? { messages: messages ?? MESSAGES[pingPong ? 'closed' : 'open'] }
      : { durationMs }
  // Without an exchange there is an obstacle, which the workload words.
  const { usualBytes = 1 } = exchange ?? {}
  return (sizesBytes ?? [usualBytes]).map(sizeBytes => ({
    ...{ sizeBytes, chunkBytes: sizeBytes },
    ...many,
    ...pace,
  }))
}

interface Load {
  readonly transport: string
  readonly chunkBytes: number
  readonly streams?: number
}

/** `tcp, 4 streams`: what tells the load of requests from others. */
export function loadOf({ transport, chunkBytes, streams }: Load, all: readonly Load[]): string {
  const several = new Set(all.map(each => each.chunkBytes)).size > 1
  return [
    transport,
    ...(streams === undefined ? [] : [counted(streams, 'stream')]),
    ...(several ? [`chunk ${chunkBytes}`] : []),
  ].join(', ')
}
