/** The fastest engine the kernel allows: libc through koffi, batches of datagrams, fixed memory. Linux. */
import { type Sockets, UDP_RCVBUF_BYTES } from '../../contract/sockets.ts'
import { createContext, type NativeContext } from './context.ts'
import { NativeDatagramSocket } from './datagram.ts'
import { type Libc, loadLibc } from './libc.ts'
import { TIME_ERROR, TIMEX } from './linux.ts'
import { NativeListener } from './listener.ts'
import { objectionOf } from './options.ts'
import { connectStream } from './stream.ts'
import { openTun } from './tun.ts'

/** Builds an engine on these system calls. */
export function createNativeSockets(libc: Libc): Sockets {
  const context = createContext(libc)
  return {
    engine: 'native',
    usualRcvbufBytes: UDP_RCVBUF_BYTES,
    readsWhenAsked: true,
    wake: () => context.poller.wake,
    openTun: (pid, name) => openTun(context, pid, name),
    clockErrorMs: () => clockErrorMs(context),
    objection: (kind, family, options) => objectionOf(context, kind, family, options),
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

/** Builds it on the system's C library. @throws if that cannot be loaded */
export async function loadNativeSockets(): Promise<Sockets> {
  return createNativeSockets(await loadLibc())
}

/** adjtimex(2), which only reads where `modes` is 0. */
function clockErrorMs({ libc, scratch }: NativeContext): number | undefined {
  scratch.bytes.fill(0, 0, TIMEX.size)
  const state = libc.adjtimex(scratch.address)
  if (state < 0 || state === TIME_ERROR) return undefined
  return Number(scratch.bytes.readBigInt64LE(TIMEX.maxError)) / 1000
}
