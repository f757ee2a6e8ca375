/** Sends a payload as datagrams: the part shared by all UDP transports. Each wire format is a `SendingFormat`. */

import { monotonic } from '../../base/clock.ts'
import { given } from '../../base/given.ts'
import { Bell, LONGEST_PAUSE_MS, onAbort } from '../../base/waiting.ts'
import type { Failure, Phase, SendReport } from '../contract/reports.ts'
import type { DatagramSocket, SendTally } from '../contract/sockets.ts'
import type { Payload, PayloadWindow, SendOptions, Transfer } from '../contract/transport.ts'
import { countsOf, newTally } from '../engines/tally.ts'
import { datagramCount } from '../payload/reception.ts'
import { type ChunkHeader, withHeaders } from './headers.ts'
import { fromOneSocket } from './line.ts'
import { type Pace, paceOf, unpaced } from './pacing.ts'

export interface SendingFormat {
  /** Sent before the payload. */
  readonly begin?: (payload: Payload) => Buffer
  /** Sent after it. */
  readonly end?: Buffer
  /** The receiver's reply when it has everything. */
  readonly acknowledgement?: Buffer
  readonly datagrams: (payload: Payload) => Iterable<PayloadWindow>
  /** Put in front of every chunk of a payload; counts as no payload. */
  readonly header?: (payload: Payload) => ChunkHeader
}

/** The most chunks that leave together with what begins and ends a transfer: beside more of them, one more system call is nothing. */
const MOST_TOGETHER = 16
/** The sender idles this long after the last datagram, so that a receiver on the same CPU gets it before the sender reports and closes. */
const REST_MS = 1

/** Sends from a connected socket, whose answers are heard by one reader, however many payloads follow each other. */
export function datagramSender(format: SendingFormat): Pick<Transfer, 'datagrams' | 'send' | 'open'> {
  return { datagrams: format.datagrams, ...datagramSenderOf(() => format, format.acknowledgement) }
}

/** The same for a format in which each payload has something of its own. */
export function datagramSenderOf(
  format: (payload: Payload) => SendingFormat,
  acknowledgement?: Buffer,
): Pick<Transfer, 'send' | 'open'> {
  return fromOneSocket(socket => {
    const answer = new Answer(socket, acknowledgement)
    return (payload, options) => transfer(socket, answer, payload, options, format(payload))
  })
}

async function transfer(
  socket: DatagramSocket,
  answer: Answer,
  payload: Payload,
  options: SendOptions,
  format: SendingFormat,
): Promise<SendReport> {
  answer.expect(payload)
  const tally = newTally()
  const pace = paceOf(options.rateBps)
  const header = format.header?.(payload)
  const headerBytes = header?.bytes ?? 0
  const begin = format.begin?.(payload)
  const together = pace === unpaced ? joined(socket, payload, format, begin, tally) : undefined
  const startedAt = monotonic()
  if (together) answer.offer(payload.sizeBytes)
  const already = together?.() ?? NOTHING
  let failure: Failure | undefined
  if (begin && !already.begun) failure = await single(socket, begin, 'handshake', tally)

  const windows = header ? withHeaders(format.datagrams(payload), header) : format.datagrams(payload)
  const longest = { bytes: 0 }
  const transferAt = already.begun ? startedAt : monotonic()
  // Without its beginning, no receiver would accept the payload.
  if (!failure && !tally.refusal)
    failure = await offerAll(socket, windows, headerBytes, pace, tally, longest, options, answer)
  const acceptedAt = monotonic()
  if (!failure && format.end && !already.ended) failure = await single(socket, format.end, 'transfer', tally)
  const sentAt = monotonic()

  await socket.pause(options.restMs ?? REST_MS)
  // The error of a path takes its round trip, and may come after the last datagram. An acknowledgement is awaited below.
  if (!failure && !format.acknowledgement && answer.fault) failure = { phase: 'transfer', ...answer.fault }
  const counts = countsOf(tally, payloadBytes(tally, headerBytes))
  options.sent(counts)
  // No receiver acknowledges a payload that was partly refused.
  if (!failure && format.acknowledgement && !tally.refusal) failure = await answer.wait(options)
  const answeredAt = answer.at
  // A receiver on another CPU may have everything, and have replied, before the last call returns: then there was no such phase.
  const awaited = answeredAt !== undefined && answeredAt >= acceptedAt
  return {
    ...counts,
    startedAt,
    totalMs: (answeredAt ?? sentAt) - startedAt,
    transferMs: acceptedAt - transferAt,
    ackMs: awaited ? answeredAt - acceptedAt : undefined,
    acknowledged: answeredAt !== undefined,
    sendsRepeated: tally.repeated,
    longestBytes: longest.bytes || undefined,
    paceLatenessMs: pace.latenessMs,
    paceBurst: pace.burst,
    refusal: tally.refusal,
    failure,
    state: socket.state,
    info: socket.info(),
  }
}

/** What left in the first system call. */
interface Already {
  readonly begun: boolean
  readonly ended: boolean
}
const NOTHING: Already = { begun: false, ended: false }

/**
 * Makes ready to offer a transfer of few datagrams, with what begins and ends it, in one system call, where the engine can. Undefined where
 * it cannot, and for more datagrams: they leave one step after the other.
 */
