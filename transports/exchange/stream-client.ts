/** Sends requests over one connection and times their answers: one is there when as many bytes came back as went out. */
import { monotonic } from '../../base/clock.ts'
import { errorMessage } from '../../base/errors.ts'
import { Bell } from '../../base/waiting.ts'
import type { AskOptions } from '../contract/exchange.ts'
import type { Failure, SendReport } from '../contract/reports.ts'
import type { Endpoint } from '../contract/socket-facts.ts'
import type { Sockets, StreamSocket } from '../contract/sockets.ts'
import { codeOf, connect } from '../stream/connect.ts'
import { Asking } from './asking.ts'
import type { Message, MessageFormat } from './format.ts'

export async function askStream(
  sockets: Sockets,
  to: Endpoint,
  options: AskOptions,
  format: MessageFormat,
): Promise<SendReport> {
  const client = new StreamClient(options, format)
  const attempt = await connect(sockets, to, options)
  if (attempt.failure) {
    options.sent({ bytesAccepted: 0 })
    return client.report(undefined, attempt.failure)
  }
  const { stream, connectMs } = attempt
  const { signal } = options
  const hangUp = () => void stream[Symbol.asyncDispose]()
  signal.addEventListener('abort', hangUp, { once: true })
  try {
    const failure = await client.run(stream)
    options.sent({ bytesAccepted: client.bytesAccepted })
    stream.end()
    return { ...client.report(stream, failure), connectMs }
  } finally {
    signal.removeEventListener('abort', hangUp)
    await stream[Symbol.asyncDispose]()
  }
}

class StreamClient {
  bytesAccepted = 0
  readonly #message: Message
  readonly #expected: Message
  /** Of the request that left last. */
  #wire: Buffer
  readonly #asking: Asking
  readonly #bell = new Bell()
  #stream: StreamSocket | undefined
  #fault: Failure | undefined
  /** The request whose answer comes next, how much of it is there, and whether that is right so far. */
  #number = 1
  #arrived = 0
  #intact = true

  constructor(options: AskOptions, format: MessageFormat) {
    this.#message = format.message(options.sizeBytes)
    this.#wire = this.#message.bytes
    this.#expected = format.message(options.sizeBytes)
    this.#asking = new Asking(options, number => this.#send(number), this.#bell)
  }

  async run(stream: StreamSocket): Promise<Failure | undefined> {
    this.#stream = stream
    stream.read(
      bytes => this.#take(bytes),
      () => (this.#asking.waiting ? 1 : 0),
    )
    void stream.closed.then(code => {
      const message = 'the peer closed the connection before it had answered'
      this.#fail({ phase: 'transfer', code: code ?? 'CLOSED', message })
    })
    return this.#asking.run(
      ms => stream.pause(ms),
      () => this.#fault,
    )
  }

  report(stream: StreamSocket | undefined, failure: Failure | undefined): SendReport {
    return {
      ...this.#asking.report(),
      bytesAccepted: this.bytesAccepted,
      ...(failure ? { failure } : {}),
      state: stream?.state ?? {},
      info: stream?.info() ?? {},
    }
  }

  #fail(failure: Failure): void {
    this.#fault ??= failure
    this.#bell.ring()
  }

  async #send(number: number): Promise<void> {
    const length = this.#message.become(number, this.#asking.leaves(number))
    if (this.#wire.length !== length) this.#wire = this.#message.bytes.subarray(0, length)
    this.bytesAccepted += length
    try {
      await this.#stream?.write(this.#wire, length)
    } catch (error) {
      this.#fail({ phase: 'transfer', code: codeOf(error), message: errorMessage(error) })
    }
  }

  #take(bytes: Buffer): void {
    const at = monotonic()
    for (let start = 0; start < bytes.length; ) {
      const length = this.#expected.become(this.#number, Number.NaN)
      const end = Math.min(bytes.length, start + length - this.#arrived)
      const count = end - start
      const same = bytes.compare(this.#expected.bytes, this.#arrived, this.#arrived + count, start, end) === 0
      if (!same) this.#intact = false
      this.#arrived += count
      start = end
      if (this.#arrived < length) return
      const intact = this.#intact
      this.#arrived = 0
      this.#intact = true
      this.#asking.answer(this.#number++, at, intact)
    }
  }
}
