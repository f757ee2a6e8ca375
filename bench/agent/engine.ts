/** Engine name -> sockets. */
import { limited } from '../../transports/sockets/limited.ts'
import { nodeSockets } from '../../transports/sockets/node.ts'
import type { Sockets } from '../../transports/sockets/sockets.ts'

export const ENGINES: ReadonlyMap<string, Sockets> = new Map([[nodeSockets.engine, nodeSockets]])

/** The engine's sockets, with an emulated limit of a datagram's size when one is asked for. */
export function engineOf(name: string, maxDatagramBytes: number | undefined): Sockets {
  const sockets = ENGINES.get(name)
  if (!sockets) throw new Error(`this agent has no engine ${name}`)
  return maxDatagramBytes === undefined ? sockets : limited(sockets, maxDatagramBytes)
}
