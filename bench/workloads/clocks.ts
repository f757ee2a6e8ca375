/** The clocks of both ends of a trial, and the drain time that the path between them requires. */
import type { Transport } from '../../transports/contract/transport.ts'
import type { AgentHandle, ClockReading } from '../fleet/calls/handle.ts'

/** Over loopback nothing is in flight once the last send has returned. */
const LOOPBACK_DRAIN_MS = 20
const REMOTE_DRAIN_MS = 200

/** The offset of each end's clock from the local one. */
export interface Clocks {
  readonly sender: ClockReading
  readonly receiver: ClockReading
}

/** Of hosts that did not answer. */
export const UNREAD: Clocks = {
  sender: { offsetMs: 0, errorMs: 0, rttMs: undefined },
  receiver: { offsetMs: 0, errorMs: 0, rttMs: undefined },
}

/** @throws AgentError if one of them does not answer, which is let go: a host whose clock cannot be read is not usable either */
export async function readClocks(
  sender: AgentHandle,
  receiver: AgentHandle,
  signal: AbortSignal,
): Promise<Clocks> {
  const read = (agent: AgentHandle) =>
    agent.readClock(signal).catch(async error => {
      await agent[Symbol.asyncDispose]()
      throw error
    })
  const [ofSender, ofReceiver] = await Promise.all([read(sender), read(receiver)])
  return { sender: ofSender, receiver: ofReceiver }
}

/** The longest round trip of the control connections, in ms; undefined where there are none. */
export function rttOf({ sender, receiver }: Clocks): number | undefined {
  const rtts = [sender.rttMs, receiver.rttMs].filter(ms => ms !== undefined)
  return rtts.length === 0 ? undefined : Math.max(...rtts)
}

/** How long the line must be quiet: on one host nothing is in flight, while between two a datagram may still be on its way. */
export function drainMs(clocks: Clocks, transport?: Pick<Transport, 'traits'>): number {
  const rttMs = rttOf(clocks)
  const ofPath = rttMs === undefined ? LOOPBACK_DRAIN_MS : Math.max(REMOTE_DRAIN_MS, 4 * rttMs)
  return Math.max(ofPath, transport?.traits.fansOut?.quietMs ?? 0)
}
