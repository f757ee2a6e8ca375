/** `bench receive` over a transport that answers requests: who asked, and how often. */
import { counted } from '../../../base/units.ts'
import { Bell } from '../../../base/waiting.ts'
import type { Endpoint } from '../../../transports/contract/socket-facts.ts'
import type { Terminal } from '../terminal.ts'
import { Notes } from './notes.ts'

/** Hosts that are told apart; all others are one. */
const MOST_HOSTS = 1000

export class AnsweringSession {
  /** Of the service, if there are others: its lines begin with it. */
  name: string | undefined
  readonly #terminal: Terminal
  readonly #most: number
  readonly #bell = new Bell()
  readonly #requests = new Map<string, number>()
  readonly #notes: Notes
  #answered = 0

  /** @param most ends after this many requests */
  constructor(terminal: Terminal, most = Number.POSITIVE_INFINITY) {
    this.#terminal = terminal
    this.#most = most
    this.#notes = new Notes(terminal, 'further ones like these')
  }

  readonly served = ({ host }: Endpoint): void => {
    const name = this.#requests.has(host) || this.#requests.size < MOST_HOSTS ? host : 'others'
    const before = this.#requests.get(name)
    if (before === undefined) this.#terminal.out(`${this.#prefix}${name}  first request answered\n`)
    this.#requests.set(name, (before ?? 0) + 1)
    this.#answered++
    if (this.#answered === this.#most) this.#bell.ring()
  }

  readonly noted = (from: Endpoint, what: string): void => {
    const about = this.name === undefined ? '' : `${this.name}: `
    this.#notes.add(`from ${from.host} port ${from.port}: ${what}; not answered`, about)
  }

  /** Resolves once enough requests were answered, or on `signal`. */
  async enough(signal: AbortSignal): Promise<void> {
    while (this.#answered < this.#most && !signal.aborted)
      await this.#bell.wait(Number.POSITIVE_INFINITY, signal)
  }

  /** Prints a line for each host. */
  sumUp(): void {
    for (const [host, requests] of this.#requests)
      this.#terminal.out(`${this.#prefix}${host}  ${counted(requests, 'request')} answered\n`)
  }

  get #prefix(): string {
    return this.name === undefined ? '' : `${this.name}  `
  }
}
