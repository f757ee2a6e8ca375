/** The contract of a transport: how a payload crosses. Adding one is one file and one line in the registry. */
import type { Failure, ReceiveReport, SendReport, SentCounts } from './reports.ts'
import type { Endpoint, SocketInfo, SocketOptions, SocketState } from './socket-facts.ts'
import type { SocketKind, Sockets } from './sockets.ts'

export interface Traits {
  readonly socket: SocketKind
  /** Bytes that arrive are all the bytes, in order: damage is a failure, not a result. */
  readonly reliable: boolean
  /** The protocol tells the sender that the payload arrived. */
  readonly acknowledged: boolean
  /** The whole payload has to fit one datagram. */
  readonly limit?: 'one-datagram'
}

export interface Transport {
  /** As in `--transport`, lower case. */
  readonly name: string
  /** One line for `bench list`. */
  readonly summary: string
  readonly traits: Traits
  /** The port of the programs that this wire format comes from; the default of `bench send` and `bench receive`. */
  readonly port: number
  /** Bound and ready when it resolves. @throws the system's error when the port cannot be had */
  receive(sockets: Sockets, options: ReceiveOptions): Promise<Receiver>
  /** How the payload is cut into datagrams; absent for a stream. */
  readonly datagrams?: (payload: Payload) => Iterable<PayloadWindow>
  /** Sends one payload. What the network does is in the report; it throws for bugs only. */
  send(sockets: Sockets, to: Endpoint, payload: Payload, options: SendOptions): Promise<SendReport>
}

/** The bytes that cross, the same for every transport of a case. */
export interface Payload {
  readonly sizeBytes: number
  readonly chunkBytes: number
  /**
   * The payload from its beginning, as consecutive windows of whole chunks. A window's bytes are valid until the next but
   * one is asked for. Where a chunk would equal one of `markers`, its window has a smaller `chunkBytes`, so that no datagram does.
   */
  windows(markers?: readonly Buffer[]): Iterable<PayloadWindow>
  /** All of it in one piece. */
  whole(): Buffer
}

/** Consecutive chunks: slices of `chunkBytes` bytes, the last one possibly shorter. Never empty. */
export interface PayloadWindow {
  readonly bytes: Buffer
  readonly chunkBytes: number
}

/** What a receiver knows beforehand of a generated payload, so that it can check what arrives as it arrives. */
export interface Expectation {
  readonly sizeBytes: number
  readonly chunkBytes: number
  /** The chunk (0-based) that these bytes claim to be; `expected` is the next one in order. Undefined when they can be none. */
  indexOf(memory: Buffer, start: number, end: number, expected: number): number | undefined
  /** Whether these bytes are the payload's at `offset`. */
  matches(memory: Buffer, start: number, end: number, offset: number): boolean
}

export interface SendOptions {
  readonly signal: AbortSignal
  /** The address to send from; the system chooses when absent. */
  readonly from?: string | undefined
  readonly socket?: SocketOptions | undefined
  /** Datagrams are paced to this many payload bits a second; unpaced when absent. */
  readonly rateBps?: number | undefined
  /** The longest wait for an answer of the peer, in ms. */
  readonly answerTimeoutMs: number
  /** Aborts when it has become known that no acknowledgement will come (datagrams were lost). */
  readonly unanswered: AbortSignal
  /** How long a sender of datagrams rests after the last one, in ms, before it does anything else; 1 when absent. */
  readonly restMs?: number | undefined
  /** Called once, when the system has accepted or refused the last of the payload. */
  readonly sent: (counts: SentCounts) => void
}

export interface ReceiveOptions {
  readonly signal: AbortSignal
  readonly socket?: SocketOptions | undefined
  readonly local: Endpoint
  /** The only host that is listened to, and answered, never with more bytes than came from it; absent where every one is. */
  readonly peer?: string | undefined
  /** A peer that announces more is turned away. */
  readonly maxSizeBytes: number
  /** When the payload is a generated one, it is checked against this. */
  readonly expected?: Expectation | undefined
  /** Keep the bytes as they arrive (for `--keep`, a file's checksum, `bench receive`), with memory for so many made ready. */
  readonly holdBytes?: number | undefined
  /** How long nothing has to come before an unfinished transfer is over; without it only `settle` ends one. */
  readonly quietMs?: number | undefined
  /** The longest time of a transfer, and the least average rate from 5 s on; absent: none. */
  readonly timeoutMs?: number | undefined
  readonly minRateBps?: number | undefined
  /** What all transfers may hold together, each until the promise that `ended` returned for it (if one) is fulfilled. */
  readonly budget?: Budget | undefined
  /** Called at the end of each transfer; without it there is one transfer, which `settle` ends. */
  readonly ended?: ((report: ReceiveReport) => unknown) | undefined
  /** Told, once a source, of datagrams that belong to no transfer. */
  readonly noted?: ((from: Endpoint, what: string) => void) | undefined
  /** Told that senders wait because no socket can be had for them (`EMFILE`). */
  readonly shortage?: ((code: string) => void) | undefined
}

/** A bound to what several transfers take together, in bytes. */
export interface Budget {
  /** False when there is not so much left; then nothing is taken. */
  take(bytes: number): boolean
  giveBack(bytes: number): void
  /** Why a transfer that would take more has to end. */
  readonly exhausted: Failure
}

export interface Receiver extends AsyncDisposable {
  readonly endpoint: Endpoint
  /** The receiving socket, over a stream that of the trial's connection: as it was made, and what its kernel has counted. */
  readonly state: SocketState
  readonly info: SocketInfo
  /**
   * Ends the one transfer of a trial: resolves when all that the sender's system accepted has arrived, or nothing came for
   * `quietMs`, or at `deadlineMs` from now. Without any transfer the report has zero counts.
   */
  settle(sent: SentCounts, quietMs: number, deadlineMs: number): Promise<ReceiveReport>
  /** Ends every transfer that has begun, as interrupted: each is reported to `ended`. Takes and acknowledges nothing more. */
  callOff(): void
  /** Datagrams of the settled transfer's sender that came after it was settled, so far. */
  readonly late: number
}
