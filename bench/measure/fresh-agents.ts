/** Prepares agents for their first trial, to keep their start-up and V8's compilation out of the measurement. */

import { SetupError } from '../../base/errors.ts'
import { type Case, isExchange } from '../../scenarios/plan.ts'
import type { AgentPair } from '../fleet/agent-pair.ts'
import type { AgentHandle } from '../fleet/calls/handle.ts'
import { AgentError } from '../fleet/calls/mailbox.ts'
import type { TrialEnd, TrialSetting } from './prepare.ts'
import { runTrial } from './trial.ts'
import { faultOf } from './workload-checks.ts'

/** How long an agent may take to answer. Its start is part of it: over 10 s on a busy machine. */
const LIMIT_MS = 30_000
/** Unrecorded trials in fresh processes, per transport: how many, at most how many bytes, and the quiet time of their drains. */
const PRACTICE_TRIALS = 10
const PRACTICE_BYTES = 256 * 1024
const PRACTICE_DRAIN_MS = 5
/** Of an exchange: one after the other, or at short intervals. */
const PRACTICE_REQUESTS = 500
const PRACTICE_AT_INTERVALS = 50
const PRACTICE_INTERVAL_MS = 0.1
/** Pictures in a row, each after the answer to the one before or at a high rate. */
const PRACTICE_FRAMES = 5
const PRACTICE_FPS = 500
/** What of a case decides which code its trials run, beside what of them has an interval. */
const DECIDING = [
  ...(['workload', 'transport', 'resumption', 'socket', 'verify', 'maxDatagramBytes', 'ipFamily'] as const),
]

/** Resolves when a process has answered for the first time. It answers that there is no trial to call off. */
export async function started(agent: AgentHandle, signal: AbortSignal): Promise<void> {
  agent.post({ type: 'abort', trial: 0 })
  await findProblem(agent, 0, signal)
}

/**
 * Sends over loopback within the agent's process. If the built-in workload fails at that, its trials will run into the same problem, and
 * record it.
 * @throws SetupError if that of a plug-in fails, whose trials may succeed, and would be measured cold
 */
export async function warmUp(
  agent: AgentHandle,
  trial: number,
  { workload, transport, chunkBytes, ipFamily }: Case,
  engine: string,
  signal: AbortSignal,
): Promise<void> {
  agent.post({ type: 'warm-up', trial, workload, transport, engine, chunkBytes, ipFamily })
  const problem = await findProblem(agent, trial, signal)
  // An agent that ended is reported as lost.
  if (workload === undefined || problem === undefined || problem.code === 'AGENT_DIED') return
  throw new SetupError(`${faultOf(workload, 'warmUp', problem)}; mend it, or leave it out`, {
    cause: problem,
  })
}

/**
 * Within each process, V8 recompiles code that takes other paths than in the warm-up: let it do so before the first trial that counts.
 * Once for all cases with the same code: sides that differ in options are practised alike. Resolves with false if that failed.
 */
export async function practise(
  { file: _file, files: _files, payload: _payload, rateBps: _rate, durationMs: _duration, ...each }: Case,
  setting: TrialSetting,
  agents: AgentPair,
  sender: TrialEnd,
  receivers: readonly TrialEnd[],
): Promise<boolean> {
  const { intervalMs, frames, fps } = each
  const engines = [sender, ...receivers].map(({ engine }) => engine)
  const code = JSON.stringify([
    DECIDING.map(name => each[name]),
    ...[engines, intervalMs === undefined, fps === undefined],
  ])
  const known = agents.practised.get(code)
  if (known !== undefined) return known
  agents.practised.set(code, false)
  const small: Case = {
    ...each,
    sizeBytes: Math.min(each.sizeBytes, PRACTICE_BYTES),
    ...(isExchange(each)
      ? { messages: intervalMs === undefined ? PRACTICE_REQUESTS : PRACTICE_AT_INTERVALS }
      : {}),
    ...(intervalMs === undefined ? {} : { intervalMs: Math.min(intervalMs, PRACTICE_INTERVAL_MS) }),
    ...(frames === undefined ? {} : { frames: PRACTICE_FRAMES }),
    ...(fps === undefined ? {} : { fps: Math.max(fps, PRACTICE_FPS) }),
  }
  const unsaved = receivers.map(each => ({ ...each, keepAs: undefined }))
  for (let done = 0; done < PRACTICE_TRIALS; done++) {
    const trial = agents.nextTrial()
    const alone = { together: undefined, heard: undefined }
    const practice = { ...setting, ...alone, trial, unrecorded: true, drainMs: PRACTICE_DRAIN_MS }
    const reports = await runTrial(small, practice, sender, unsaved)
    // The trial will run into the same problem, and record it.
    if (reports.some(({ problem }) => problem)) return false
  }
  agents.practised.set(code, true)
  return true
}

/** Why the agent is not ready; undefined if it is. @throws AgentError with code `ABORTED` */
async function findProblem(
  agent: AgentHandle,
  trial: number,
  signal: AbortSignal,
): Promise<AgentError | undefined> {
  try {
    await agent.next(trial, ['ready'], LIMIT_MS, signal)
    return undefined
  } catch (error) {
    if (error instanceof AgentError && !signal.aborted) return error
    throw error
  }
}
