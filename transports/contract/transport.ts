/** The contract of a transport: how a payload is transferred. Adding a transport takes one file and one line in the catalog. */
import type { ClientOptions, ServerOptions, WaitingEnd } from './ends.ts'
import type { Exchange } from './exchange.ts'
import type { Load } from './load.ts'
import type { Failure, ReceiveReport, SendReport, SentCounts } from './reports.ts'
import type { Endpoint, SocketInfo } from './socket-facts.ts'
import type { ClientTls, ServerTls, SocketKind, Sockets } from './sockets.ts'

export interface Traits {
  readonly socket: SocketKind
  /** Bytes arrive complete and in order: damage is a failure, not a result. */
  readonly reliable: boolean
  /** The protocol reports to the sender that the payload arrived. */
  readonly acknowledged: boolean
  /** The whole payload must fit into one datagram. */
  readonly limit?: 'one-datagram'
  /** Bytes that the format puts in front of every chunk of a datagram, and which count as no payload; none if absent. */
  readonly headerBytes?: number
  /**
   * It sends to a group of receivers, which answer nothing, instead of to one; a receiver gives the rest up after this long without a
   * datagram, in ms.
   */
  readonly fansOut?: { readonly quietMs: number }
  /** Everything is inside TLS, which not every engine has. */
  readonly secured?: true
}

export interface Transport {
  /** As in `--transport`, lower case. */
  readonly name: string
  /** One line for `bench list`. */
  readonly summary: string
  readonly traits: Traits
  /** The port used by the programs that this wire format originates from; the default of `bench send` and `bench receive`. */
  readonly port: number
  /** Carries a payload from one end to the other; absent if it cannot. */
  readonly transfer?: Transfer
  /** Carries requests and their answers; absent if it cannot. */
  readonly exchange?: Exchange
  /** Fills connections, and sends requests behind that; absent if it cannot. */
  readonly load?: Load
}

/** A transport that can carry a payload. */
export type Carrier = Transport & { readonly transfer: Transfer }
/** A transport that can carry requests. */
export type Asker = Transport & { readonly exchange: Exchange }

export interface Transfer {
  /** The size need not be known in advance: it carries an `ENDLESS_BYTES` payload until `SendOptions.durationMs` are over. */
  readonly endless?: true
  /** Resolves once bound and ready. @throws the system's error if the port is not available */
  receive(sockets: Sockets, options: ReceiveOptions): Promise<Receiver>
  /** How the payload is split into datagrams, by which a receiver recognizes them; absent if the transport is reliable. */
  readonly datagrams?: (payload: Payload) => Iterable<PayloadWindow>
  /** Sends one payload. Reports network failures in the result; throws only for bugs. */
  send(sockets: Sockets, to: Endpoint, payload: Payload, options: SendOptions): Promise<SendReport>
  /**
   * Opens a socket from which one payload after the other can be sent; absent if the format has a connection for each.
   * @throws the system's error
   */
  open?(sockets: Sockets, to: Endpoint, options: LineOptions): Promise<Line>
}

export type LineOptions = Omit<ClientOptions, 'answerTimeoutMs'>

/** Carries one payload after the other. */
export interface Line extends AsyncDisposable {
  /** As that of `Transfer`, to be called when the one before has resolved. A payload that was lost does not keep the next one from leaving. */
  send(payload: Payload, options: SendOptions): Promise<SendReport>
  /** Resolves after `ms`, as precisely as the engine can. */
  pause(ms: number): Promise<void>
}

/** Size of a payload that ends with time. */
export const ENDLESS_BYTES = Number.MAX_SAFE_INTEGER

/** The bytes to transfer, the same for every transport of a case. */
export interface Payload {
  readonly sizeBytes: number
  readonly chunkBytes: number
  /**
   * The payload from its start, as consecutive windows of whole chunks. A window's bytes stay valid until the next window but one is
   * requested. If a chunk would equal one of `markers`, its window has a smaller `chunkBytes`, so that no datagram equals a marker.
   */
  windows(markers?: readonly Buffer[]): Iterable<PayloadWindow>
  /** The whole payload in one buffer. */
  whole(): Buffer
}

/** Consecutive chunks: slices of `chunkBytes` bytes, the last one possibly shorter. Never empty. */
export interface PayloadWindow {
  readonly bytes: Buffer
  readonly chunkBytes: number
}

