/** Authentication: hello, challenge, proof, welcome. Nothing else is exchanged before it. */
import type { z } from 'zod'
import { monotonic } from '../../../base/clock.ts'
import {
  fromServerSchema,
  helloSchema,
  PROTOCOL,
  proofSchema,
  type refusedSchema,
  visitSchema,
  type welcomeSchema,
} from '../calls/protocol.ts'
import { BENCH_VERSION } from '../facts/environment.ts'
import type { Channel } from './channel.ts'
import { LinkError } from './link.ts'
import { isProof, newNonce, proofOf, Seals } from './proof.ts'

export const HANDSHAKE_MS = 10_000

/** Sent by a server to an admitted client. */
export type Welcome = Omit<z.infer<typeof welcomeSchema>, 'type' | 'proof'>

/** Presented by a visiting server. */
export interface ShownTicket {
  /** Lets the server that sent it recognise it. */
  readonly nonce: string
  /** True if it was given this ticket. */
  readonly fits: (ticket: string) => boolean
}

/**
 * The client's part, on a new connection.
 * @param token the shared secret; undefined for none
 * @param run a run that has the host to itself
 * @throws LinkError: `DENIED`, `BUSY`, `CLOSING`, `PROTOCOL`, `TIMEOUT`, or why the connection was lost
 */
export async function greet(
  channel: Channel,
  token: string | undefined,
  signal: AbortSignal,
  run?: string | undefined,
): Promise<Welcome> {
  const until = monotonic() + HANDSHAKE_MS
  const next = async () => answerOf(await channel.receive(until - monotonic(), signal))
  const client = newNonce()
  channel.send({ type: 'hello', protocol: PROTOCOL, version: BENCH_VERSION, nonce: client, run })
  const challenge = await next()
  if (challenge.type !== 'challenge') throw new LinkError('PROTOCOL', 'no challenge from the server')
  if (challenge.protocol !== PROTOCOL)
    throw new LinkError('PROTOCOL', versionsDiffer(challenge, 'there', 'here'))
  if (challenge.auth === 'token' && token === undefined)
    throw new LinkError('DENIED', 'the server needs a token', 'give it with --token-file or BENCH_TOKEN')
  if (challenge.auth === 'none' && token !== undefined)
    throw new LinkError('DENIED', 'a token is given, but the server takes none: is it the right server?')
  const nonces = { client, server: challenge.nonce }
  channel.send({ type: 'proof', ...(token === undefined ? {} : { proof: proofOf(token, 'client', nonces) }) })
  const welcome = await next()
  if (welcome.type !== 'welcome') throw new LinkError('PROTOCOL', 'no welcome from the server')
  if (token !== undefined && !isProof(welcome.proof ?? '', token, 'server', nonces))
    throw new LinkError(
      'DENIED',
      'the server does not know the token: it has another one, or is the wrong server',
    )
  channel.establish(token === undefined ? undefined : new Seals(token, 'client', nonces))
  return welcome
}

/**
 * The server's part. Returns whether it was a client, or a visiting server with a client's ticket, which has left again.
 * @param admitted called once the client is authenticated, with the run that it names: returns why it is rejected nevertheless, if it is
 * @param visited called with what a visitor presented: returns our matching ticket, which is thereby used up, or why there is none
 * @param until deadline for authentication, on the local monotonic clock in ms
 * @throws LinkError if the client is rejected; it has been informed
 */
export async function answer(
  channel: Channel,
  token: string | undefined,
  welcome: Welcome,
  admitted: (run: string | undefined) => string | undefined,
  visited: (shown: ShownTicket) => { readonly ticket: string } | { readonly denied: string },
  until: number,
  signal: AbortSignal,
): Promise<'client' | 'visitor'> {
  const next = () => channel.receive(until - monotonic(), signal)
  const first = await next()
  const visit = visitSchema.safeParse(first).data
  if (visit) {
    const nonces = { client: visit.nonce, server: visit.nonce }
    const fits = (each: string) => isProof(visit.proof, secretOf(each, token), 'client', nonces)
    const found = visited({ nonce: visit.nonce, fits })
    if ('denied' in found) throw refuse(channel, 'DENIED', found.denied)
    channel.send({ type: 'visited', proof: proofOf(secretOf(found.ticket, token), 'server', nonces) })
    channel.close()
    return 'visitor'
  }
  const hello = helloSchema.safeParse(first).data
  if (!hello) throw refuse(channel, 'PROTOCOL', 'not the hello of a bench client')
  if (hello.protocol !== PROTOCOL)
    throw refuse(channel, 'PROTOCOL', versionsDiffer(hello, 'at the client', 'at the server'))
  const nonces = { client: hello.nonce, server: newNonce() }
  const auth = token === undefined ? 'none' : 'token'
  channel.send({ type: 'challenge', protocol: PROTOCOL, version: BENCH_VERSION, nonce: nonces.server, auth })
  const said = proofSchema.safeParse(await next()).data
  if (!said) throw refuse(channel, 'PROTOCOL', 'that is no proof')
  if (token !== undefined && !isProof(said.proof ?? '', token, 'client', nonces))
    throw refuse(channel, 'DENIED', 'wrong token')
  const busy = admitted(hello.run)
  if (busy !== undefined) throw refuse(channel, 'BUSY', busy)
  const proof = token === undefined ? {} : { proof: proofOf(token, 'server', nonces) }
  channel.send({ type: 'welcome', ...proof, ...welcome })
  channel.establish(token === undefined ? undefined : new Seals(token, 'server', nonces))
  return 'client'
}

/**
 * A visiting server's part: proves that it was sent, and from which address. The ticket itself never travels, and is valid for one visit.
 * @param shown the ticket, and a new nonce
 * @param token the servers' shared secret, if any: an eavesdropper on the ticket does not know it
 * @throws LinkError if the other side is not a server that knows the ticket
 */
export async function visit(
  channel: Channel,
  shown: { readonly ticket: string; readonly nonce: string },
  token: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { ticket, nonce } = shown
  const nonces = { client: nonce, server: nonce }
  const secret = secretOf(ticket, token)
  channel.send({ type: 'visit', nonce, proof: proofOf(secret, 'client', nonces) })
  const said = answerOf(await channel.receive(HANDSHAKE_MS, signal))
  if (said.type !== 'visited') throw new LinkError('PROTOCOL', 'no answer to a visit')
  if (!isProof(said.proof, secret, 'server', nonces))
    throw new LinkError('DENIED', 'that is not the server that gave the ticket')
}

function secretOf(ticket: string, token: string | undefined): string {
  return `${ticket} ${token ?? ''}`
}

function refuse(channel: Channel, code: RefusalCode, reason: string): LinkError {
  channel.send({ type: 'refused', code, reason })
  channel.close()
  return new LinkError(code, reason)
}

type RefusalCode = z.infer<typeof refusedSchema>['code']
type FromServer = Exclude<z.infer<typeof fromServerSchema>, { type: 'refused' }>

function answerOf(message: unknown): FromServer {
  const said = fromServerSchema.safeParse(message)
  if (!said.success) throw new LinkError('PROTOCOL', 'not a bench server')
  if (said.data.type === 'refused') {
    const { code, reason } = said.data
    throw new LinkError(code, reason, code === 'BUSY' ? 'try again later' : undefined)
  }
  return said.data
}

function versionsDiffer(
  { protocol, version }: { protocol: number; version: string },
  there: string,
  here: string,
): string {
  return `bench ${version} ${there} speaks control protocol ${protocol}, and bench ${BENCH_VERSION} ${here} speaks ${PROTOCOL}; run the same version on both`
}
