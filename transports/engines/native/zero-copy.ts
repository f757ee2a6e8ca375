/** MSG_ZEROCOPY: memory that was sent belongs to the kernel until it says otherwise. */
import type { SocketInfo } from '../../contract/socket-facts.ts'
import type { NativeContext } from './context.ts'
import type { Descriptor } from './descriptor.ts'
import type { Completions } from './messages.ts'
import type { Poller } from './poller.ts'

/** How often the kernel is asked, in ms, while it says nothing. */
const ASK_EVERY_MS = 0.05

export class ZeroCopy {
  readonly #socket: Descriptor
  readonly #completions: Completions
  readonly #poller: Poller
  /** Sends that the kernel has numbered; those among them that it then refused; those it has done with, and copied. */
  #sent = 0
  #refused = 0
  #done = 0
  #copied = 0
  /** Too many are under way for another one. */
  #full = false
  /** Sends at the end of the last call of `previousReleased`. */
  #previous = 0

  constructor(socket: Descriptor, { completions, poller }: NativeContext) {
    this.#socket = socket
    this.#completions = completions
    this.#poller = poller
    socket.errorsQueued = () => this.#takeAll()
  }

  /** So many sends were taken. */
  sent(sends: number): void {
    this.#sent += sends
  }

  /**
   * The send after those was not taken. It may have a number all the same, and is done with already: that has to be known before
   * the next one is numbered. True when too many sends are under way: they have to be done with before there can be more.
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

  /** Resolves when the memory of all that was sent may be overwritten, or the socket is closed. */
  released(): Promise<void> {
    return this.#until(this.#sent)
  }

  /** The same for what had been sent before the last call of this. */
  async previousReleased(): Promise<void> {
    await this.#until(this.#previous)
    this.#previous = this.#sent
  }

  async #until(sends: number): Promise<void> {
    for (;;) {
      if (this.#socket.open) this.#takeAll()
      if (this.#done >= sends || !this.#socket.open) return
      // Not by the socket's being writable, which it is all the time: that would leave the event loop no turn.
      await this.#poller.pause(ASK_EVERY_MS)
    }
  }

  #takeAll(): void {
    for (let next = this.#completions.next(this.#socket.fd); next; ) {
      const { last, sends, copied } = next
      // A number that is none of the sends that were taken.
      const refused = Math.max(0, (last + 1 - this.#sent) | 0)
      this.#sent += refused
      this.#refused += refused
      this.#done += sends
      if (copied) this.#copied += sends - refused
      next = this.#completions.next(this.#socket.fd)
    }
  }
}
