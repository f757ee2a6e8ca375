/** Datagrams by sendmmsg and recvmmsg: up to 64 a system call. */
import { errorMessage } from '../../../bench/errors.ts'
import type {
  Buffers,
  DatagramRequest,
  DatagramSocket,
  Endpoint,
  SendTally,
  TakeDatagram,
} from '../sockets.ts'
import { noteError } from '../tally.ts'
import type { NativeContext } from './context.ts'
import { Descriptor } from './descriptor.ts'
import { errorName, systemError } from './libc.ts'
import { MSG_DONTWAIT, MSG_NOSIGNAL, SOCK_DGRAM } from './linux.ts'
import { BATCH } from './messages.ts'

/** Batches taken from one socket before the event loop gets its turn. */
const BATCHES_A_TURN = 16

export class NativeDatagramSocket implements DatagramSocket {
  readonly local: Endpoint
  readonly buffers: Buffers
  readonly #context: NativeContext
  readonly #socket: Descriptor
  #take: TakeDatagram | undefined
  #fault: ((code: string) => void) | undefined

  /** @throws the system's error when it cannot be bound or connected */
  constructor(context: NativeContext, request: DatagramRequest) {
    const { libc } = context
    this.#context = context
    this.#socket = Descriptor.create(context, request.local.family, SOCK_DGRAM, () => this.#readable())
    try {
      this.#socket.setBuffers(request)
      if (this.#socket.withAddress('bind', request.local) < 0) throw systemError(libc, 'bind')
      if (request.connect && this.#socket.withAddress('connect', request.connect) < 0)
        throw systemError(libc, 'connect')
      this.local = this.#socket.local
      this.buffers = this.#socket.buffers
    } catch (error) {
      this.#socket.close()
      throw error
    }
  }

  read(take: TakeDatagram, fault?: (code: string) => void): void {
    this.#take = take
    this.#fault = fault
    this.#socket.read()
  }

  async send(
    bytes: Buffer,
    chunkBytes: number,
    first: number,
    count: number,
    tally: SendTally,
    to?: Endpoint,
  ): Promise<void> {
    const end = first + count
    for (let index = first; index < end && !tally.failure; ) {
      if (!this.#socket.open) {
        tally.failure = { code: 'ABORTED', message: 'the socket was closed' }
        return
      }
      const step = this.#offer(bytes, chunkBytes, index, Math.min(BATCH, end - index), tally, to)
      if (step === 0 && !tally.failure) await this.#socket.writable()
      index += step
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#take = undefined
    this.#socket.close()
  }

  /** One system call; how many datagrams it answered for. */
  #offer(
    bytes: Buffer,
    chunkBytes: number,
    index: number,
    count: number,
    tally: SendTally,
    to: Endpoint | undefined,
  ): number {
    const { libc, poller, outgoing } = this.#context
    const address = libc.addressOf(bytes)
    const lengthOf = (at: number) => Math.min(chunkBytes, bytes.length - at * chunkBytes)
    outgoing.address(to)
    for (let slot = 0; slot < count; slot++)
      outgoing.set(slot, address + (index + slot) * chunkBytes, lengthOf(index + slot))
    const taken = libc.sendmmsg(this.#socket.fd, outgoing.addressOf(0), count, MSG_DONTWAIT | MSG_NOSIGNAL)
    // Read before anything else may call the system.
    const error = taken > 0 ? undefined : systemError(libc, 'sendmmsg')
    poller.sending()
    if (!error) {
      tally.accepted += taken
      for (let slot = 0; slot < taken; slot++) tally.acceptedBytes += lengthOf(index + slot)
      return taken
    }
    // The first of the batch was not taken; the others have not been tried.
    if (error.code === 'EAGAIN' || error.code === 'EINTR') return 0
    return noteError(tally, error.code, errorMessage(error), lengthOf(index)) ? 1 : 0
  }

  #readable(): void {
    const { libc, incoming } = this.#context
    for (let batch = 0; batch < BATCHES_A_TURN && this.#socket.open; batch++) {
      const count = libc.recvmmsg(this.#socket.fd, incoming.headers.address, BATCH, MSG_DONTWAIT, 0)
      if (count < 0) {
        const code = errorName(libc.errno())
        if (code === 'EINTR') continue
        if (code === 'EAGAIN') return
        this.#fault?.(code)
        return
      }
      for (let index = 0; index < count; index++) {
        const start = incoming.start(index)
        this.#take?.(incoming.memory.bytes, start, start + incoming.length(index), incoming.source(index))
      }
      incoming.rearm(count)
      if (count < BATCH) return
    }
  }
}
