/**
 * Synthetic trials with the noise of real ones; docs/statistics.md says where the figures come from. All of it is on logarithms of
 * goodput: a trial has the level of its cell, what its run and the trials near it share, its own noise and, now and then, a stall.
 */
import { seededRandom } from '../../base/random.ts'

export interface NoiseModel {
  /** Standard deviation of what each trial has for itself; by cell it varies by a factor of exp(`coreSpread` x normal). */
  readonly core: number
  readonly coreSpread: number
  /** Up to this share of the trials of a cell stall; what a stall costs is exponential with this mean: heavy tails. */
  readonly stalls: number
  readonly stallCost: number
  /** What trials near in time share (standard deviations): an autoregressive part with its memory from trial to trial, and a trend. */
  readonly slow: number
  readonly slowMemory: number
  readonly trend: number
  /** What all trials of a run share. */
  readonly run: number
  /** What trials of one process share: as long as it lives it has a place, a layout and compiled code of its own. */
  readonly process: number
  /** Modes of the scheduler: their ratio; the share of cells whose mode lasts for rounds, and of those where single trials leave it. */
  readonly modeRatio: number
  readonly lastingModes: number
  readonly strayModes: number
}

/** A machine that does little else: calibrated to the A/A experiment of 8,516 real transfers. */
export const QUIET: NoiseModel = {
  core: 0.042,
  coreSpread: 0.4,
  stalls: 0.12,
  stallCost: 0.8,
  slow: 0.028,
  slowMemory: 0.9,
  trend: 0.03,
  run: 0.03,
  process: 0.013,
  modeRatio: 1.8,
  lastingModes: 0.14,
  strayModes: 0.08,
}

/** Two cores with three to four other programs running all the time: measured. */
export const BUSY: NoiseModel = {
  ...QUIET,
  core: 0.28,
  stalls: 0.2,
  slow: 0.1,
  trend: 0.1,
  run: 0.25,
  process: 0.2,
  lastingModes: 0.25,
  strayModes: 0.25,
}

/** Two cores under a load of 10 to 60: pairs spread as in the runs of real-runs.json. */
export const LOADED: NoiseModel = { ...BUSY, core: 0.43 }

/** What is the same in every run of a cell. */
export interface CellNoise {
  readonly core: number
  readonly stalls: number
  readonly lasting: boolean
  /** Share of trials that are in the other mode. */
  readonly stray: number
}

export function drawCell(random: () => number, model: NoiseModel): CellNoise {
  const core = model.core * Math.exp(model.coreSpread * normal(random))
  const stalls = model.stalls * random()
  const kind = random()
  const lasting = kind < model.lastingModes
  const strays = !lasting && kind < model.lastingModes + model.strayModes
  return { core, stalls, lasting, stray: strays ? MOST_STRAYS * random() : 0 }
}

/** Goodput of `length` trials of a cell in one run, in the order of measuring; their true median is near 1. */
export function runCell(
  random: () => number,
  model: NoiseModel,
  cell: CellNoise,
  length: number,
): Float64Array {
  const ofRun = model.run * normal(random)
  const trend = model.trend * normal(random)
  const shock = model.slow * Math.sqrt(1 - model.slowMemory ** 2)
  let slow = model.slow * normal(random)
  let quick = !cell.lasting || random() < 0.5
  return Float64Array.from({ length }, (_, moment) => {
    slow = model.slowMemory * slow + shock * normal(random)
    if (cell.lasting && random() < SWITCHES) quick = !quick
    const inQuick = random() < cell.stray ? !quick : quick
    const stall = random() < cell.stalls ? -model.stallCost * Math.log(1 - random()) : 0
    const own = cell.core * normal(random) - stall + (inQuick ? 0 : -Math.log(model.modeRatio))
    return Math.exp(ofRun + slow + trend * (moment / length - 0.5) + own)
  })
}

/** Seeded by the number of the experiment, so that all rules see the same ones. */
export function randomOf(experiment: number): () => number {
  return seededRandom(Math.floor(seededRandom(experiment)() * 2 ** 32))
}

/** Box & Muller, 1958. */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

const MOST_STRAYS = 0.2
/** How often a lasting mode changes, per trial. */
const SWITCHES = 0.05
