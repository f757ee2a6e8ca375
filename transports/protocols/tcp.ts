/** SIZE / GOT SIZE, the payload, GOT IMAGE / BYE over one TCP connection. The receiving side is in stream/. */
import { monotonic } from '../../base/clock.ts'
import { errorCode, errorMessage } from '../../base/errors.ts'
import { onAbort, Watchdog } from '../../base/waiting.ts'
import type { Failure, Phase, SendReport } from '../contract/reports.ts'
import type { Endpoint } from '../contract/socket-facts.ts'
import type { Secured, Sockets, StreamSocket } from '../contract/sockets.ts'
import type { Carrier, Payload, PayloadWindow, SendOptions } from '../contract/transport.ts'
import { connectLoad } from '../load/client.ts'
import { serveLoad } from '../load/server.ts'
import { codeOf, connect } from '../stream/connect.ts'
import { BYE, GOT_IMAGE, GOT_SIZE, Replies, sizeHeader } from '../stream/messages.ts'
import { receiveStream } from '../stream/receiver.ts'

export const tcp: Carrier = {
  name: 'tcp',
  summary: 'TCP: SIZE / GOT SIZE, the bytes, GOT IMAGE / BYE',
  traits: { socket: 'stream', reliable: true, acknowledged: true },
  port: 12345,
  transfer: { endless: true, receive: receiveStream, send: sendStream },
  load: { connect: connectLoad, serve: serveLoad },
}

/** How long to wait for the acknowledgement before reporting how much was sent: reporting takes CPU that the receiver may need. */
const REPORT_AFTER_MS = 20

/** Progress so far; becomes the report however the transfer ends. */
type Progress = { -readonly [Name in keyof SendReport]?: SendReport[Name] } & {
  startedAt: number
  bytesAccepted: number
  acknowledged: boolean
}

/** @param secure does what comes between the connection and the dialogue, if anything does */
export async function sendStream(
  sockets: Sockets,
  to: Endpoint,
  payload: Payload,
  options: SendOptions,
  secure?: (stream: StreamSocket) => Promise<Secured>,
): Promise<SendReport> {
  let stream: StreamSocket | undefined
  const hangUp = () => void stream?.[Symbol.asyncDispose]()
  // Prepare everything that takes time before the clock starts.
  const header = Buffer.from(sizeHeader(payload.sizeBytes), 'latin1')
  const windows = startOf(payload.windows())
  const replies = new Replies()
  using patience = new Watchdog(options.answerTimeoutMs, hangUp)
  using _hangUp = onAbort(options.signal, hangUp)
  try {
    const { startedAt, ...attempt } = await connect(sockets, to, options)
    const progress: Progress = { startedAt, bytesAccepted: 0, acknowledged: false }
    if (attempt.failure) {
      options.sent({ bytesAccepted: 0 })
      return report(progress, undefined, attempt.failure)
    }
    stream = attempt.stream
    progress.connectMs = attempt.connectMs
    const client = { stream, replies, header, patience }
    const connectedAt = startedAt + attempt.connectMs
    const failure =
      (secure && (await inTls(client, secure, options, progress))) ??
      (await converse(client, windows, options, progress, connectedAt + (progress.tlsMs ?? 0)))
    return report(progress, stream, failure)
  } finally {
    await stream?.[Symbol.asyncDispose]()
  }
}

/** The same, with the first one made at once. */
function startOf(windows: Iterable<PayloadWindow>): Iterable<PayloadWindow> {
  const rest = windows[Symbol.iterator]()
  let next = rest.next()
  return (function* () {
    for (; !next.done; next = rest.next()) yield next.value
  })()
}

interface Client {
  readonly stream: StreamSocket
  readonly replies: Replies
  readonly header: Buffer
  /** Hangs up if the server takes too long. */
  readonly patience: Watchdog
}

/** Does the TLS handshake; returns the failure that ended it, if any. */
async function inTls(
  { stream, patience }: Client,
  secure: (stream: StreamSocket) => Promise<Secured>,
  { signal, answerTimeoutMs, sent }: SendOptions,
  progress: Progress,
): Promise<Failure | undefined> {
  const begunAt = monotonic()
  patience.renew()
  try {
    Object.assign(progress, await secure(stream), { tlsMs: monotonic() - begunAt })
    return undefined
  } catch (error) {
    sent({ bytesAccepted: 0 })
    if (signal.aborted)
      return { phase: 'tls-handshake', code: 'ABORTED', message: 'the transfer was called off' }
    if (patience.expired) {
      const message = `no TLS handshake with the receiver within ${Math.round(answerTimeoutMs)} ms`
      return { phase: 'tls-handshake', code: 'TIMEOUT', message }
    }
    return { phase: 'tls-handshake', code: errorCode(error) ?? 'TLS', message: errorMessage(error) }
  }
}

