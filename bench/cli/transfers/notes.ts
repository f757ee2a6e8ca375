/** Notes on standard error about what others do: the first hundred, so that a flood of them is not one of lines. */
import type { Terminal } from '../terminal.ts'

const MOST = 100

export class Notes {
  readonly #terminal: Terminal
  readonly #others: string
  #count = 0

  /** @param others what those beyond the first hundred are called: `further ones like these` */
  constructor(terminal: Terminal, others: string) {
    this.#terminal = terminal
    this.#others = others
  }

  /** @param about which of several services: `udp-header: `, or nothing */
  add(what: string, about = ''): void {
    this.#count++
    if (this.#count <= MOST) this.#terminal.err(`note: ${about}${what}\n`)
    if (this.#count === MOST) this.#terminal.err(`note: ${about}${this.#others} are not listed\n`)
  }
}
