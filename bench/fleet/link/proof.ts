/**
 * How both sides prove that they know the token without sending it: HMAC-SHA-256 over fresh nonces from both, and a session key that
 * seals each frame with its sequence number and direction. Nothing can be replayed. Pure.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { ProtocolError } from './frames.ts'

export type Side = 'client' | 'server'

const NONCE_BYTES = 32
const SEAL_BYTES = 32

export interface Nonces {
  readonly client: string
  readonly server: string
}

/** 32 random bytes, in hex. */
export function newNonce(): string {
  return randomBytes(NONCE_BYTES).toString('hex')
}

/** Computes the proof that `side` knows the token, in hex. */
export function proofOf(token: string, side: Side, nonces: Nonces): string {
  return derive(token, `proof of the ${side}`, nonces).toString('hex')
}

/** Compares in constant time. */
export function isProof(proof: string, token: string, side: Side, nonces: Nonces): boolean {
  return isSame(proof, proofOf(token, side, nonces))
}

/** Compares two hex secrets in constant time. */
export function isSame(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given, 'hex'), Buffer.from(right, 'hex')]
  return a.length === b.length && timingSafeEqual(a, b)
}

export class Seals {
  readonly #outgoing: Buffer
  readonly #incoming: Buffer
  #sent = 0n
  #received = 0n

  constructor(token: string, side: Side, nonces: Nonces) {
    const other = side === 'client' ? 'server' : 'client'
    this.#outgoing = derive(token, `frames of the ${side}`, nonces)
    this.#incoming = derive(token, `frames of the ${other}`, nonces)
  }

  seal(payload: Buffer): Buffer {
    return Buffer.concat([payload, sealOf(this.#outgoing, this.#sent++, payload)])
  }

  /** @throws ProtocolError if it was not sealed by the other side, or is not its next frame */
  open(sealed: Buffer): Buffer {
    const payload = sealed.subarray(0, Math.max(0, sealed.length - SEAL_BYTES))
    const seal = sealed.subarray(payload.length)
    const right = sealOf(this.#incoming, this.#received++, payload)
    if (seal.length !== right.length || !timingSafeEqual(seal, right))
      throw new ProtocolError('a frame that the other side has not sealed')
    return payload
  }
}

function sealOf(key: Buffer, number: bigint, payload: Buffer): Buffer {
  const position = Buffer.alloc(8)
  position.writeBigUInt64BE(number)
  return createHmac('sha256', key).update(position).update(payload).digest()
}

function derive(token: string, purpose: string, { client, server }: Nonces): Buffer {
  // Nonces have a fixed length, so no two lists of them concatenate to the same text.
  return createHmac('sha256', token)
    .update(`tcp-udp-bench control 1, ${purpose}\n${client}\n${server}`)
    .digest()
}
