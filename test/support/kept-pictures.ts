/** Pictures as `bench run --keep` saves them, and the rows of their trials. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { keptName } from '../../bench/measure/kept.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { makePayload } from '../../transports/payload/made.ts'
import { datagrams, stream } from './results-samples.ts'

export const CHUNK = 1000
export const SIZE = 60_500

/** Each kind whole over tcp, and over udp-header without the chunks `lost`, in a worse trial and a better one. */
export function keepPictures(folder: string, lost: readonly number[]): readonly TrialRecord[] {
  let trial = 0
  const keep = (row: TrialRecord, missing: readonly number[], bytes: Buffer) => {
    const chunks = Array.from({ length: Math.ceil(SIZE / CHUNK) }, (_, at) =>
      missing.includes(at) ? Buffer.alloc(0) : bytes.subarray(at * CHUNK, (at + 1) * CHUNK),
    )
    writeFileSync(join(folder, keptName(row.run_id, row.trial, row)), Buffer.concat(chunks))
    return row
  }
  return (['png', 'jpeg', 'bmp'] as const).flatMap(payload => {
    const bytes = makePayload(payload, SIZE, 1)
    const asked = () => ({ payload, size_bytes: SIZE, chunk_bytes: CHUNK, round: ++trial, trial })
    return [
      keep(stream(1e9, asked()), [], bytes),
      keep(datagrams(1e9, lost.length, asked()), lost, bytes),
      keep(datagrams(1e9, 0, asked()), [], bytes),
    ]
  })
}
