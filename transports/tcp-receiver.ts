/** The server of the size handshake: many clients at once on one port, none of which can disturb another. */
import { monotonic } from '../bench/clock.ts'
import { Bell } from '../bench/waiting.ts'
import { MemoryBudget } from './held-memory.ts'
import type { Sockets, StreamListener, StreamSocket } from './sockets/sockets.ts'
import { Connection } from './tcp-connection.ts'
import type { ReceiveOptions, ReceiveReport, Receiver, SentCounts } from './transport.ts'

/** Clients at once; one more takes the place of another. */
const MOST_CONNECTIONS = 1024
/** For so long a client is not judged by its rate. */
const GRACE_MS = 1000

export async function receiveStream(sockets: Sockets, options: ReceiveOptions): Promise<Receiver> {
  const connections = new Set<Connection>()
  const settlement = new Settlement()
  const budget = options.budget ?? new MemoryBudget(options.maxSizeBytes)
  const { signal, local, socket } = options
  const listener = await sockets.listen({ signal, local, options: socket }, stream => {
    if (options.peer !== undefined && stream.remote.host !== options.peer) {
      void stream[Symbol.asyncDispose]()
      return
    }
    const connection = new Connection(stream, options, budget, report => {
      connections.delete(connection)
      settlement.note(report)
      return options.ended?.(report)
    })
    connections.add(connection)
    if (connections.size > MOST_CONNECTIONS) leaving(connections)?.crowdOut()
    settlement.stream ??= stream
  })
  return new StreamReceiver(listener, connections, settlement, options.signal)
}

/** Of the host that has most connections the slowest since it began, or of those that have only just begun the first. */
function leaving(connections: ReadonlySet<Connection>): Connection | undefined {
  const counts = new Map<string, number>()
  for (const { host } of connections) counts.set(host, (counts.get(host) ?? 0) + 1)
  const most = Math.max(...counts.values())
  const now = monotonic()
  let first: Connection | undefined
  let slowest: Connection | undefined
  for (const each of connections) {
    if (counts.get(each.host) !== most) continue
    first ??= each
    if (now - each.begunAt < GRACE_MS) continue
    if (!slowest || each.rateBps(now) < slowest.rateBps(now)) slowest = each
  }
  return slowest ?? first
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
