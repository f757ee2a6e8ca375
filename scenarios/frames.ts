/** Pictures in a row: what of a scenario asks for them, how many a trial has, and what cannot be combined with them. Pure. */
import { formatCount, formatSpan } from '../base/units.ts'
import { MOST_TIMES } from '../transports/contract/times.ts'
import { LARGEST_HELD_BYTES } from '../transports/payload/held-memory.ts'
import { type Block, transportsOf } from './blocks.ts'
import type { Conflict, Transports } from './conflict.ts'
import type { Scenario, Settings } from './schema.ts'
import { doingOf, FRAMES } from './settings/words.ts'

/** The longest trial, in ms: reports have times of so many. */
export const LONGEST_MS = 400_000
/** Pictures that a receiver may hold at the same time: of a connection that was given up, and of the next. */
export const MOST_HELD = 4
export const LARGEST_PICTURE_BYTES = LARGEST_HELD_BYTES / MOST_HELD
/** How long pictures are due where nothing else is asked for, and how many there are without a rate. */
const USUAL_MS = 2000
const USUAL_FRAMES = 100

/** Whether pictures are sent in a row. */
export function asksFrames({ fps, frames, workloads }: Settings): boolean {
  // What a file has in place of one, and which has been reported, is undefined.
  const known = workloads?.filter(each => each !== undefined)
  return (fps ?? frames) !== undefined || (known?.some(isFrames) ?? false)
}

export function isFrames(workload: string): boolean {
  return doingOf(workload).name === FRAMES
}

interface Film {
  readonly fps?: number
  readonly frames: number
  readonly durationMs?: number
}

/** One for each rate. With one, its duration is a number of pictures. */
export function filmsOf({ fps: rates, frames, durationMs }: Settings): readonly Film[] {
  if (!rates)
    return [
      {
        frames: frames ?? (durationMs === undefined ? USUAL_FRAMES : MOST_TIMES),
        ...(durationMs === undefined ? {} : { durationMs }),
      },
    ]
  return rates.map(fps => ({ fps, frames: frames ?? framesIn(durationMs ?? USUAL_MS, fps) }))
}

function framesIn(durationMs: number, fps: number): number {
  return Math.max(1, Math.round((durationMs * fps) / 1000))
}

export function* ofFrames(block: Block, { keep }: Scenario, transports: Transports): Iterable<Conflict> {
  if (!asksFrames(block)) return
  const { fps = [], verify = 'full', durationMs = USUAL_MS } = block
  const known = block.workloads?.filter(each => each !== undefined)
  const pictures = block.fps ? 'fps' : 'frames'
  if (known && known.length > 0 && !known.some(isFrames))
    yield {
      settings: [pictures, 'workload'],
      message: name =>
        `${name(pictures)} is for pictures in a row, and ${name('workload', known[0])} sends none; leave one of them out`,
    }
  const asking = block.fps ? 'fps' : block.frames === undefined ? 'workload' : 'frames'
  const silent = transportsOf(block).find(each => transports.get(each)?.traits.acknowledged === false)
  if (!block.fps && silent !== undefined)
    yield {
      settings: ['fps', 'transport'],
      message: name =>
        `without ${name('fps')} each picture follows the answer to the one before, and ${silent} has none; give ${name('fps')}, or choose another ${name('transport')}`,
    }
  const lastsMs = Math.max(
    block.durationMs ?? 0,
    ...fps.map(each => ((block.frames ?? framesIn(durationMs, each)) * 1000) / each),
  )
  if (lastsMs > LONGEST_MS)
    yield {
      settings: [block.frames === undefined ? 'duration' : 'frames', asking],
      message: name =>
        `a trial of pictures lasts at most ${formatSpan(LONGEST_MS)}, not ${formatSpan(lastsMs)}; choose fewer or a shorter ${name('duration')}`,
    }
  const longest = Math.max(0, ...fps.map(each => framesIn(durationMs, each)))
  const many = block.frames ?? longest
  if (many > MOST_TIMES)
    yield {
      settings: ['fps', block.frames === undefined ? 'duration' : 'frames'],
      message: name =>
        `a trial has at most ${formatCount(MOST_TIMES)} pictures, not ${formatCount(many)}; choose a shorter ${name('duration')} or a lower ${name('fps')}`,
    }
  for (const [setting, value] of [
    ['verify', verify === 'full' ? undefined : verify],
    ['keep', keep === 'none' ? undefined : keep],
    ['with', block.withTransport],
    ['omit', block.omitMs],
  ] as const)
    if (value !== undefined)
      yield {
        settings: [setting, asking],
        message: name =>
          `pictures in a row have no ${name(setting, value === block.omitMs ? undefined : String(value))}: ${REASONS[setting]}; leave it or ${name(asking)} out`,
      }
}

const REASONS = {
  verify: 'each is checked when it has arrived',
  keep: 'bench receive saves them',
  with: 'it is for streams',
  omit: 'it is for streams',
} as const