function joined(
  socket: DatagramSocket,
  payload: Payload,
  format: SendingFormat,
  begin: Buffer | undefined,
  tally: SendTally,
): (() => Already) | undefined {
  if (!socket.together || !begin || format.header || datagramCount(payload) > MOST_TOGETHER) return undefined
  const [window, ...others] = format.datagrams(payload)
  if (!window || others.length > 0) return undefined
  const { bytes, chunkBytes } = window
  const chunks = Array.from({ length: datagramCount({ sizeBytes: bytes.length, chunkBytes }) }, (_, index) =>
    bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes),
  )
  const offer = socket.together([begin, ...chunks, ...given(format.end)])
  if (!offer) return undefined
  return () => {
    const taken = offer()
    const accepted = Math.min(Math.max(0, taken - 1), chunks.length)
    tally.accepted += accepted
    tally.acceptedBytes += Math.min(accepted * chunkBytes, bytes.length)
    return { begun: taken > 0, ended: taken > 1 + chunks.length }
  }
}

/** Offers each datagram that has not left yet to the system when it is due; returns the failure that ended it, if any. */
async function offerAll(
  socket: DatagramSocket,
  windows: Iterable<PayloadWindow>,
  headerBytes: number,
  pace: Pace,
  tally: SendTally,
  longest: { bytes: number },
  { signal, durationMs = Number.POSITIVE_INFINITY, meter }: SendOptions,
  answer: Answer,
): Promise<Failure | undefined> {
  const startedAt = monotonic()
  let offeredBytes = 0
  // Those that left together are in the only window.
  const first = tally.accepted
  for (const { bytes, chunkBytes } of windows) {
    const chunks = datagramCount({ sizeBytes: bytes.length, chunkBytes })
    const paidBytes = chunkBytes - headerBytes
    longest.bytes = Math.max(longest.bytes, Math.min(chunkBytes, bytes.length))
    for (let index = first; index < chunks; ) {
      if (offeredBytes > 0 && pace !== unpaced) {
        const waitMs = pace.waitMs(monotonic() - startedAt, offeredBytes)
        const leftMs = startedAt + durationMs - monotonic()
        await socket.pause(Math.max(0, Math.min(waitMs, LONGEST_PAUSE_MS, leftMs)))
      }
      if (signal.aborted)
        return { phase: 'transfer', code: 'ABORTED', message: 'the transfer was called off' }
      const now = monotonic()
      if (meter && now >= meter.nextAt)
        meter.reach(now, {
          bytes: payloadBytes(tally, headerBytes),
          datagrams: tally.accepted,
          advanced: tally.accepted + tally.refused,
        })
      if (now - startedAt >= durationMs) return undefined
      const due = pace.due(now - startedAt, offeredBytes, paidBytes)
      const count = Math.min(chunks - index, socket.burst(chunkBytes), due)
      if (count === 0) continue
      answer.offer(offeredBytes + count * paidBytes)
      await socket.send(bytes, chunkBytes, index, count, tally)
      index += count
      offeredBytes += count * paidBytes
      if (pace !== unpaced) pace.note(monotonic() - startedAt, offeredBytes, paidBytes)
      const fault = tally.failure ?? answer.fault
      if (fault) return { phase: 'transfer', ...fault }
    }
  }
  return undefined
}

/** Sends a marker or header. It does not count as payload; `transfer` reports if it was refused. */
async function single(
  socket: DatagramSocket,
  bytes: Buffer,
  phase: Phase,
  transfer: SendTally,
): Promise<Failure | undefined> {
  const tally = newTally()
  await socket.send(bytes, bytes.length, 0, 1, tally)
  transfer.repeated += tally.repeated
  if (tally.refusal) transfer.refusal ??= tally.refusal
  return tally.failure && { phase, ...tally.failure }
}

function payloadBytes({ accepted, acceptedBytes }: SendTally, headerBytes: number): number {
  return acceptedBytes - accepted * headerBytes
}

/** Waits for the receiver's acknowledgements. Listens from the start, since path errors arrive here too. */
class Answer {
  /** When that of the current payload arrived, in ms on the monotonic clock. */
  at: number | undefined
  fault: { code: string; message: string } | undefined
  #sizeBytes = 0
  /** False while an answer is that to an earlier payload, and late: the last of this one has not been offered, and that one had no answer. */
  #mayCome = true
  readonly #bell = new Bell()

  constructor(socket: DatagramSocket, acknowledgement: Buffer | undefined) {
    socket.read(
      (memory, start, end, _from, at) => {
        if (!acknowledgement || !memory.subarray(start, end).equals(acknowledgement)) return
        if (this.#mayCome) this.at ??= at
        this.#bell.ring()
      },
      code => {
        this.fault ??= { code, message: `nobody listens at the receiver's address (${code})` }
        this.#bell.ring()
      },
    )
  }

  /** From now on the answer to this payload. */
  expect({ sizeBytes }: Payload): void {
    this.#mayCome = this.#sizeBytes === 0 || this.at !== undefined
    this.at = undefined
    this.#sizeBytes = sizeBytes
  }

  /** So many bytes of the payload will have been offered after the next call. */
  offer(bytes: number): void {
    this.#mayCome ||= bytes >= this.#sizeBytes
  }

  async wait({ answerTimeoutMs, unanswered, signal }: SendOptions): Promise<Failure | undefined> {
    using _givenUp = onAbort(unanswered, () => this.#bell.ring())
    if (this.at === undefined && !this.fault && !unanswered.aborted)
      await this.#bell.wait(answerTimeoutMs, signal)
    if (this.at !== undefined || unanswered.aborted) return undefined
    if (signal.aborted) return { phase: 'ack', code: 'ABORTED', message: 'the transfer was called off' }
    if (this.fault) return { phase: 'ack', ...this.fault }
    return { phase: 'ack', code: 'TIMEOUT', message: `no acknowledgement within ${answerTimeoutMs} ms` }
  }
}
