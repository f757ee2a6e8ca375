/** The server of the size handshake: many clients at once on one port, none of which can disturb another. */
import { Bell } from '../bench/waiting.ts'
import { MemoryBudget } from './held-memory.ts'
import type { Sockets, StreamListener, StreamSocket } from './sockets/sockets.ts'
import { Connection } from './tcp-connection.ts'
import type { ReceiveOptions, ReceiveReport, Receiver, SentCounts } from './transport.ts'

/** Clients at once; more are turned away. */
const MOST_CONNECTIONS = 1024

export async function receiveStream(sockets: Sockets, options: ReceiveOptions): Promise<Receiver> {
  const connections = new Set<Connection>()
  const settlement = new Settlement()
  const budget = new MemoryBudget(options.maxSizeBytes)
  const { signal, local, socket } = options
  const listener = await sockets.listen({ signal, local, options: socket }, stream => {
    const stranger = options.peer !== undefined && stream.remote.host !== options.peer
    if (stranger || connections.size >= MOST_CONNECTIONS) {
      void stream[Symbol.asyncDispose]()
      return
    }
    const connection = new Connection(stream, options, budget, report => {
      connections.delete(connection)
      settlement.note(report)
      options.ended?.(report)
    })
    connections.add(connection)
    settlement.stream ??= stream
  })
  return new StreamReceiver(listener, connections, settlement, options.signal)
}

class StreamReceiver implements Receiver {
  /** A stream has no late bytes. */
  readonly late = 0
  readonly endpoint
  readonly #listener: StreamListener
  readonly #connections: ReadonlySet<Connection>
  readonly #settlement: Settlement
  readonly #signal: AbortSignal

  constructor(
    listener: StreamListener,
    connections: ReadonlySet<Connection>,
    settlement: Settlement,
    signal: AbortSignal,
  ) {
    this.endpoint = listener.local
    this.#listener = listener
    this.#connections = connections
    this.#settlement = settlement
    this.#signal = signal
  }

  get state() {
    return this.#settlement.stream?.state ?? {}
  }

  get info() {
    return this.#settlement.stream?.info() ?? {}
  }

  async settle(_sent: SentCounts, quietMs: number, deadlineMs: number): Promise<ReceiveReport> {
    // Retransmissions may stall a stream for longer than any quiet time: only one that nobody opened is given up early.
    if (this.#connections.size === 0) await this.#settlement.wait(quietMs, this.#signal)
    if (this.#connections.size > 0) await this.#settlement.wait(deadlineMs, this.#signal)
    const [unfinished] = this.#connections
    return this.#settlement.report ?? unfinished?.report() ?? { bytesDelivered: 0, complete: false }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#connections) connection.abandon()
    this.#settlement.stop()
    await this.#listener[Symbol.asyncDispose]()
  }
}

/** What is told of the first transfer that ended. */
class Settlement {
  /** The first that connected. */
  stream: StreamSocket | undefined
  report: ReceiveReport | undefined
  readonly #bell = new Bell()

  note(report: ReceiveReport): void {
    this.report ??= report
    this.#bell.ring()
  }

  /** Nothing more will be noted: whoever waits goes on. */
  stop(): void {
    this.#bell.ring()
  }

  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.report) await this.#bell.wait(ms, signal)
  }
}
