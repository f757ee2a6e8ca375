/** The pictures of a camera, which sends them in turn. */
import type { Payload } from '../../../transports/contract/transport.ts'
import {
  digest,
  FilePayload,
  GeneratedPayload,
  readFilePayload,
} from '../../../transports/payload/generated.ts'
import { makePayload } from '../../../transports/payload/made.ts'
import type { PayloadSpec } from '../../fleet/calls/payload-spec.ts'

export interface Picture {
  readonly payload: Payload
  readonly digest: string
}

/** Generated ones differ from those before and after them, so that a receiver knows which of them came. */
const GENERATED = 4
/** Lists to remember: each round visits the same cases. */
const REMEMBERED = 4

export class Pictures {
  readonly #known = new Map<string, readonly Picture[]>()

  /** @throws the system's error if a file cannot be read, or an Error if one has changed */
  async of(spec: PayloadSpec): Promise<readonly Picture[]> {
    const key = JSON.stringify(spec)
    const pictures = this.#known.get(key) ?? (await picturesOf(spec))
    this.#known.delete(key)
    this.#known.set(key, pictures)
    for (const oldest of this.#known.keys()) if (this.#known.size > REMEMBERED) this.#known.delete(oldest)
    return pictures
  }
}

async function picturesOf(spec: PayloadSpec): Promise<readonly Picture[]> {
  const payloads = await payloadsOf(spec)
  const largest = Math.max(...payloads.map(each => each.sizeBytes))
  if (largest !== spec.sizeBytes)
    throw new Error(`pictures changed during the run: the largest has ${largest} B, not ${spec.sizeBytes} B`)
  return payloads.map(payload => ({ payload, digest: digestOf([payload.whole()]) }))
}

async function payloadsOf(spec: PayloadSpec): Promise<readonly Payload[]> {
  const { sizeBytes, chunkBytes } = spec
  if (spec.kind === 'file')
    return Promise.all([spec.path, ...(spec.others ?? [])].map(path => readFilePayload(path, chunkBytes)))
  return Array.from({ length: GENERATED }, (_, index) => {
    const seed = spec.seed + index
    return spec.kind === 'generated'
      ? new GeneratedPayload(sizeBytes, chunkBytes, seed)
      : new FilePayload(makePayload(spec.made, sizeBytes, seed), chunkBytes)
  })
}

/** `819200-4151a7d6763e`: its length, and enough of its digest to tell a picture from any other, damaged ones included. */
export function digestOf(parts: readonly Buffer[]): string {
  const bytes = parts.reduce((sum, part) => sum + part.length, 0)
  return `${bytes}-${digest(parts).slice(0, 12)}`
}
