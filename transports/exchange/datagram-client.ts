/**
 * Sends requests as datagrams and times their answers. Where answers say which request they belong to, one socket is enough; where they do
 * not, each request in flight has a port of its own, which is free again once its answer has come: a late answer finds its own request.
 */
import { monotonic } from '../../base/clock.ts'
import { errorCode, errorMessage } from '../../base/errors.ts'
import { onAbort } from '../../base/waiting.ts'
import type { AskOptions } from '../contract/exchange.ts'
import type { Failure, SendReport } from '../contract/reports.ts'
import type { Endpoint } from '../contract/socket-facts.ts'
import type { DatagramSocket, Sockets } from '../contract/sockets.ts'
import { openSocket } from '../datagram/line.ts'
import { countsOf, newTally } from '../engines/tally.ts'
import { Asking } from './asking.ts'
import { eachDatagram, type MessageFormat, type Reflection } from './format.ts'
import { Reflections } from './reflections.ts'

/** Ports that are open before the first request, and the most. */
const FIRST_PORTS = 16
const MOST_PORTS = 512
/** So many others are free and have rested for as long or less before a port is used again: a doubled answer may still come to it. */
const RESTING = FIRST_PORTS - 1

interface Port {
  readonly socket: DatagramSocket
  /** The request in flight; 0 if there is none. */
  number: number
  used: boolean
}

export async function askDatagrams(
  sockets: Sockets,
  to: Endpoint,
  options: AskOptions,
  format: MessageFormat,
): Promise<SendReport> {
  await using client = new DatagramClient(sockets, to, options, format)
  return await client.run()
}

class DatagramClient implements AsyncDisposable {
  readonly #sockets: Sockets
  readonly #to: Endpoint
  readonly #options: AskOptions
  readonly #format: MessageFormat
  readonly #reflections = new Reflections()
  /** Answers say which request they belong to. */
  readonly #numbered: boolean
  readonly #asking: Asking
  readonly #tally = newTally()
  readonly #ports: Port[] = []
  #isClosed = false
  readonly #free: Port[] = []

  constructor(sockets: Sockets, to: Endpoint, options: AskOptions, format: MessageFormat) {
    this.#sockets = sockets
    this.#to = to
    this.#options = options
    this.#format = format
    const send = (number: number) => this.#send(number)
    const pause = (ms: number) => this.#ports[0]?.socket.pause(ms) ?? Promise.resolve()
    this.#asking = new Asking(options, format, send, pause, this.#tally)
    this.#numbered = !format.answer && this.#asking.expected.numbered
  }