/** Runs the dialogue of a connected client; returns the failure that ended it, if any. */
async function converse(
  client: Client,
  windows: Iterable<PayloadWindow>,
  options: SendOptions,
  progress: Progress,
  helloAt: number,
): Promise<Failure | undefined> {
  const { stream, replies, header, patience } = client
  stream.read(bytes => replies.take(bytes))
  void stream.closed.then(code => replies.close(code ?? 'CLOSED'))

  const helloFailure =
    (await write(client, header, header.length, 'handshake', options)) ??
    failureOfWait('handshake', GOT_SIZE, await answer(client, GOT_SIZE, options), replies)
  if (helloFailure) {
    options.sent({ bytesAccepted: 0 })
    return helloFailure
  }
  const transferAt = monotonic()
  progress.handshakeMs = transferAt - helloAt

  const endless = options.durationMs !== undefined
  const failure = await writeAll(
    client,
    endless ? untilPassed(windows, transferAt, options) : windows,
    options,
    progress,
  )
  const acceptedAt = monotonic()
  if (endless) stream.end()
  progress.transferMs = acceptedAt - transferAt
  using sent = new SentNotice(() => options.sent({ bytesAccepted: progress.bytesAccepted }))
  // Existing servers may reply before they have everything, and close: then the reply counts, and the report shows what was not accepted.
  if (failure && !replies.has(GOT_IMAGE)) return failure

  const unacknowledged = failureOfWait('ack', GOT_IMAGE, await answer(client, GOT_IMAGE, options), replies)
  if (unacknowledged) return unacknowledged
  progress.acknowledged = true
  const answeredAt = monotonic()
  progress.ackMs = answeredAt - acceptedAt
  progress.totalMs = answeredAt - progress.startedAt
  sent.now()
  if (endless) return undefined
  patience.renew()
  const farewell = Buffer.from(BYE, 'latin1')
  // A server that closed without waiting for BYE has replied nevertheless.
  await stream.write(farewell, farewell.length).catch(() => {})
  stream.end()
  return undefined
}

/** Writes the payload; returns the failure that ended it, if any. */
async function writeAll(
  client: Client,
  windows: Iterable<PayloadWindow>,
  options: SendOptions,
  progress: Progress,
): Promise<Failure | undefined> {
  const { meter } = options
  const info = () => client.stream.info()
  for (const { bytes, chunkBytes } of windows) {
    const now = meter ? monotonic() : 0
    if (meter && now >= meter.nextAt) meter.reach(now, { bytes: progress.bytesAccepted }, info)
    const failure = await write(client, bytes, chunkBytes, 'transfer', options)
    if (failure) return failure
    progress.bytesAccepted += bytes.length
  }
  return undefined
}

/** How long one write should take, in ms, for its sender to look at the clock in time; and the least that it writes at once, in bytes. */
const WRITE_MS = 5
const LEAST_WRITE_BYTES = 64 * 1024

/** The windows in pieces of whole chunks that a write takes in a short time, until the duration has passed. */
function* untilPassed(
  windows: Iterable<PayloadWindow>,
  startedAt: number,
  { durationMs = Number.POSITIVE_INFINITY }: SendOptions,
): Generator<PayloadWindow> {
  let most = LEAST_WRITE_BYTES
  let now = startedAt
  for (const { bytes, chunkBytes } of windows) {
    for (let start = 0; start < bytes.length; ) {
      const before = now
      now = monotonic()
      if (now - startedAt >= durationMs) return
      most = now - before < WRITE_MS ? most * 2 : Math.max(LEAST_WRITE_BYTES, most / 2)
      const end = start + Math.max(1, Math.floor(most / chunkBytes)) * chunkBytes
      yield { bytes: bytes.subarray(start, end), chunkBytes }
      start = end
    }
  }
}

/** Reports once: after a delay, when asked, or at the end of the dialogue. */
class SentNotice implements Disposable {
  readonly #timer: NodeJS.Timeout
  #notify: (() => void) | undefined

  constructor(notify: () => void) {
    this.#notify = notify
    this.#timer = setTimeout(() => this.now(), REPORT_AFTER_MS)
  }

  now(): void {
    clearTimeout(this.#timer)
    this.#notify?.()
    this.#notify = undefined
  }

  [Symbol.dispose](): void {
    this.now()
  }
}

/** Writes, as long as the receiver makes room in time; returns the failure that ended it, if any. */
async function write(
  { stream, patience }: Client,
  bytes: Buffer,
  chunkBytes: number,
  phase: Phase,
  { signal, answerTimeoutMs }: SendOptions,
): Promise<Failure | undefined> {
  patience.renew()
  try {
    await stream.write(bytes, chunkBytes)
    return undefined
  } catch (error) {
    if (patience.expired && !signal.aborted) {
      const message = `the receiver read too little within ${Math.round(answerTimeoutMs)} ms`
      return { phase, code: 'TIMEOUT', message }
    }
    return { phase, code: signal.aborted ? 'ABORTED' : codeOf(error), message: errorMessage(error) }
  }
}

/** Returns undefined once `reply` has arrived, or the reason why it will not. */
async function answer(
  { stream, replies, patience }: Client,
  reply: string,
  { signal }: SendOptions,
): Promise<string | undefined> {
  patience.renew()
  stream.linger?.(() => replies.decides(reply))
  const reason = await replies.wait(reply)
  if (reason === undefined || reason === 'PROTOCOL') return reason
  // Hanging up closes the connection too, and that is not the peer's doing.
  return signal.aborted ? 'ABORTED' : patience.expired ? 'TIMEOUT' : reason
}

function failureOfWait(
  phase: Phase,
  reply: string,
  reason: string | undefined,
  replies: Replies,
): Failure | undefined {
  if (reason === undefined) return undefined
  const got = reason === 'PROTOCOL' ? `; got ${replies.text}` : ''
  return { phase, code: reason, message: `no ${reply} from the receiver (${reason})${got}` }
}

function report(
  progress: Progress,
  stream: StreamSocket | undefined,
  failure: Failure | undefined,
): SendReport {
  return {
    ...progress,
    totalMs: progress.totalMs ?? monotonic() - progress.startedAt,
    state: stream?.state ?? {},
    info: stream?.info() ?? {},
    ...(failure ? { failure } : {}),
  }
}
