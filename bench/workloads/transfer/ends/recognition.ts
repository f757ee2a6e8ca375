/** What the bytes that a receiver held say, after the clock has stopped: which datagrams they are, and what can be decoded of a picture. */
import { decodePicture } from '../../../../base/pictures/pictures.ts'
import type { Range } from '../../../../base/pictures/pixels.ts'
import type { ReceiveReport, SentCounts } from '../../../../transports/contract/reports.ts'
import type { Carrier, PayloadWindow } from '../../../../transports/contract/transport.ts'
import { digest } from '../../../../transports/payload/generated.ts'
import { isPicture } from '../../../../transports/payload/made.ts'
import { identify } from '../../../../transports/payload/reception.ts'
import type { Fingerprint, ReceiveSide } from '../../../fleet/calls/agent-calls.ts'
import type { Made } from './payload-store.ts'

type Recognized = ReceiveReport & Pick<ReceiveSide['report'], 'picture'>

/** Checks a file, or what was `made`, by its digests. @param fingerprint absent where nothing is to be checked */
export async function recognize(
  report: ReceiveReport,
  { datagramsAccepted = 0 }: SentCounts,
  fingerprint: Fingerprint | undefined,
  made: Made | undefined,
  carrier: Carrier,
): Promise<Recognized> {
  const { held } = report
  if (!fingerprint || !held) return report
  // Without its beginning, no receiver would have saved it.
  const begun = report.missing === undefined || report.missing === 'end'
  const intact = begun && digest(held.parts) === fingerprint.sha256
  if (!fingerprint.digests || !report.datagrams) {
    const numbered = made && held.numbers && missingOf(made.payload.windows(), new Set(held.numbers))
    return { ...report, intact, picture: await pictureOf(made, sent => numbered ?? behind(held.parts, sent)) }
  }
  const { bytes, arrived, alike, ...counts } = identify(held, fingerprint.digests, datagramsAccepted)
  const { datagrams } = carrier.transfer
  const missing = made && datagrams ? missingOf(datagrams(made.payload), arrived) : []
  // Of equal chunks nobody knows which are missing.
  const picture = alike && missing.length > 0 ? undefined : await pictureOf(made, () => missing)
  const found = { ...report.datagrams, ...counts, ...(alike ? { alike } : {}) }
  return { ...report, intact, picture, bytesDelivered: bytes, datagrams: found }
}

/** Decodes it, as far as its bytes are there. Undefined if it is not a picture. */
async function pictureOf(
  made: Made | undefined,
  missing: (sent: Buffer) => readonly Range[],
): Promise<Recognized['picture']> {
  if (!made || !isPicture(made.kind)) return undefined
  // What arrived equals what was made, except for what is missing.
  const found = await decodePicture(made.kind, made.payload.whole(), missing(made.payload.whole()))
  if (!found || found.decoded === 0) return 'not'
  return found.decoded === found.width * found.height ? 'whole' : 'partly'
}

/** Of bytes in order: everything behind the first one that is missing or damaged. */
export function behind(parts: readonly Buffer[], sent: Buffer): readonly Range[] {
  let start = 0
  for (const part of parts) {
    const same = part.equals(sent.subarray(start, start + part.length))
    start += same ? part.length : part.findIndex((byte, at) => byte !== sent[start + at])
    if (!same) break
  }
  return start < sent.length ? [{ start, end: sent.length }] : []
}

/** Where the datagrams of a payload were that did not arrive, in order. */
export function missingOf(windows: Iterable<PayloadWindow>, arrived: ReadonlySet<number>): readonly Range[] {
  const missing: Range[] = []
  let [index, end] = [0, 0]
  for (const { bytes, chunkBytes } of windows)
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      const start = end
      end += Math.min(chunkBytes, bytes.length - at)
      if (arrived.has(index++)) continue
      const before = missing.at(-1)
      if (before?.end === start) missing[missing.length - 1] = { start: before.start, end }
      else missing.push({ start, end })
    }
  return missing
}
