/** MSG_ZEROCOPY: the kernel owns sent memory until it reports completion. */
import type { SocketInfo } from '../../contract/socket-facts.ts'
import type { Completions } from './completions.ts'
import type { NativeContext } from './context.ts'
import type { Descriptor } from './descriptor.ts'
import type { Poller } from './poller.ts'

/** How often to poll for completions, in ms. */
const ASK_EVERY_MS = 0.05

export class ZeroCopy {
  readonly #socket: Descriptor
  readonly #completions: Completions
  readonly #poller: Poller
  /** Counts of sends: numbered by the kernel; numbered but then refused; completed; completed by copying. */
  #sent = 0
  #refused = 0
  #done = 0
  #copied = 0
  /** Too many sends are in flight for another one. */
  #full = false
  /** Value of `#sent` at the end of the last `previousReleased` call. */
  #previous = 0

  constructor(socket: Descriptor, { completions, poller }: NativeContext) {
    this.#socket = socket
    this.#completions = completions
    this.#poller = poller
    socket.errorsQueued = () => this.#takeAll()
  }

  /** Records that the system accepted this many sends. */
  sent(sends: number): void {
    this.#sent += sends
  }

  /**
   * Records that the next send was refused. The kernel may have numbered it anyway, and completed it already, which must be known before
   * the next send is numbered. Returns true if too many sends are in flight, so that some must complete first.
   */
  notTaken(code?: string): boolean {
    this.#full = code === 'ENOBUFS' && this.#done < this.#sent
    this.#takeAll()
    return this.#full
  }

  /** Resolves when there may be room for another send, or the socket has been closed. */
  writable(): Promise<void> {
    return this.#full ? this.#poller.pause(ASK_EVERY_MS) : this.#socket.writable()
  }

  get counts(): Pick<SocketInfo, 'zerocopySends' | 'zerocopyCopied'> {
    if (this.#socket.open) this.#takeAll()
    return { zerocopySends: this.#done - this.#refused, zerocopyCopied: this.#copied }
  }

  /** Resolves when the memory of everything sent may be overwritten, or the socket is closed. */
  released(): Promise<void> {
    return this.#until(this.#sent)
  }

  /** Does the same for everything sent before the previous call. */
  async previousReleased(): Promise<void> {
    await this.#until(this.#previous)
    this.#previous = this.#sent
  }

  async #until(sends: number): Promise<void> {
    for (;;) {
      if (this.#socket.open) this.#takeAll()
      if (this.#done >= sends || !this.#socket.open) return
      // Not by waiting until the socket is writable: it always is, and the event loop would starve.
      await this.#poller.pause(ASK_EVERY_MS)
    }
  }

  #takeAll(): void {
    for (let next = this.#completions.next(this.#socket.fd); next; ) {
      const { last, sends, copied } = next
      // A number beyond the accepted sends belongs to a refused one.
      const refused = Math.max(0, (last + 1 - this.#sent) | 0)
      this.#sent += refused
      this.#refused += refused
      this.#done += sends
      if (copied) this.#copied += sends - refused
      next = this.#completions.next(this.#socket.fd)
    }
  }
}