/** Describes a generated payload in advance, so that a receiver can check data as it arrives. */
export interface Expectation {
  readonly sizeBytes: number
  readonly chunkBytes: number
  /** The chunk (0-based) that these bytes claim to be; `expected` is the next one in order. Undefined if they cannot be a chunk. */
  indexOf(memory: Buffer, start: number, end: number, expected: number): number | undefined
  /** True if these bytes equal the payload at `offset`. */
  matches(memory: Buffer, start: number, end: number, offset: number): boolean
}

export interface SendOptions extends ClientOptions {
  /** Paces datagrams to this many payload bits per second; unpaced if absent. */
  readonly rateBps?: number | undefined
  /** Ends an `ENDLESS_BYTES` payload this long after its start; no limit if absent. */
  readonly durationMs?: number | undefined
  /** Told of what the system has accepted, while sending. */
  readonly meter?: Meter | undefined
  /** Aborts once it is known that no acknowledgement will arrive (datagrams were lost). */
  readonly unanswered: AbortSignal
  /** How long a datagram sender idles after the last datagram before it does anything else, in ms; 1 if absent. */
  readonly restMs?: number | undefined
  /** Called once, when the system has accepted or refused the last of the payload. */
  readonly sent: (counts: SentCounts) => void
  /** Of a transport inside TLS: resume a session of an earlier connection; authorities (PEM) that the receiver of this name needs. */
  readonly tls?: (Pick<ClientTls, 'ca' | 'name'> & { readonly resume?: boolean | undefined }) | undefined
}

export interface ReceiveOptions extends ServerOptions {
  /** Rejects a peer that announces more. */
  readonly maxSizeBytes: number
  /** The expectation to check against, if the payload is a generated one. */
  readonly expected?: Expectation | undefined
  /** Told of what arrives, before it is counted. */
  readonly meter?: Meter | undefined
  /** Hold the bytes as they arrive (for `--keep`, a file's checksum, `bench receive`), with memory for this many allocated in advance. */
  readonly holdBytes?: number | undefined
  /** How long the line must be quiet before an unfinished transfer ends; without it, only `settle` ends one. */
  readonly quietMs?: number | undefined
  /** The longest duration of a transfer, and the lowest average rate after 5 s; no limit if absent. */
  readonly timeoutMs?: number | undefined
  readonly minRateBps?: number | undefined
  /** Bounds what all transfers hold together. A transfer's share is returned when the promise from `ended` (if any) resolves. */
  readonly budget?: Budget | undefined
  /** Called at the end of each transfer; without it there is one transfer, which `settle` ends. */
  readonly ended?: ((report: ReceiveReport) => unknown) | undefined
  /** Called once per source that sends datagrams belonging to no transfer. */
  readonly noted?: ((from: Endpoint, what: string) => void) | undefined
  /** Of a transport inside TLS; by default a certificate that this process made. */
  readonly tls?: ServerTls | undefined
  /** Called when senders wait because no socket is available (`EMFILE`). */
  readonly shortage?: ((code: string) => void) | undefined
}

/** Cuts the counts of an end at regular times. */
export interface Meter {
  /** The next cut, in ms on the monotonic clock: `reach` has nothing to do before. */
  readonly nextAt: number
  /**
   * The time is `at`, and these are the counts so far: of datagrams, and payload bytes. `advanced`: one more than the highest index that
   * has arrived, or was offered. The first call starts the first interval.
   */
  reach(at: number, counts: Progress, info?: () => SocketInfo): void
}

export interface Progress {
  readonly bytes: number
  readonly datagrams?: number | undefined
  readonly advanced?: number | undefined
}

/** A limit on the bytes that several transfers hold together. */
export interface Budget {
  /** Returns false, and takes nothing, if less than `bytes` is left. */
  take(bytes: number): boolean
  giveBack(bytes: number): void
  /** Why a transfer that would exceed the budget must end. */
  readonly exhausted: Failure
}

export interface Receiver extends WaitingEnd {
  /** Ends every open transfer as interrupted and reports it to `ended`. Accepts and acknowledges nothing afterwards. */
  callOff(): void
  /** When anything arrived last, in ms on the monotonic clock; absent if its senders know when all has arrived. */
  readonly heardAt?: number
  /** Host of the first datagram of the expected transfers that did not come from the peer; absent where none did. */
  readonly strayFrom?: string | undefined
  /** Datagrams from the settled transfer's sender that arrived after it was settled, so far. */
  readonly late: number
}
