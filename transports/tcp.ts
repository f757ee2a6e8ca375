/** SIZE / GOT SIZE, the payload, GOT IMAGE / BYE over one TCP connection. The receiver's side is in tcp-receiver.ts. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { monotonic } from '../bench/clock.ts'
import { errorCode, errorMessage } from '../bench/errors.ts'
import { Deadline } from '../bench/waiting.ts'
import type { Endpoint, Sockets, StreamSocket } from './sockets/sockets.ts'
import { BYE, GOT_IMAGE, GOT_SIZE, Replies, sizeHeader } from './tcp-messages.ts'
import { receiveStream } from './tcp-receiver.ts'
import type { Failure, Payload, Phase, SendOptions, SendReport, Transport } from './transport.ts'

export const tcp: Transport = {
  name: 'tcp',
  summary: 'TCP: SIZE / GOT SIZE, the bytes, GOT IMAGE / BYE',
  traits: { socket: 'stream', reliable: true, acknowledged: true },
  port: 12345,
  receive: receiveStream,
  send: sendStream,
}

/** What has happened so far; becomes the report whichever way the transfer ends. */
interface Progress {
  readonly startedAt: number
  bytesAccepted: number
  connectMs?: number
  handshakeMs?: number
  transferMs?: number
  ackMs?: number
  totalMs?: number
  acknowledged: boolean
}

async function sendStream(
  sockets: Sockets,
  to: Endpoint,
  payload: Payload,
  options: SendOptions,
): Promise<SendReport> {
  const { signal } = options
  const progress: Progress = { startedAt: monotonic(), bytesAccepted: 0, acknowledged: false }
  let stream: StreamSocket
  using connecting = new Deadline(signal, options.answerTimeoutMs)
  try {
    stream = await sockets.connect({
      signal: connecting.signal,
      from: options.from,
      to,
      options: options.socket,
    })
  } catch (error) {
    options.sent({ bytesAccepted: 0 })
    const code = connecting.passed ? 'TIMEOUT' : signal.aborted ? 'ABORTED' : codeOf(error)
    return report(progress, undefined, { phase: 'connect', code, message: errorMessage(error) })
  }
  progress.connectMs = monotonic() - progress.startedAt
  const abandon = () => void stream[Symbol.asyncDispose]()
  signal.addEventListener('abort', abandon, { once: true })
  try {
    const failure = await converse(stream, payload, options, progress)
    return report(progress, stream, failure)
  } finally {
    signal.removeEventListener('abort', abandon)
    await stream[Symbol.asyncDispose]()
  }
}

/** The conversation of a connected client; the failure that ended it, if any. */
async function converse(
  stream: StreamSocket,
  payload: Payload,
  options: SendOptions,
  progress: Progress,
): Promise<Failure | undefined> {
  const { signal, answerTimeoutMs } = options
  const replies = new Replies()
  stream.read(bytes => replies.take(bytes))
  void stream.closed.then(code => replies.close(code ?? 'CLOSED'))

  const helloAt = monotonic()
  const header = Buffer.from(sizeHeader(payload.sizeBytes), 'latin1')
  const helloFailure =
    (await write(stream, header, header.length, 'handshake', options)) ??
    failureOfWait('handshake', GOT_SIZE, await replies.wait(GOT_SIZE, answerTimeoutMs, signal), replies)
  if (helloFailure) {
    options.sent({ bytesAccepted: 0 })
    return helloFailure
  }
  const transferAt = monotonic()
  progress.handshakeMs = transferAt - helloAt

  let failure: Failure | undefined
  for (const { bytes, chunkBytes } of payload.windows()) {
    // An abort, or an early answer, needs the event loop.
    if (progress.bytesAccepted > 0) await nextTurn()
    failure = await write(stream, bytes, chunkBytes, 'transfer', options)
    if (failure) break
    progress.bytesAccepted += bytes.length
  }
  const acceptedAt = monotonic()
  progress.transferMs = acceptedAt - transferAt
  options.sent({ bytesAccepted: progress.bytesAccepted })
  // Existing servers may answer before they have everything, and close: then the answer counts, and what was not taken is told.
  if (failure && !replies.has(GOT_IMAGE)) return failure

  failure = failureOfWait('ack', GOT_IMAGE, await replies.wait(GOT_IMAGE, answerTimeoutMs, signal), replies)
  if (failure) return failure
  progress.acknowledged = true
  const answeredAt = monotonic()
  progress.ackMs = answeredAt - acceptedAt
  progress.totalMs = answeredAt - progress.startedAt
  const farewell = Buffer.from(BYE, 'latin1')
  // A server that closed without waiting for it has all the same answered.
  await stream.write(farewell, farewell.length).catch(() => {})
  stream.end()
  return undefined
}

/** A write that the receiver has to make room for in time; the failure that ended it, if any. */
async function write(
  stream: StreamSocket,
  bytes: Buffer,
  chunkBytes: number,
  phase: Phase,
  { signal, answerTimeoutMs }: SendOptions,
): Promise<Failure | undefined> {
  using deadline = new Deadline(signal, answerTimeoutMs)
  const giveUp = () => void stream[Symbol.asyncDispose]()
  deadline.signal.addEventListener('abort', giveUp, { once: true })
  try {
    await stream.write(bytes, chunkBytes)
    return undefined
  } catch (error) {
    if (deadline.passed) {
      const message = `the receiver read too little within ${Math.round(answerTimeoutMs)} ms`
      return { phase, code: 'TIMEOUT', message }
    }
    return { phase, code: signal.aborted ? 'ABORTED' : codeOf(error), message: errorMessage(error) }
  } finally {
    deadline.signal.removeEventListener('abort', giveUp)
  }
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

function codeOf(error: unknown): string {
  const code = errorCode(error)
  // A stream that was destroyed under a write: the connection is gone.
  return code === undefined || code.startsWith('ERR_') ? 'CLOSED' : code
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
