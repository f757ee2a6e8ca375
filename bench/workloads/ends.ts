/** What the built-in workloads do in an agent's process, each loaded when a trial first needs it. */
import type { Ends, WorkloadEnds } from '../fleet/agent/end.ts'

/** By name of the workload. */
export const ENDS = {
  transfer: whenNeeded(loadTransfer),
  stream: whenNeeded(loadTransfer),
  frames: whenNeeded(async () => new (await import('./frames/ends.ts')).FramesEnds()),
  exchange: whenNeeded(async () => new (await import('./exchange/ends.ts')).ExchangeEnds()),
  responsiveness: whenNeeded(async () => new (await import('./responsiveness/ends.ts')).ResponsivenessEnds()),
}

/** For an agent, which accounts for nothing. */
export const BUILT_IN_ENDS: WorkloadEnds = new Map(
  Object.entries(ENDS).map(([name, ends]) => [name, { ends }]),
)

async function loadTransfer(): Promise<Ends> {
  return new (await import('./transfer/ends/ends.ts')).TransferEnds()
}

function whenNeeded(load: () => Promise<Ends>): () => Ends {
  return () => {
    let loaded: Promise<Ends> | undefined
    const ends = () => (loaded ??= load())
    return {
      open: async options => (await ends()).open(options),
      warmUp: async (message, options) => (await ends()).warmUp(message, options),
    }
  }
}
