/** What agents do before their first trial, so that it measures the network: their start, and V8's compiler, are no part of it. */

import type { Case } from '../../scenarios/plan.ts'
import type { AgentPair } from '../fleet/agent-pair.ts'
import { AgentError, type AgentHandle } from '../fleet/calls/handle.ts'
import { runTrial, type TrialSetting } from './trial.ts'

/** How long an agent may take to answer. */
const LIMIT_MS = 10_000
/** Unrecorded trials of fresh processes, for each transport: how many, of how many bytes at most, and the quiet time of their drains. */
const PRACTICE_TRIALS = 10
const PRACTICE_BYTES = 256 * 1024
const PRACTICE_DRAIN_MS = 5

/** Resolves when a process has answered for the first time: there is nothing yet to call off, and it says so. */
export function started(agent: AgentHandle, signal: AbortSignal): Promise<void> {
  agent.post({ type: 'abort', trial: 0 })
  return ready(agent, 0, signal)
}

/** Sends over loopback within the agent's process. */
export function warmUp(
  agent: AgentHandle,
  trial: number,
  { transport, chunkBytes, ipFamily }: Pick<Case, 'transport' | 'chunkBytes' | 'ipFamily'>,
  engine: string,
  signal: AbortSignal,
): Promise<void> {
  agent.post({ type: 'warm-up', trial, transport, engine, chunkBytes, ipFamily })
  return ready(agent, trial, signal)
}

/** V8 compiles anew what turns out to go another way than in the warm-up, within each process: before the first trial that counts. */
export async function practise(
  { file: _file, rateBps: _rate, ...each }: Case,
  setting: TrialSetting,
  agents: AgentPair,
  sender: AgentHandle,
  receiver: AgentHandle,
): Promise<void> {
  const small: Case = { ...each, sizeBytes: Math.min(each.sizeBytes, PRACTICE_BYTES) }
  for (let done = 0; done < PRACTICE_TRIALS; done++) {
    const trial = agents.nextTrial()
    const practice = { ...setting, trial, drainMs: PRACTICE_DRAIN_MS, keepAs: undefined }
    const { problem } = await runTrial(small, practice, sender, receiver)
    // The trial will meet the same trouble, and record it.
    if (problem) return
  }
}

async function ready(agent: AgentHandle, trial: number, signal: AbortSignal): Promise<void> {
  try {
    await agent.next(trial, ['ready'], LIMIT_MS, signal)
  } catch (error) {
    if (!(error instanceof AgentError) || signal.aborted) throw error
    // The trial will meet the same trouble, and record it.
  }
}
