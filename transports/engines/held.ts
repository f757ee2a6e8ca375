/** Datagram sockets that wait before they read: what arrives until then is held, or dropped, by their receive buffer. */

import type { DatagramSocket, Sockets } from '../contract/sockets.ts'
import { withDatagrams } from './wrapped.ts'

/** Wraps `sockets` to deliver nothing before `begin` is called. */
export function held(sockets: Sockets): { readonly sockets: Sockets; readonly begin: () => void } {
  let waiting: (() => void)[] | undefined = []
  const change = (socket: DatagramSocket): DatagramSocket => ({
    ...socket,
    read(take, fault, more) {
      const read = () => socket.read(take, fault, more)
      if (waiting) waiting.push(read)
      else read()
    },
  })
  return {
    sockets: withDatagrams(sockets, change),
    begin() {
      for (const read of waiting ?? []) read()
      waiting = undefined
    },
  }
}
