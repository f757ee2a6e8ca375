/** The server of the size handshake: many clients at once on one port, isolated from each other. */
import { monotonic } from '../../base/clock.ts'
import type { Sockets } from '../contract/sockets.ts'
import type { ReceiveOptions, Receiver } from '../contract/transport.ts'
import { MemoryBudget } from '../payload/held-memory.ts'
import { Connection } from './connection.ts'
import { StreamTrial } from './trial.ts'

/** The most clients at once; one more evicts another. */
const MOST_CONNECTIONS = 1024
/** A client younger than this is not judged by its rate. */
const GRACE_MS = 1000

export async function receiveStream(
  sockets: Pick<Sockets, 'listen'>,
  options: ReceiveOptions,
): Promise<Receiver> {
  const connections = new Set<Connection>()
  const trial = new StreamTrial(connections, options)
  const budget = options.budget ?? new MemoryBudget(options.maxSizeBytes)
  const { signal, local, socket, shortage } = options
  let calledOff = false
  const listener = await sockets.listen({ signal, local, options: socket, shortage }, stream => {
    if (calledOff || (options.peer !== undefined && stream.remote.host !== options.peer)) {
      void stream[Symbol.asyncDispose]()
      return
    }
    const connection = new Connection(stream, options, budget, report => {
      connections.delete(connection)
      // A report delivered immediately is not kept as well.
      if (options.ended) return options.ended(report)
      trial.ended(connection, report)
      return undefined
    })
    connections.add(connection)
    if (connections.size > MOST_CONNECTIONS) leaving(connections)?.crowdOut()
  })
  return {
    endpoint: listener.local,
    /** A stream has no late bytes. */
    late: 0,
    get state() {
      return trial.connection?.state ?? {}
    },
    get info() {
      return trial.connection?.info ?? {}
    },
    settle: (sent, quietMs, deadlineMs) => trial.settle(sent, quietMs, deadlineMs),
    callOff() {
      calledOff = true
      for (const connection of connections) connection.callOff()
    },
    async [Symbol.asyncDispose]() {
      for (const connection of connections) connection.abandon()
      trial.stop()
      await listener[Symbol.asyncDispose]()
    },
  }
}

/** Picks a connection of the host that has the most: the slowest one or, if all have only just begun, the oldest. */
function leaving(connections: ReadonlySet<Connection>): Connection | undefined {
  const counts = new Map<string, number>()
  for (const { share } of connections) counts.set(share, (counts.get(share) ?? 0) + 1)
  const most = Math.max(...counts.values())
  const now = monotonic()
  let first: Connection | undefined
  let slowest: Connection | undefined
  for (const each of connections) {
    if (counts.get(each.share) !== most) continue
    first ??= each
    if (now - each.begunAt < GRACE_MS) continue
    if (!slowest || each.rateBps(now) < slowest.rateBps(now)) slowest = each
  }
  return slowest ?? first
}
