/** Who is there: hello, challenge, proof, welcome. Nothing else is said before it. */
import type { z } from 'zod'
import { monotonic } from '../../../base/clock.ts'
import type { Environment } from '../calls/environment.ts'
import { fromServerSchema, helloSchema, PROTOCOL, proofSchema, visitSchema } from '../calls/protocol.ts'
import { BENCH_VERSION } from '../facts/environment.ts'
import type { Channel } from './channel.ts'
import { ChannelError } from './channel.ts'
import { isProof, newNonce, proofOf, Seals } from './proof.ts'

/** How long all of it may take. */
export const HANDSHAKE_MS = 5000

/** What a server tells whoever it lets in. */
export interface Welcome {
  readonly environment: Environment
  /** Names of the engines that work there, the best one first. */
  readonly engines: readonly string[]
  /** The client's address as the server sees it; servers before 0.2 do not say. */
  readonly peer?: string | undefined
}

/** What a visitor shows. */
export interface ShownTicket {
  /** By which the server that sent it knows it again. */
  readonly nonce: string
  /** Whether it has been given this ticket. */
  readonly fits: (ticket: string) => boolean
}

/**
 * The client's part, on a fresh connection.
 * @param token what both sides know; undefined when none is given
 * @throws ChannelError: `DENIED`, `BUSY`, `CLOSING`, `PROTOCOL`, `TIMEOUT`, or why the connection was lost
 */
export async function greet(
  channel: Channel,
  token: string | undefined,
  signal: AbortSignal,
): Promise<Welcome> {
  const until = monotonic() + HANDSHAKE_MS
  const next = async () => answerOf(await channel.receive(until - monotonic(), signal))
  const client = newNonce()
  channel.send({ type: 'hello', protocol: PROTOCOL, version: BENCH_VERSION, nonce: client })
  const challenge = await next()
  if (challenge.type !== 'challenge') throw new ChannelError('PROTOCOL', 'no challenge from the server')
  if (challenge.protocol !== PROTOCOL)
    throw new ChannelError('PROTOCOL', versionsDiffer(challenge, 'there', 'here'))
  if (challenge.auth === 'token' && token === undefined)
    throw new ChannelError('DENIED', 'the server wants a token; give it with --token-file or BENCH_TOKEN')
  if (challenge.auth === 'none' && token !== undefined)
    throw new ChannelError('DENIED', 'a token is given here and the server wants none: is it the right one?')
  const nonces = { client, server: challenge.nonce }
  channel.send({ type: 'proof', ...(token === undefined ? {} : { proof: proofOf(token, 'client', nonces) }) })
  const welcome = await next()
  if (welcome.type !== 'welcome') throw new ChannelError('PROTOCOL', 'no welcome from the server')
  if (token !== undefined && !isProof(welcome.proof ?? '', token, 'server', nonces))
    throw new ChannelError('DENIED', 'the server does not know the token: it is another one, or not ours')
  channel.establish(token === undefined ? undefined : new Seals(token, 'client', nonces))
  return welcome
}

/**
 * The server's part; whether it was a visitor, who has a ticket of a client that is known, and is gone again.
 * @param admitted called once the client is known: why it is turned away all the same, if it is
 * @param visited called with what a visitor has shown: the ticket of ours that fits, which is good for this once, or why there is none
 * @param until on our monotonic clock, in ms: whoever has not proven himself by then is not let in
 * @throws ChannelError when the client is not let in; it has been told
 */
export async function answer(
  channel: Channel,
  token: string | undefined,
  welcome: Welcome,
  admitted: () => string | undefined,
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
  if (!hello) throw refuse(channel, 'PROTOCOL', 'that is no hello of a bench client')
  if (hello.protocol !== PROTOCOL)
    throw refuse(channel, 'PROTOCOL', versionsDiffer({ ...hello }, 'at the client', 'at the server'))
  const nonces = { client: hello.nonce, server: newNonce() }
  const auth = token === undefined ? 'none' : 'token'
  channel.send({ type: 'challenge', protocol: PROTOCOL, version: BENCH_VERSION, nonce: nonces.server, auth })
  const said = proofSchema.safeParse(await next()).data
  if (!said) throw refuse(channel, 'PROTOCOL', 'that is no proof')
  if (token !== undefined && !isProof(said.proof ?? '', token, 'client', nonces))
    throw refuse(channel, 'DENIED', 'wrong token')
  const busy = admitted()
  if (busy !== undefined) throw refuse(channel, 'BUSY', busy)
  const proof = token === undefined ? {} : { proof: proofOf(token, 'server', nonces) }
  channel.send({ type: 'welcome', ...proof, ...welcome })
  channel.establish(token === undefined ? undefined : new Seals(token, 'server', nonces))
  return 'client'
}

/**
 * A visitor's part: shows that it has been sent, and where it comes from; the ticket itself never travels, and is good for one visit.
 * @param shown the ticket, and a fresh nonce
 * @param token of the servers, where they have one: whoever has read the ticket on its way does not know it
 * @throws ChannelError when that is no server that knows the ticket
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
  if (said.type !== 'visited') throw new ChannelError('PROTOCOL', 'no answer to a visit')
  if (!isProof(said.proof, secret, 'server', nonces))
    throw new ChannelError('DENIED', 'that is not the server that gave the ticket')
}

function secretOf(ticket: string, token: string | undefined): string {
  return `${ticket} ${token ?? ''}`
}

/** Tells the other side and closes. */
function refuse(channel: Channel, code: RefusalCode, reason: string): ChannelError {
  channel.send({ type: 'refused', code, reason })
  channel.close()
  return new ChannelError(code, reason)
}

type RefusalCode = 'PROTOCOL' | 'DENIED' | 'BUSY' | 'CLOSING'
type FromServer = Exclude<z.infer<typeof fromServerSchema>, { type: 'refused' }>

function answerOf(message: unknown): FromServer {
  const said = fromServerSchema.safeParse(message)
  if (!said.success) throw new ChannelError('PROTOCOL', 'that is no bench server')
  if (said.data.type === 'refused') throw new ChannelError(said.data.code, said.data.reason)
  return said.data
}

function versionsDiffer(
  { protocol, version }: { protocol: number; version: string },
  there: string,
  here: string,
): string {
  return `bench ${version} ${there} speaks control protocol ${protocol}, and bench ${BENCH_VERSION} ${here} speaks ${PROTOCOL}; run the same version on both`
}
