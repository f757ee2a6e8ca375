/** A client of `bench serve` that does as a test says: it knows the protocol, and keeps to nothing. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { monotonic } from '../../base/clock.ts'
import type { FromClient } from '../../bench/fleet/calls/agent-calls.ts'
import { PROTOCOL } from '../../bench/fleet/calls/protocol.ts'
import { requestSchema } from '../../bench/fleet/calls/server-calls.ts'
import { BENCH_VERSION } from '../../bench/fleet/facts/environment.ts'
import { encodeFrame, FrameReader } from '../../bench/fleet/link/frames.ts'
import { newNonce, proofOf, Seals } from '../../bench/fleet/link/proof.ts'

export const WARM_UP = {
  type: 'warm-up',
  trial: 1,
  transport: 'udp-header',
  engine: 'node',
  chunkBytes: 1000,
  ipFamily: 4,
} as const
export const GO = { type: 'go', trial: 1, to: { host: '127.0.0.1', port: 9, family: 4 } } as const
export const SETTLE = {
  type: 'settle',
  trial: 1,
  sent: { bytesAccepted: 0, datagramsAccepted: 0 },
  quietMs: 20,
  deadlineMs: 500,
} as const

/** Of a receiver, unless it is said otherwise. */
export function prepare(over: object = {}) {
  return {
    type: 'prepare',
    trial: 1,
    role: 'receive',
    transport: 'udp-header',
    engine: 'node',
    payload: { kind: 'generated', sizeBytes: 1000, chunkBytes: 100, seed: 1 },
    socket: {},
    answerTimeoutMs: 1000,
    ...over,
  }
}

/** As the server reads it. */
export function parsed(message: object): FromClient {
  const request = requestSchema.parse({ type: 'agent', message })
  assert(request.type === 'agent')
  return request.message
}

/** What the server says; only what these tests look at. */
export interface Said {
  readonly type: string
  readonly id?: number
  readonly code?: string
  readonly reason?: string
  readonly nonce?: string
  readonly problem?: string
  readonly ticket?: string
  readonly objection?: { readonly option: string; readonly reason: string }
  readonly message?: {
    readonly type: string
    readonly trial: number
    readonly endpoint?: { readonly host: string; readonly port: number }
    readonly rehearsal?: { readonly host: string; readonly port: number }
    readonly failure?: { readonly code: string; readonly message: string }
    readonly report?: {
      readonly bytesDelivered: number
      readonly announcedBytes?: number
      readonly datagrams?: { readonly stray: number; readonly delivered: number }
    }
  }
}

const PATIENCE_MS = 60_000

export class HostileClient implements Disposable {
  readonly socket: Socket
  /** Every byte written so far: what an eavesdropper could say again. */
  readonly written: Buffer[] = []
  readonly heard: Said[] = []
  closedAt: number | undefined
  readonly #reader = new FrameReader(1 << 25)
  #seals: Seals | undefined
  #wake: (() => void) | undefined

  static async connect(port: number, host = '127.0.0.1', localAddress = '127.0.0.1'): Promise<HostileClient> {
    const socket = connect({ host, port, localAddress, noDelay: true })
    const client = new HostileClient(socket)
    await once(socket, 'connect')
    return client
  }

  /** Through the handshake. */
  static async enter(port: number, token?: string): Promise<HostileClient> {
    const client = await HostileClient.connect(port)
    await client.introduce(token)
    return client
  }

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', bytes => {
      this.#reader.push(bytes)
      this.#take()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      this.closedAt = monotonic()
      this.#wake?.()
    })
  }

  async introduce(token?: string): Promise<void> {
    const client = newNonce()
    this.say({ type: 'hello', protocol: PROTOCOL, version: BENCH_VERSION, nonce: client })
    const { nonce: server = '' } = await this.hear('challenge')
    const nonces = { client, server }
    this.say({ type: 'proof', ...(token === undefined ? {} : { proof: proofOf(token, 'client', nonces) }) })
    await this.hear('welcome')
    if (token !== undefined) this.#seals = new Seals(token, 'client', nonces)
  }

  /** In a frame, sealed where it has to be. */
  say(message: unknown): void {
    this.sayText(JSON.stringify(message))
  }

  /** A frame each, in one write. */
  sayAll(messages: readonly unknown[]): void {
    this.write(Buffer.concat(messages.map(message => this.#frameOf(JSON.stringify(message)))))
  }

  sayText(text: string): void {
    this.write(this.#frameOf(text))
  }

  tell(message: object): void {
    this.say({ type: 'agent', message })
  }

  /** As it is. */
  write(bytes: Buffer): void {
    this.written.push(bytes)
    this.socket.write(bytes)
  }

  /** The next message of one of these types, of the server or of the agent; those before it are dropped. Fails when there will be none. */
  async hear(...types: readonly string[]): Promise<Said> {
    const until = monotonic() + PATIENCE_MS
    for (;;) {
      for (let said = this.heard.shift(); said; said = this.heard.shift())
        if (types.includes(said.type) || types.includes(said.message?.type ?? '')) return said
      if (this.closedAt !== undefined) throw new Error(`closed without ${types}`)
      if (monotonic() > until) throw new Error(`no ${types}`)
      await this.#woken()
    }
  }

  /** Resolves when the server has closed the connection. */
  async closed(): Promise<void> {
    const until = monotonic() + PATIENCE_MS
    while (this.closedAt === undefined) {
      if (monotonic() > until) throw new Error('not closed')
      await this.#woken()
    }
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }

  #frameOf(text: string): Buffer {
    const payload = Buffer.from(text)
    return encodeFrame(this.#seals?.seal(payload) ?? payload)
  }

  #take(): void {
    for (let frame = this.#reader.next(); frame; frame = this.#reader.next())
      this.heard.push(JSON.parse((this.#seals?.open(frame) ?? frame).toString()))
    this.#wake?.()
  }

  async #woken(): Promise<void> {
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, 250)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
