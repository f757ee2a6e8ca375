/** What all dialogues have in common: what their two ends are told, and how the one that waits for the other is asked. */
import type { ReceiveReport, SentCounts } from './reports.ts'
import type { Endpoint, SocketInfo, SocketOptions, SocketState } from './socket-facts.ts'

/** Of the end that sends or asks. */
export interface ClientOptions {
  readonly signal: AbortSignal
  /** The address to send from; the system chooses if absent. */
  readonly from?: string | undefined
  readonly socket?: SocketOptions | undefined
  /** The longest wait for an answer from the peer, in ms: one that takes longer is late. */
  readonly answerTimeoutMs: number
}

/** Of the end that receives or answers. */
export interface ServerOptions {
  readonly signal: AbortSignal
  readonly socket?: SocketOptions | undefined
  readonly local: Endpoint
  /** The only host to accept data from and to answer, and never with more bytes than it has sent; absent to accept any host. */
  readonly peer?: string | undefined
}

/** An end that waits for the other, bound and ready. */
export interface WaitingEnd extends AsyncDisposable {
  readonly endpoint: Endpoint
  /** Its socket (for a stream, that of the trial's connection): its options, and the kernel's counters. */
  readonly state: SocketState
  readonly info: SocketInfo
  /**
   * Ends a trial: resolves when everything that the other end's system accepted has arrived, when nothing has arrived for `quietMs`, or
   * after `deadlineMs`. If nothing has come, the report has zero counts.
   */
  settle(sent: SentCounts, quietMs: number, deadlineMs: number): Promise<ReceiveReport>
}
