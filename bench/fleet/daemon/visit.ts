/** A server connects to another one that its client has named, and presents a ticket: each has then seen the other's address. */

import { errorMessage } from '../../../base/errors.ts'
import { unmapped } from '../../../transports/contract/addresses.ts'
import type { Asked } from '../calls/server-calls.ts'
import { Channel } from '../link/channel.ts'
import { dial } from '../link/connect.ts'
import { visit } from '../link/handshake.ts'
import { newNonce } from '../link/proof.ts'

export type Destination = Omit<Asked<'visit'>, 'id' | 'type'>

/** The credentials of a visiting server, and where it comes from. */
export interface Visitor {
  /** The local address of its data, too; undefined for what the routes choose. */
  readonly from: string | undefined
  readonly token: string | undefined
  /** PEM texts. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined
}

/** A server's visits in progress, by the nonces they present: one that returns has gone in a circle. */
export class Visits {
  readonly #nonces = new Set<string>()

  begin(): Disposable & { readonly nonce: string } {
    const nonce = newNonce()
    this.#nonces.add(nonce)
    return { nonce, [Symbol.dispose]: () => this.#nonces.delete(nonce) }
  }

  isOwn(nonce: string): boolean {
    return this.#nonces.has(nonce)
  }
}

/** Visits, and returns the local address that it was made from, or why it failed. */
export async function visitServer(
  { host, port, tls, ticket }: Destination,
  { from, token, tls: own }: Visitor,
  visits: Visits,
): Promise<{ readonly localHost: string } | { readonly problem: string }> {
  const { signal } = new AbortController()
  using under = visits.begin()
  try {
    // The ticket alone proves the other side's identity.
    const identity = tls ? { cert: own?.cert, key: own?.key, rejectUnauthorized: false } : undefined
    const socket = await dial({ name: host, host, port, tls: identity, from }, signal)
    using channel = new Channel(socket)
    const localHost = unmapped(socket.localAddress ?? '')
    await visit(channel, { ticket, nonce: under.nonce }, token, signal)
    return { localHost }
  } catch (error) {
    return { problem: errorMessage(error).slice(0, 300) }
  }
}
