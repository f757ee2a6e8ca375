/** One cell: ours and the C reference in turn, on the same CPUs with the same buffers. */

import { runScenario, SetupError, type TrialRecord } from '../../../bench/index.ts'
import type { Pins } from '../../../scenarios/settings/words.ts'
import { type Job, Reference, type ReferenceProgram } from './reference.ts'

export type Placement = 'one CPU' | 'two CPUs'
export type Protocol = Job['protocol']

export interface Cell {
  readonly protocol: Protocol
  readonly sizeBytes: number
  readonly placement: Placement
  readonly pins: Pins
  /** `default` leaves the system's own. */
  readonly rcvbuf: number | 'default'
}

/** Who transfers, in the order of the columns. C makes one system call a chunk, or one for up to 64. */
export const PROGRAMS = ['native', 'node', 'C', 'C 64'] as const
export type Program = (typeof PROGRAMS)[number]

export interface Sample {
  readonly deliveryMs: number
  /** 0 to 1. */
  readonly lost: number
}

/** Of each pair, what each program took. */
export type Samples = Readonly<Record<Program, readonly Sample[]>>

export const CHUNK_BYTES = 1024
const BATCH = 64

/** `pairs` rounds; who begins changes from one to the next. @throws SetupError when a trial fails */
export async function measure(
  cell: Cell,
  pairs: number,
  program: ReferenceProgram,
  signal: AbortSignal,
): Promise<Samples> {
  await using reference = new Reference(program, cell.pins, signal)
  const engines = { native: trials(cell, 'native', pairs, signal), node: trials(cell, 'node', pairs, signal) }
  const samples: Record<Program, Sample[]> = { native: [], node: [], C: [], 'C 64': [] }
  try {
    for (let pair = 0; pair < pairs; pair++) {
      for (const name of pair % 2 === 0 ? PROGRAMS : PROGRAMS.toReversed())
        samples[name].push(
          name === 'native' || name === 'node'
            ? await ours(engines[name])
            : await theirs(reference, cell, name === 'C' ? 1 : BATCH),
        )
    }
  } finally {
    await Promise.all(Object.values(engines).map(each => each.return(undefined)))
  }
  return samples
}

/** One trial at each step; between them its agents are idle. */
function trials(cell: Cell, engine: string, pairs: number, signal: AbortSignal): AsyncGenerator<TrialRecord> {
  const { protocol, sizeBytes, rcvbuf, pins } = cell
  const scenario = {
    size: sizeBytes,
    chunk: CHUNK_BYTES,
    transport: protocol === 'tcp' ? 'tcp' : 'udp-marker',
    repeat: pairs,
    ...(protocol === 'tcp' ? {} : { rcvbuf }),
  } as const
  return runScenario(scenario, { signal, engine, pins })
}

async function ours(engine: AsyncGenerator<TrialRecord>): Promise<Sample> {
  const { value: record } = await engine.next()
  if (!record) throw new SetupError('the run ended early')
  const { outcome, delivery_ms: deliveryMs, loss_ratio: lost = 0, error_message: message = '' } = record
  if (outcome !== 'completed' && outcome !== 'incomplete')
    throw new SetupError(`a trial ${outcome}: ${message}`)
  return { deliveryMs: deliveryMs ?? Number.NaN, lost }
}

async function theirs(reference: Reference, cell: Cell, batch: number): Promise<Sample> {
  const { protocol, sizeBytes, rcvbuf } = cell
  const rcvbufBytes = rcvbuf === 'default' ? undefined : rcvbuf
  const job = { protocol, sizeBytes, chunkBytes: CHUNK_BYTES, batch, rcvbufBytes }
  const { deliveryMs, bytesDelivered } = await reference.transfer(job)
  return { deliveryMs, lost: 1 - bytesDelivered / sizeBytes }
}