  async run(): Promise<SendReport> {
    const { signal, requests, sent } = this.#options
    using _abandon = onAbort(signal, () => void this[Symbol.asyncDispose]())
    let failure: Failure | undefined
    try {
      const first = this.#numbered ? 1 : Math.min(FIRST_PORTS, requests)
      for (let opened = 0; opened < first; opened++) this.#free.push(await this.#open())
      failure = await this.#asking.run()
    } catch (error) {
      const code = signal.aborted ? 'ABORTED' : (errorCode(error) ?? 'INTERNAL')
      failure = { phase: 'connect', code, message: errorMessage(error) }
    }
    sent(countsOf(this.#tally))
    return this.#report(failure)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    await Promise.all(this.#ports.map(({ socket }) => socket[Symbol.asyncDispose]()))
  }

  async #open(): Promise<Port> {
    const socket = await openSocket(this.#sockets, this.#to, this.#options)
    // Nobody waits for it any more.
    if (this.#isClosed) {
      await socket[Symbol.asyncDispose]()
      throw new Error('the exchange is over')
    }
    const port = { socket, number: 0, used: false }
    this.#ports.push(port)
    socket.read(
      eachDatagram((memory, start, end, _from, at) => this.#take(port, memory, start, end, at)),
      code => this.#asking.fail('transfer', code, `nobody listens at the peer's address (${code})`),
      this.#options.intervalMs === undefined ? () => this.#asking.waiting : undefined,
    )
    return port
  }

  #take(port: Port, memory: Buffer, start: number, end: number, at: number): void {
    const { reflection } = this.#format
    if (reflection) {
      this.#takeReflected(reflection, memory, start, end, at)
      return
    }
    const number = this.#numbered ? (this.#format.numberOf(memory, start, end) ?? 0) : port.number
    if (!this.#numbered) {
      if (number === 0) {
        this.#asking.requests.duplicated++
        return
      }
      port.number = 0
      this.#free.push(port)
    }
    this.#asking.answer(number, at, this.#isIntact(number, memory, start, end))
  }

  /** What the reflector had it for is not the network's: the answer counts as that much earlier. */
  #takeReflected(reflection: Reflection, memory: Buffer, start: number, end: number, at: number): void {
    const { requests, expected } = this.#asking
    const number = reflection.answered(memory, start, end)
    const isOurs = number >= 1 && number <= requests.made
    if (isOurs) expected.become(number, requests.leftAt(number))
    const said = isOurs ? reflection.read(memory, start, end, expected.bytes) : undefined
    const tookMs = at - requests.dueAt(number)
    const heldMs = Math.max(0, Math.min(said?.heldMs ?? 0, tookMs))
    if (said && !requests.isAnswered(number)) this.#reflections.take(number, said)
    this.#asking.answer(number, at - heldMs, said !== undefined)
  }

  #isIntact(number: number, memory: Buffer, start: number, end: number): boolean {
    const { answer } = this.#format
    if (answer) return answer.compare(memory, start, end) === 0
    const { expected } = this.#asking
    const length = expected.become(number, Number.NaN)
    return end - start === length && expected.bytes.compare(memory, start, end, 0, length) === 0
  }

  /** Undefined if the system has answered at once, as it usually does. */
  #send(number: number): Promise<void> | undefined {
    const port = this.#numbered ? this.#ports[0] : this.#rested()
    if (!port) return this.#openAndSend(number)
    return this.#sendFrom(port, number)
  }

  /** The port that has rested for the longest, if that is long enough. */
  #rested(): Port | undefined {
    const [port] = this.#free
    const rested = port && (!port.used || this.#free.length > RESTING || this.#ports.length >= MOST_PORTS)
    return rested ? this.#free.shift() : undefined
  }

  async #openAndSend(number: number): Promise<void> {
    if (this.#ports.length >= MOST_PORTS && !(await this.#giveUpOverdue())) {
      const message = `${MOST_PORTS} requests are in flight, each from a port of its own: too many; ask less often`
      this.#asking.fail('transfer', 'TOO_MANY', message)
      return
    }
    await this.#sendFrom(await this.#open(), number)
  }

  /** Closes the port that has waited for the longest, if its answer is overdue; returns whether it was. */
  async #giveUpOverdue(): Promise<boolean> {
    const oldest = this.#ports.reduce((first, each) => (each.number < first.number ? each : first))
    const { answerTimeoutMs } = this.#options
    if (monotonic() - this.#asking.requests.dueAt(oldest.number) <= answerTimeoutMs) return false
    this.#ports.splice(this.#ports.indexOf(oldest), 1)
    await oldest.socket[Symbol.asyncDispose]()
    return true
  }

  #sendFrom(port: Port, number: number): Promise<void> | undefined {
    if (!this.#numbered) {
      port.number = number
      port.used = true
    }
    const bytes = this.#asking.request(number)
    return port.socket.send(bytes, bytes.length, 0, 1, this.#tally)
  }

  #report(failure: Failure | undefined): SendReport {
    const socket = this.#ports[0]?.socket
    const { refusal, repeated } = this.#tally
    const { made } = this.#asking.requests
    const { exchange, ...asked } = this.#asking.report()
    return {
      ...countsOf(this.#tally),
      ...asked,
      exchange: { ...exchange, reflected: this.#reflections.report(this.#asking.requests) },
      sendsRepeated: repeated,
      longestBytes: made > 0 ? this.#asking.expected.lengthOf(made) : undefined,
      refusal,
      failure,
      state: socket?.state ?? {},
      info: socket?.info() ?? {},
    }
  }
}
