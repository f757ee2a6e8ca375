/** Accepts TCP connections by accept4(2). */
import { isOutOfDescriptors } from '../../../base/system-errors.ts'
import { isWildcard } from '../../contract/addresses.ts'
import type { Endpoint, SocketOptions } from '../../contract/socket-facts.ts'
import type { ListenRequest, StreamListener, StreamSocket } from '../../contract/sockets.ts'
import { SO_LISTENS, SOCK_CLOEXEC, SOCK_NONBLOCK, SOCK_STREAM, SOL_SOCKET } from './abi.ts'
import { SOCKADDR_BYTES } from './address.ts'
import { LENGTH_AT, type NativeContext } from './context.ts'
import { Descriptor } from './descriptor.ts'
import { errorName, systemError } from './libc.ts'
import { setOptions } from './options.ts'
import { NativeStream, withDefaults } from './stream.ts'

/** How long connections wait when no descriptor is free for them before the next attempt: saving files needs descriptors too. */
const SHORTAGE_MS = 250
export class NativeListener implements StreamListener {
  readonly local: Endpoint
  readonly #context: NativeContext
  readonly #socket: Descriptor
  readonly #streams = new Set<NativeStream>()
  readonly #options: SocketOptions
  readonly #connection: (stream: StreamSocket) => void
  readonly #shortage: ((code: string) => void) | undefined
  #again: NodeJS.Timeout | undefined
  #isUsed = false

  /** @throws the system's error if it cannot be bound */
  constructor(context: NativeContext, request: ListenRequest, connection: (stream: StreamSocket) => void) {
    const { libc } = context
    this.#context = context
    this.#options = withDefaults(request.options)
    this.#connection = connection
    this.#shortage = request.shortage
    const { family, host } = request.local
    const accept = () => this.#accept()
    // The only connection of a trial. After it, messages about the trial are awaited as well, which do not end such a wait.
    const acceptFirst = () => (this.#isUsed ? undefined : this.#accept())
    this.#socket = Descriptor.create(context, family, SOCK_STREAM, accept, isWildcard(host), acceptFirst)
    try {
      this.#socket.setOption(SOL_SOCKET, SO_LISTENS, 1)
      // Accepted sockets inherit these from the listener, and the handshake announces the window and the MSS.
      setOptions(this.#socket, 'stream', this.#options)
      if (this.#socket.withAddress('bind', request.local) < 0) throw systemError(libc, 'bind')
      if (libc.listen(this.#socket.fd, 511) < 0) throw systemError(libc, 'listen')
      this.local = this.#socket.local
    } catch (error) {
      this.#socket.close()
      throw error
    }
    this.#socket.read()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#again)
    this.#socket.close()
    for (const stream of this.#streams) stream.close()
  }

  /** Accepts one connection, waiting for a moment if there is none; returns whether there was one. */
  #accept(): boolean {
    const { libc, scratch } = this.#context
    scratch.bytes.writeUInt32LE(SOCKADDR_BYTES, LENGTH_AT)
    const fd = libc.accept4(
      this.#socket.fd,
      scratch.address,
      scratch.address + LENGTH_AT,
      SOCK_CLOEXEC | SOCK_NONBLOCK,
    )
    if (fd < 0) {
      const code = errorName(libc.errno())
      // EAGAIN: nobody is waiting. Any other error concerns a client that has already gone.
      if (isOutOfDescriptors(code)) this.#wait(code)
      return false
    }
    this.#isUsed = true
    const { family, rcvbufForced } = this.#socket
    const stream = new NativeStream(
      this.#context,
      this.#options,
      readable => new Descriptor(this.#context, fd, family, readable),
      () => this.#streams.delete(stream),
    )
    stream.established(rcvbufForced, Buffer.from(scratch.bytes.subarray(0, SOCKADDR_BYTES)))
    this.#streams.add(stream)
    this.#connection(stream)
    stream.readOnTheSpot()
    return true
  }

  /** Retrying continuously would occupy a CPU. */
  #wait(code: string): void {
    this.#shortage?.(code)
    this.#socket.stopReading()
    this.#again = setTimeout(() => this.#socket.read(), SHORTAGE_MS)
  }
}
