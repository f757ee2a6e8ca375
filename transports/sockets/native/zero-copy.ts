/** MSG_ZEROCOPY: memory that was sent belongs to the kernel until it says otherwise. */
import type { SocketInfo } from '../sockets.ts'
import type { Descriptor } from './descriptor.ts'
import type { Completions } from './messages.ts'

export class ZeroCopy {
  readonly #socket: Descriptor
  readonly #completions: Completions
  #sent = 0
  #done = 0
  #copied = 0
  /** Sends at the end of the last call of `previousReleased`. */
  #previous = 0

  constructor(socket: Descriptor, completions: Completions) {
    this.#socket = socket
    this.#completions = completions
  }

  /** So many sends were taken. */
  sent(sends: number): void {
    this.#sent += sends
  }

  /** Too many sends are under way: they have to be done with before there can be more. */
  holdsUp(code: string): boolean {
    const full = code === 'ENOBUFS' && this.#done < this.#sent
    if (full) this.#takeAll()
    return full
  }

  get counts(): Pick<SocketInfo, 'zerocopySends' | 'zerocopyCopied'> {
    return { zerocopySends: this.#done, zerocopyCopied: this.#copied }
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
      await this.#socket.writable()
    }
  }

  #takeAll(): void {
    for (let next = this.#completions.next(this.#socket.fd); next; ) {
      this.#done += next.sends
      if (next.copied) this.#copied += next.sends
      next = this.#completions.next(this.#socket.fd)
    }
  }
}
