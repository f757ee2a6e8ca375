/** What the built-in workloads do in an agent's process, without what accounts for it, each loaded when a trial first needs it. */
import type { Ends, WorkloadEnds } from '../fleet/agent/end.ts'

const transfers = async () => new (await import('./transfer/ends/ends.ts')).TransferEnds()

const LOAD: Readonly<Record<string, () => Promise<Ends>>> = {
  transfer: transfers,
  stream: transfers,
  frames: async () => new (await import('./frames/ends.ts')).FramesEnds(),
  exchange: async () => new (await import('./exchange/ends.ts')).ExchangeEnds(),
  responsiveness: async () => new (await import('./responsiveness/ends.ts')).ResponsivenessEnds(),
}

/** By name of the workload. */
export const BUILT_IN_ENDS: WorkloadEnds = new Map(
  Object.entries(LOAD).map(([name, load]) => [name, { ends: () => whenNeeded(load) }]),
)

function whenNeeded(load: () => Promise<Ends>): Ends {
  let loaded: Promise<Ends> | undefined
  const ends = () => {
    loaded ??= load()
    return loaded
  }
  return {
    open: async options => (await ends()).open(options),
    warmUp: async (message, options) => (await ends()).warmUp(message, options),
  }
}
