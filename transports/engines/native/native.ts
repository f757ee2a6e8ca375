/** The fastest engine the kernel allows: libc, batches of datagrams, fixed memory. */
import { type Sockets, UDP_RCVBUF_BYTES } from '../../contract/sockets.ts'
import { BLOCKS, TIME_ERROR, TIMEX, WAKES } from './abi.ts'
import { createContext, type NativeContext } from './context.ts'
import { NativeDatagramSocket } from './datagram.ts'
import { type Libc, loadLibc } from './libc.ts'
import { NativeListener } from './listener.ts'
import { objectionOf } from './options.ts'
import { connectStream } from './stream.ts'
import { thisSystem } from './systems.ts'
import { openTun } from './tun.ts'

/** Builds an engine on these system calls. */
export function createNativeSockets(libc: Libc): Sockets {
  const context = createContext(libc)
  return {
    engine: 'native',
    binding: libc.binding,
    usualRcvbufBytes: BLOCKS ? UDP_RCVBUF_BYTES : undefined,
    readsWhenAsked: true,
    ...(WAKES ? { wake: () => context.poller.wake } : {}),
    ...(thisSystem() ? ofLinux(context) : {}),
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

/** What no other system has. */
function ofLinux(context: NativeContext): Pick<Sockets, 'openTun' | 'clockErrorMs'> {
  return {
    openTun: (pid, name) => openTun(context, pid, name),
    clockErrorMs: () => clockErrorMs(context),
  }
}

/** adjtimex(2), which only reads where `modes` is 0. */
function clockErrorMs({ libc, scratch }: NativeContext): number | undefined {
  scratch.bytes.fill(0, 0, TIMEX.size)
  const state = libc.adjtimex(scratch.address)
  if (state < 0 || state === TIME_ERROR) return undefined
  return Number(scratch.bytes.readBigInt64LE(TIMEX.maxError)) / 1000
}
