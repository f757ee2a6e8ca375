/** Sends requests over one connection and times their answers: one is there when as many bytes came back as went out. */
import { monotonic } from '../../base/clock.ts'
import { errorMessage } from '../../base/errors.ts'
import { onAbort } from '../../base/waiting.ts'
import type { AskOptions } from '../contract/exchange.ts'
import type { Failure, SendReport } from '../contract/reports.ts'
import type { Endpoint } from '../contract/socket-facts.ts'
import type { Sockets, StreamSocket } from '../contract/sockets.ts'
import { codeOf, connect } from '../stream/connect.ts'
import { Asking } from './asking.ts'
import type { MessageFormat } from './format.ts'

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
    return client.report(attempt.failure)
  }
  await using stream = attempt.stream
  using _hangUp = onAbort(options.signal, () => void stream[Symbol.asyncDispose]())
  const failure = await client.run(stream)
  options.sent({ bytesAccepted: client.bytesAccepted })
  stream.end()
  return { ...client.report(failure), connectMs: attempt.connectMs }
}

class StreamClient {
  bytesAccepted = 0
  readonly #asking: Asking
  #stream: StreamSocket | undefined
  /** The request whose answer comes next, how much of it is there, and whether that is right so far. */
  #number = 1
  #arrived = 0
  #intact = true

  constructor(options: AskOptions, format: MessageFormat) {
    const pause = (ms: number) => this.#stream?.pause(ms) ?? Promise.resolve()
    this.#asking = new Asking(options, format, number => this.#send(number), pause)
  }

  run(stream: StreamSocket): Promise<Failure | undefined> {
    this.#stream = stream
    stream.read(
      bytes => this.#take(bytes),
      () => (this.#asking.waiting ? 1 : 0),
    )
    void stream.closed.then(code => {
      const message = 'the peer closed the connection before it had answered'
      this.#asking.fail('transfer', code ?? 'CLOSED', message)
    })
    return this.#asking.run()
  }

  report(failure: Failure | undefined): SendReport {
    return {
      ...this.#asking.report(),
      bytesAccepted: this.bytesAccepted,
      failure,
      state: this.#stream?.state ?? {},
      info: this.#stream?.info() ?? {},
    }
  }

  async #send(number: number): Promise<void> {
    const bytes = this.#asking.request(number)
    this.bytesAccepted += bytes.length
    try {
      await this.#stream?.write(bytes, bytes.length)
    } catch (error) {
      this.#asking.fail('transfer', codeOf(error), errorMessage(error))
    }
  }

  #take(bytes: Buffer): void {
    const at = monotonic()
    const { expected } = this.#asking
    for (let start = 0; start < bytes.length; ) {
      const length = expected.become(this.#number, Number.NaN)
      const end = Math.min(bytes.length, start + length - this.#arrived)
      const count = end - start
      const same = bytes.compare(expected.bytes, this.#arrived, this.#arrived + count, start, end) === 0
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
