/** The pictures of a camera, which sends a few in turn. Generated ones end with their number, so that a receiver knows which of them came. */
import { createHash, type Hash } from 'node:crypto'
import type { Payload } from '../../../transports/contract/transport.ts'
import {
  digest,
  FilePayload,
  GeneratedPayload,
  readFilePayload,
} from '../../../transports/payload/generated.ts'
import { boundsOf, makePayload } from '../../../transports/payload/made.ts'
import type { PayloadSpec } from '../../fleet/calls/payload-spec.ts'

export interface Pictures {
  /** A picture, by its number from 0; its bytes stay as they are until the next but one is taken. */
  take(frame: number): Payload
  /** Of the first so many; of those that are sent in turn unchanged, of each once. */
  digests(count: number): readonly string[]
}

/** As many in turn: one may still be on its way when the next leaves. */
const GENERATED = 2
/** Of the number, behind what decoders read. */
const NUMBER_BYTES = 2

/** @throws the system's error if a file cannot be read, or an Error if one has changed */
export async function picturesOf(spec: PayloadSpec): Promise<Pictures> {
  return spec.kind === 'file' ? filesOf(spec) : new Numbered(spec)
}

async function filesOf(spec: Extract<PayloadSpec, { kind: 'file' }>): Promise<Pictures> {
  const paths = [spec.path, ...(spec.others ?? [])]
  const payloads = await Promise.all(paths.map(path => readFilePayload(path, spec.chunkBytes)))
  const largest = Math.max(...payloads.map(each => each.sizeBytes))
  if (largest !== spec.sizeBytes)
    throw new Error(`pictures changed during the run: the largest has ${largest} B, not ${spec.sizeBytes} B`)
  const digests = payloads.map(each => digestOf([each.whole()]))
  return { take: frame => inTurn(payloads, frame), digests: () => digests }
}

class Numbered implements Pictures {
  readonly #made: readonly { readonly payload: FilePayload; readonly hash: Hash }[]
  readonly #sizeBytes: number

  constructor(spec: Exclude<PayloadSpec, { kind: 'file' }>) {
    this.#sizeBytes = spec.sizeBytes
    this.#made = Array.from({ length: GENERATED }, (_, index) => {
      const payload = new FilePayload(generate({ ...spec, seed: spec.seed + index }), spec.chunkBytes)
      const hash = createHash('sha256').update(payload.whole().subarray(0, this.#numberAt))
      return { payload, hash }
    })
  }

  take(frame: number): Payload {
    const { payload } = inTurn(this.#made, frame)
    numberOf(frame).copy(payload.whole(), this.#numberAt)
    return payload
  }

  digests(count: number): readonly string[] {
    return Array.from({ length: count }, (_, frame) => {
      const number = numberOf(frame).subarray(0, this.#sizeBytes - this.#numberAt)
      return nameOf(this.#sizeBytes, inTurn(this.#made, frame).hash.copy().update(number).digest('hex'))
    })
  }

  get #numberAt(): number {
    return Math.max(0, this.#sizeBytes - NUMBER_BYTES)
  }
}

function inTurn<T>(all: readonly T[], frame: number): T {
  const found = all[frame % all.length]
  if (found === undefined) throw new Error('there are no pictures')
  return found
}

/** The lower byte first, which is all that a picture of one byte has. */
function numberOf(frame: number): Buffer {
  const bytes = Buffer.alloc(NUMBER_BYTES)
  bytes.writeUInt16LE(frame)
  return bytes
}

/** Whether no two of them are alike. */
export function allDiffer({ kind, sizeBytes }: PayloadSpec): boolean {
  return kind !== 'file' && sizeBytes >= NUMBER_BYTES
}

/** With room behind it for a number, which takes the place of the end of the smallest pictures only. */
function generate(spec: Exclude<PayloadSpec, { kind: 'file' }>): Buffer {
  const { sizeBytes, chunkBytes, seed } = spec
  if (spec.kind === 'generated') return new GeneratedPayload(sizeBytes, chunkBytes, seed).whole()
  const madeBytes = Math.max(boundsOf(spec.made).leastBytes, sizeBytes - NUMBER_BYTES)
  return Buffer.concat([makePayload(spec.made, madeBytes, seed)], sizeBytes)
}

/** `819200-4151a7d6763e`: its length, and enough of its digest to tell a picture from any other, damaged ones included. */
export function digestOf(parts: readonly Buffer[]): string {
  return nameOf(
    parts.reduce((sum, part) => sum + part.length, 0),
    digest(parts),
  )
}

function nameOf(bytes: number, sha256: string): string {
  return `${bytes}-${sha256.slice(0, 12)}`
}
