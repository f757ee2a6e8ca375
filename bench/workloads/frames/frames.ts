/** The workload `frames`: pictures in a row, from a camera to a screen. */

import { LONGEST_MS } from '../../../scenarios/frames.ts'
import type { Case } from '../../../scenarios/plan.ts'
import { FRAMES } from '../../../scenarios/settings/words.ts'
import { drainMs, rttOf } from '../clocks.ts'
import { outcomeColumns } from '../outcomes.ts'
import { endColumns } from '../report-columns.ts'
import { noParameters, type Workload } from '../workload.ts'
import { framesColumns, framesOutcome } from './accounting.ts'
import { FramesEnds } from './ends.ts'

/** How long an answer may take, without the round trips of the path. */
const ANSWER_MS = 1000
/** Beside the time in which pictures are due: what the last of them may take. */
const SLACK_MS = 30_000

export const frames: Workload = {
  name: FRAMES,
  summary: 'pictures in a row (--fps, --frames), as from a camera',

  obstacle(transport, wishes) {
    if (!transport.transfer) return 'it carries no payload'
    return noParameters(wishes)
  },

  ends: () => new FramesEnds(),

  limits({ each, plan, transport }, clocks) {
    const answerTimeoutMs = ANSWER_MS + 4 * (rttOf(clocks) ?? 0)
    return {
      timeoutMs: plan.timeoutMs ?? lastsMs(each, answerTimeoutMs) + answerTimeoutMs + SLACK_MS,
      answerTimeoutMs,
      drainMs: plan.drainMs ?? drainMs(clocks, transport),
      graceMs: 0,
    }
  },

  account({ each, transport: { traits } }, reports) {
    const measures = framesColumns(each, traits, reports)
    return {
      ...measures,
      ...outcomeColumns(framesOutcome(traits, reports, measures)),
      ...endColumns(reports),
    }
  },
}

function lastsMs({ frames: count = 1, fps, durationMs = LONGEST_MS }: Case, answerTimeoutMs: number): number {
  return fps === undefined ? Math.min(durationMs, count * answerTimeoutMs) : (count * 1000) / fps
}
