/**
 * Knows which transfers had their socket to themselves. A kernel counts what it drops at a socket, and not of whom: only where one source
 * alone was heard is that what this one sent.
 */
import type { Source, Transfer } from './transfer.ts'

export class Company {
  /** How many transfers have ended. */
  #ended = 0
  /** Who was heard since the last one ended. */
  #heard: Source | undefined
  #several = false

  /** A datagram came from another source than the one before it, or was the first since a transfer ended. */
  hear(source: Source): void {
    if (this.#heard !== undefined && this.#heard !== source) this.#several = true
    this.#heard = source
  }

  begin(open: Transfer): void {
    open.endedBefore = this.#ended
  }

  /** Returns whether no other was heard since it began, nor since the one before it ended. One that is silent may be losing all that it sends. */
  end(source: Source, open: Transfer): boolean {
    const since = !this.#several && (this.#heard ?? source) === source
    const alone = since && open.endedBefore === this.#ended
    this.#ended++
    this.#heard = undefined
    this.#several = false
    return alone
  }
}
