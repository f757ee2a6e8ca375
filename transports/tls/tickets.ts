/** Tickets of TLS sessions (RFC 8446, section 2.2), with which a later connection of this process resumes one. */
import { Bell, Deadline, onAbort } from '../../base/waiting.ts'
import type { Endpoint } from '../contract/socket-facts.ts'
import type { ClientTls, Sockets } from '../contract/sockets.ts'
import type { SendOptions } from '../contract/transport.ts'

/** The longest that a connection waits for a ticket, which a server sends right after the handshake, or never. */
const LONGEST_MS = 1000

export class TicketStore {
  /** The latest, and whose it is. A process has one receiver at a time. */
  #last: { readonly of: string; readonly ticket: Buffer } | undefined

  keep(to: Endpoint, ticket: Buffer): void {
    this.#last = { of: nameOf(to), ticket }
  }

  /** The latest ticket of this receiver. Without one, connects to it for one before the clock starts; undefined if it issues none. */
  async ticketFor(
    sockets: Sockets,
    to: Endpoint,
    accepted: ClientTls,
    { signal, from, socket: options, answerTimeoutMs }: SendOptions,
  ): Promise<Buffer | undefined> {
    if (this.#last?.of !== nameOf(to)) {
      using deadline = new Deadline(signal, Math.min(LONGEST_MS, answerTimeoutMs))
      // The transfer will run into the same problem.
      await this.#fetch(sockets, { signal: deadline.signal, from, to, options }, accepted).catch(() => {})
    }
    return this.#last?.of === nameOf(to) ? this.#last.ticket : undefined
  }

  async #fetch(
    sockets: Sockets,
    request: Parameters<Sockets['connect']>[0],
    accepted: ClientTls,
  ): Promise<void> {
    const { signal, to } = request
    await using stream = await sockets.connect(request)
    const came = new Bell()
    using _hangUp = onAbort(signal, () => void stream[Symbol.asyncDispose]())
    const issued = (ticket: Buffer) => {
      this.keep(to, ticket)
      came.ring()
    }
    await stream.startTls?.({ ...accepted, issued })
    stream.read(() => {})
    if (this.#last?.of !== nameOf(to)) await came.wait(LONGEST_MS, signal)
  }
}

/** A receiver of a run has a new port for each trial, and one certificate. */
function nameOf({ certificate, host, port }: Endpoint): string {
  return certificate ?? `${host} ${port}`
}
