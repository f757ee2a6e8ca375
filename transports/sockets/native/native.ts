/** The engine that is as fast as the kernel allows: libc through koffi, batches of datagrams, fixed memory. Linux. */
import type { Sockets } from '../sockets.ts'
import { type NativeContext, NativeDatagramSocket } from './datagram.ts'
import { type Libc, loadLibc } from './libc.ts'
import { IncomingMessages, OutgoingMessages } from './messages.ts'
import { Poller } from './poller.ts'
import { connectStream, NativeListener } from './stream.ts'

/** An engine on these system calls. @throws when the C library cannot be had */
export function createNativeSockets(libc: Libc = loadLibc()): Sockets {
  const context: NativeContext = {
    libc,
    poller: new Poller(libc),
    outgoing: new OutgoingMessages(),
    incoming: new IncomingMessages(),
  }
  return {
    engine: 'native',
    summary: 'libc through koffi: up to 64 datagrams a system call (Linux)',
    async bindDatagram(request) {
      request.signal.throwIfAborted()
      return new NativeDatagramSocket(context, request)
    },
    async listen(request, connection) {
      request.signal.throwIfAborted()
      return new NativeListener(context, request, connection)
    },
    async connect(request) {
      request.signal.throwIfAborted()
      return connectStream(context, request)
    },
  }
}
