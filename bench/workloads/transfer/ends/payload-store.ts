/** Builds payloads before the clock starts, and caches them between trials. */

import type { Carrier, Payload } from '../../../../transports/contract/transport.ts'
import { digest, GeneratedPayload, readFilePayload } from '../../../../transports/payload/generated.ts'
import { datagramDigests } from '../../../../transports/payload/reception.ts'
import type { Fingerprint, PayloadSpec } from '../../../fleet/calls/agent-calls.ts'

export interface Outgoing {
  readonly payload: Payload
  /** For a file: lets the receiver verify the bytes. */
  readonly fingerprint: Fingerprint | undefined
}

/** Cached payloads per end; each round revisits the same cases. */
const REMEMBERED = 4

export class PayloadStore {
  readonly #outgoing = new Map<string, Outgoing>()
  readonly #expected = new Map<string, GeneratedPayload>()

  /** @throws the system's error if a file cannot be read, or its size has changed */
  async outgoing(spec: PayloadSpec, { name, transfer }: Carrier): Promise<Outgoing> {
    if (spec.kind === 'generated') {
      const payload = remember(this.#expected, spec, () => generate(spec))
      return { payload, fingerprint: undefined }
    }
    const key = JSON.stringify([spec, name])
    const known = this.#outgoing.get(key)
    if (known) return known
    const payload = await readFilePayload(spec.path, spec.chunkBytes)
    if (payload.sizeBytes !== spec.sizeBytes)
      throw new Error(
        `${spec.path} changed during the run: ${payload.sizeBytes} B instead of ${spec.sizeBytes} B`,
      )
    const fingerprint = {
      sha256: digest([payload.whole()]),
      ...(transfer.datagrams ? { digests: datagramDigests(transfer.datagrams(payload)) } : {}),
    }
    return remember(this.#outgoing, key, () => ({ payload, fingerprint }))
  }

  /** Returns the payload that a receiver checks arriving bytes against; undefined for a file. */
  expected(spec: PayloadSpec): GeneratedPayload | undefined {
    return spec.kind === 'generated' ? remember(this.#expected, spec, () => generate(spec)) : undefined
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
