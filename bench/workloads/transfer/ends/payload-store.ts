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
import { Remembered } from '../../remembered.ts'

type Kind<Name extends PayloadSpec['kind']> = Extract<PayloadSpec, { kind: Name }>

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

export class PayloadStore {
  readonly #files = new Remembered<Outgoing>()
  readonly #generated = new Remembered<GeneratedPayload>()
  readonly #made = new Remembered<Made>()

  /** @throws the system's error if a file cannot be read, or its size has changed */
  async outgoing(spec: PayloadSpec, carrier: Carrier): Promise<Outgoing> {
    if (spec.kind === 'file') return this.#files.of([spec, carrier.name], () => readOutgoing(spec, carrier))
    const payload =
      spec.kind === 'made' ? (await this.made(spec, carrier)).payload : await this.generated(spec)
    // The receiver makes its own.
    return { payload, fingerprint: undefined }
  }

  /** What a receiver recognizes arriving bytes by, after the clock has stopped. */
  made(spec: Kind<'made'>, carrier: Carrier): Promise<Made> {
    return this.#made.of([spec, carrier.name], () => {
      const payload = new FilePayload(makePayload(spec.made, spec.sizeBytes, spec.seed), spec.chunkBytes)
      return { kind: spec.made, payload, fingerprint: fingerprintOf(payload, carrier) }
    })
  }

  /** What a receiver checks arriving bytes against as they come. */
  generated(spec: Kind<'generated'>): Promise<GeneratedPayload> {
    const { sizeBytes, chunkBytes, seed } = spec
    return this.#generated.of(spec, () => new GeneratedPayload(sizeBytes, chunkBytes, seed))
  }
}

async function readOutgoing(
  { path, sizeBytes, chunkBytes }: Kind<'file'>,
  carrier: Carrier,
): Promise<Outgoing> {
  const payload = await readFilePayload(path, chunkBytes)
  if (payload.sizeBytes !== sizeBytes)
    throw new Error(`${path} changed during the run: ${payload.sizeBytes} B instead of ${sizeBytes} B`)
  return { payload, fingerprint: fingerprintOf(payload, carrier) }
}

function fingerprintOf(payload: FilePayload, { transfer }: Carrier): Fingerprint {
  return {
    sha256: digest([payload.whole()]),
    ...(transfer.datagrams ? { digests: datagramDigests(transfer.datagrams(payload)) } : {}),
  }
}
