/** Builds payloads before the clock starts, and caches them between trials. */

import type { Carrier, Payload } from '../../../../transports/contract/transport.ts'
import {
  digest,
  FilePayload,
  GeneratedPayload,
  readFilePayload,
} from '../../../../transports/payload/generated.ts'
import { type MadeKind, makePayload } from '../../../../transports/payload/made.ts'
import { datagramDigests } from '../../../../transports/payload/reception.ts'
import type { Fingerprint } from '../../../fleet/calls/agent-calls.ts'
import type { PayloadSpec } from '../../../fleet/calls/payload-spec.ts'

export interface Outgoing {
  readonly payload: Payload
  /** For a file: lets the receiver verify the bytes. */
  readonly fingerprint: Fingerprint | undefined
}

/** A payload without indices that both ends make. */
export interface Made {
  readonly kind: MadeKind
  readonly payload: FilePayload
  readonly fingerprint: Fingerprint
}

/** Cached payloads per end; each round revisits the same cases. */
const REMEMBERED = 4

export class PayloadStore {
  readonly #outgoing = new Map<string, Outgoing>()
  readonly #expected = new Map<string, GeneratedPayload>()
  readonly #made = new Map<string, Made>()

  /** @throws the system's error if a file cannot be read, or its size has changed */
  async outgoing(spec: PayloadSpec, carrier: Carrier): Promise<Outgoing> {
    // The receiver makes its own.
    if (spec.kind === 'made') return { ...this.#make(spec, carrier), fingerprint: undefined }
    if (spec.kind === 'generated') {
      const payload = remember(this.#expected, spec, () => generate(spec))
      return { payload, fingerprint: undefined }
    }
    const key = JSON.stringify([spec, carrier.name])
    const known = this.#outgoing.get(key)
    if (known) return known
    const payload = await readFilePayload(spec.path, spec.chunkBytes)
    if (payload.sizeBytes !== spec.sizeBytes)
      throw new Error(
        `${spec.path} changed during the run: ${payload.sizeBytes} B instead of ${spec.sizeBytes} B`,
      )
    return remember(this.#outgoing, key, () => ({ payload, fingerprint: fingerprintOf(payload, carrier) }))
  }

  /** What a receiver recognizes arriving bytes by, after the clock has stopped; undefined if that is not made. */
  made(spec: PayloadSpec, carrier: Carrier): Made | undefined {
    return spec.kind === 'made' ? this.#make(spec, carrier) : undefined
  }

  #make(spec: Extract<PayloadSpec, { kind: 'made' }>, carrier: Carrier): Made {
    return remember(this.#made, JSON.stringify([spec, carrier.name]), () => {
      const payload = new FilePayload(makePayload(spec.made, spec.sizeBytes, spec.seed), spec.chunkBytes)
      return { kind: spec.made, payload, fingerprint: fingerprintOf(payload, carrier) }
    })
  }

  /** Returns the payload that a receiver checks arriving bytes against; undefined for any other than a generated one. */
  expected(spec: PayloadSpec): GeneratedPayload | undefined {
    return spec.kind === 'generated' ? remember(this.#expected, spec, () => generate(spec)) : undefined
  }
}

function fingerprintOf(payload: FilePayload, { transfer }: Carrier): Fingerprint {
  return {
    sha256: digest([payload.whole()]),
    ...(transfer.datagrams ? { digests: datagramDigests(transfer.datagrams(payload)) } : {}),
  }
}

function generate(spec: Extract<PayloadSpec, { kind: 'generated' }>): GeneratedPayload {
  return new GeneratedPayload(spec.sizeBytes, spec.chunkBytes, spec.seed)
}

function remember<T>(memory: Map<string, T>, key: string | PayloadSpec, make: () => T): T {
  const name = typeof key === 'string' ? key : JSON.stringify(key)
  const value = memory.get(name) ?? make()
  memory.delete(name)
  memory.set(name, value)
  for (const oldest of memory.keys()) {
    if (memory.size <= REMEMBERED) break
    memory.delete(oldest)
  }
  return value
}
