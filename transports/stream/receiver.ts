/** The server of the size handshake: many clients at once on one port, isolated from each other. */
import { groupBy } from '../../base/groups.ts'
import type { Sockets } from '../contract/sockets.ts'
import type { ReceiveOptions, Receiver } from '../contract/transport.ts'
import { MemoryBudget } from '../payload/held-memory.ts'
import { leavingOf } from '../payload/leaving.ts'
import { Connection } from './connection.ts'
import { StreamTrial } from './trial.ts'

/** The most clients at once; one more evicts the slowest of the host that has most of them. */
const MOST_CONNECTIONS = 1024

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
    if (connections.size <= MOST_CONNECTIONS) return
    const byHost = groupBy(connections, each => each.share)
    leavingOf<Connection>(byHost.values(), each => each, true)?.crowdOut()
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
