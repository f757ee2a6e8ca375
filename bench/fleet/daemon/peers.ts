/** Who a session's data come from and go to: the client, and servers that its visits and tickets have shown to be there. */
import type { ShownTicket } from '../link/handshake.ts'
import { newNonce } from '../link/proof.ts'
import { isOwnAddress } from './own-addresses.ts'
import type { Premises } from './policy.ts'
import { type Destination, type Visitor, type Visits, visitServer } from './visit.ts'

export class Peers {
  readonly #visitor: Visitor
  readonly #visits: Visits
  /** The client's own address, if it is known. Permissions depend on this one, even if another server stands in for the client. */
  readonly #clientHost: string | undefined
  #premises: Premises | undefined
  readonly #sendTo = new Map<string, string>()
  /** Lets another server stand in for the client, once. */
  #ticket: string | undefined
  #visiting = false

  /** @param premises undefined for a client that came over a NATS server: nothing is sent to it */
  constructor(visitor: Visitor, visits: Visits, premises: Premises | undefined) {
    this.#visitor = visitor
    this.#visits = visits
    this.#clientHost = premises?.peerHost
    this.#premises = premises
    if (premises) this.#sendTo.set(premises.peerHost, premises.localHost)
  }

  /** Addresses of the data: the peer is the client, or the server that it has sent; undefined while there is neither. */
  get premises(): Premises | undefined {
    return this.#premises
  }

  /** Hosts that have proven that they exist and accept the data, each with the local address from which it expects them. */
  get sendTo(): ReadonlyMap<string, string> {
    return this.#sendTo
  }

  /** Issues a ticket, which replaces the previous one. */
  invite(): string {
    this.#ticket = newNonce()
    return this.#ticket
  }

  /**
   * Redeems a ticket of this session that another server presents: from now on data are accepted from that server. Returns the ticket, or
   * why the server is rejected, or undefined if it presented another ticket.
   */
  redeem({ fits }: ShownTicket, premises: Premises) {
    const ticket = this.#ticket
    if (ticket === undefined || !fits(ticket)) return undefined
    this.#ticket = undefined
    // Rejects two servers on one host: by using another or a rewritten address, a client could reach what only that host may reach.
    const near = premises.peerHost === premises.localHost || isOwnAddress(premises.peerHost)
    if (near && !this.#isNear) return { denied: 'both servers are on one host' }
    this.#premises = premises
    return { ticket }
  }

  /** A successful visit proves that the host exists and accepts our data. Returns why it failed; undefined if it succeeded. */
  async visit(other: Destination): Promise<string | undefined> {
    if (this.#visiting) return 'one visit at a time'
    // Only clients on this host may reach its local services.
    if (isOwnAddress(other.host) && !this.#isNear)
      return 'the address belongs to this host, where only a client on it may measure'
    this.#visiting = true
    try {
      const visit = await visitServer(other, this.#visitor, this.#visits)
      if ('problem' in visit) return visit.problem
      this.#sendTo.set(other.host, visit.localHost)
      if (this.#clientHost === undefined)
        this.#premises = { localHost: visit.localHost, peerHost: other.host }
      return undefined
    } finally {
      this.#visiting = false
    }
  }

  /** The client is on this host, and can reach its services anyway. */
  get #isNear(): boolean {
    return this.#clientHost !== undefined && isOwnAddress(this.#clientHost)
  }
}
