/** One flow of a trial: its clocks and limits, its practice, and what both ends report of it, on one clock. */
import { extname, join } from 'node:path'
import { SetupError } from '../../base/errors.ts'
import type { Case, Plan } from '../../scenarios/plan.ts'
import type { Transport } from '../../transports/contract/transport.ts'
import { KEEP_FAILED } from '../fleet/agent/end.ts'
import type { AgentHandle } from '../fleet/calls/handle.ts'
import { AgentError } from '../fleet/calls/mailbox.ts'
import { type Flow, routeBetween } from '../fleet/flow.ts'
import { type Ends, onOneClock } from './accounting.ts'
import { type Clocks, drainMs, readClocks, rttOf } from './clocks.ts'
import { practise } from './fresh-agents.ts'
import { believed } from './plausible.ts'
import { runForeignTrial, runTrial, type TrialSetting } from './trial.ts'

/** A flow whose agents are ready. */
export interface ReadyFlow {
  readonly flow: Flow
  readonly sender: AgentHandle
  /** The sender itself if the receiver is foreign. */
  readonly receiver: AgentHandle
}

/** How long an acknowledgement may take after the receiver has reported, not counting the path's delay. */
const ANSWER_GRACE_MS = 200
/** Default minimum time-out of a trial, and the rate below which it grows with the payload. */
const TIMEOUT_MS = 30_000
const SLOWEST_BPS = 10e6
/** How long a foreign server may take to acknowledge datagrams: many never do if one is lost. */
const FOREIGN_ANSWER_MS = 2000

/**
 * Runs a trial. @param keepAs where the receiver saves the received data
 * @throws AgentError with code `ABORTED`, SetupError
 */
export async function runFlow(
  each: Case,
  plan: Plan,
  transport: Transport,
  { flow, sender, receiver }: ReadyFlow,
  keepAs: string | undefined,
  signal: AbortSignal,
): Promise<{ readonly ends: Ends; readonly rttMs: number | undefined }> {
  const before = await readClocks(sender, receiver, signal).catch((error: unknown) => {
    if (!(error instanceof AgentError) || signal.aborted) throw error
    return { phase: 'prepare', code: error.code, message: error.message }
  })
  if ('phase' in before)
    return { ends: { problem: before, foreign: false, clockErrorMs: 0 }, rttMs: undefined }
  const setting = {
    ...settingOf(each, plan, transport, flow, before),
    trial: flow.agents.nextTrial(),
    route: routeBetween(sender, receiver, each.ipFamily, each.bind),
    keepAs,
    signal,
  }
  const reports = await run(each, setting, { flow, sender, receiver })
  if (reports.problem?.code === KEEP_FAILED) throw new SetupError(reports.problem.message)
  // Closer in time to the transfer than the reading before it, unless the link was lost in the meantime.
  const after = await readClocks(sender, receiver, signal).catch(() => before)
  const ends = { ...onOneClock(reports, after.sender, after.receiver), verify: each.verify }
  return { ends, rttMs: rttOf(after) }
}

async function run(each: Case, setting: TrialSetting, { flow, sender, receiver }: ReadyFlow) {
  if ('target' in flow.to) return runForeignTrial(each, setting, sender, flow.to.target)
  const practised = setting.rehearse && (await practise(each, setting, flow.agents, sender, receiver))
  const reports = await runTrial(each, { ...setting, practised: practised === true }, sender, receiver)
  return flow.withinHost ? reports : believed(reports, each)
}

function settingOf(each: Case, plan: Plan, transport: Transport, flow: Flow, clocks: Clocks) {
  const timeoutMs = plan.timeoutMs ?? TIMEOUT_MS + (each.sizeBytes * 8000) / (each.rateBps ?? SLOWEST_BPS)
  const foreign = 'target' in flow.to
  const { engine } = 'host' in flow.to ? flow.to.host : flow.from
  return {
    engines: { sender: flow.from.engine, receiver: engine },
    transport,
    timeoutMs,
    answerTimeoutMs:
      foreign && !transport.traits.reliable ? Math.min(FOREIGN_ANSWER_MS, timeoutMs) : timeoutMs,
    drainMs: plan.drainMs ?? drainMs(clocks),
    graceMs: ANSWER_GRACE_MS + 4 * (rttOf(clocks) ?? 0),
    rehearse: plan.warmup > 0 && flow.withinHost,
  }
}

/** The name of the file that the data of a trial are saved to. */
export function keptPath(folder: string, runId: string, number: number, { file, transport }: Case): string {
  const extension = file === undefined ? '.bin' : extname(file)
  return join(folder, `${runId}-${String(number).padStart(4, '0')}-${transport}${extension}`)
}
