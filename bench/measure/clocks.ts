/** The clocks of both ends of a trial, and the drain time that the path between them requires. */
import type { AgentHandle, ClockReading } from '../fleet/calls/handle.ts'

/** Over loopback nothing is in flight once the last send has returned. */
const LOOPBACK_DRAIN_MS = 20
const REMOTE_DRAIN_MS = 200

/** The offset of each end's clock from the local one. */
export interface Clocks {
  readonly sender: ClockReading
  readonly receiver: ClockReading
}

/** @throws AgentError if one of them does not answer */
export async function readClocks(
  sender: AgentHandle,
  receiver: AgentHandle | undefined,
  signal: AbortSignal,
): Promise<Clocks> {
  const [ofSender, ofReceiver] = await Promise.all([
    sender.readClock(signal),
    (receiver ?? sender).readClock(signal),
  ])
  return { sender: ofSender, receiver: ofReceiver }
}

/** The longest round trip of the control channels, in ms; 0 on one host. */
export function rttOf({ sender, receiver }: Clocks): number {
  return Math.max(sender.rttMs ?? 0, receiver.rttMs ?? 0)
}

/** How long the line must be quiet: on one host nothing is in flight, while between two a datagram may still be on its way. */
export function drainMs(clocks: Clocks): number {
  const remote = clocks.sender.rttMs !== undefined || clocks.receiver.rttMs !== undefined
  return remote ? Math.max(REMOTE_DRAIN_MS, 4 * rttOf(clocks)) : LOOPBACK_DRAIN_MS
}
