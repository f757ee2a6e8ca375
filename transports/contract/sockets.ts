/** What a protocol stands on: datagram sockets and streams, the same for every engine. */
import type { Endpoint, Refusal, SocketInfo, SocketOptions, SocketState } from './socket-facts.ts'

/**
 * The receive buffer of UDP sockets where nothing else is said and the engine keeps up with the kernel: what is lost then is not
 * lost to a burst that the system's default (212,992 B on Linux, 92 datagrams of 1,024 B) cannot hold.
 */
export const UDP_RCVBUF_BYTES = 4 << 20

export type SocketKind = 'stream' | 'datagram'

/** The options that each kind of socket has a use for, in the order in which they are set. */
const OPTION_NAMES = {
  stream: [
    'device',
    'sndbufBytes',
    'rcvbufBytes',
    'dscp',
    'df',
    'zerocopy',
    'nodelay',
    'congestion',
    'mssBytes',
    'maxPacingBps',
    'batch',
  ],
  datagram: ['device', 'sndbufBytes', 'rcvbufBytes', 'dscp', 'df', 'zerocopy', 'gso', 'gro', 'batch'],
} as const satisfies Readonly<Record<SocketKind, readonly (keyof SocketOptions)[]>>

/** The options that a kind of socket has a use for. */
export function optionNames(kind: SocketKind): readonly (keyof SocketOptions)[] {
  return OPTION_NAMES[kind]
}

/** What the system did with the datagrams that were offered to it. Built anew for each transfer. */
export interface SendTally {
  accepted: number
  acceptedBytes: number
  refused: number
  /** Those of the accepted that were taken when they were offered once more. */
  repeated: number
  /** The first refusal. */
  refusal?: Refusal
  /** An error that ends the transfer (`ECONNREFUSED`, `ENETUNREACH` …). */
  failure?: { code: string; message: string }
}

/**
 * Called with the memory that holds one datagram, bytes `start` to `end`; or, where `eachBytes` is given, several of one source in
 * the order of their arrival, each of `eachBytes` and the last one possibly shorter. The memory is lent for the call only.
 * `from` is the same object for as long as the source stays the same, where the engine can tell cheaply; an answer goes to that object, since
 * it says which of our addresses was asked. `at`: when the system handed it to us, in ms on the monotonic clock.
 */
export type TakeDatagram = (
  memory: Buffer,
  start: number,
  end: number,
  from: Endpoint,
  at: number,
  eachBytes?: number,
) => void

export interface DatagramSocket extends AsyncDisposable {
  readonly local: Endpoint
  /** As it was when the socket was bound. */
  readonly state: SocketState
  /** How many datagrams of `chunkBytes` are best offered at once. */
  burst(chunkBytes: number): number
  /** What the kernel has counted so far, or had when the socket was closed. */
  info(): SocketInfo
  /**
   * Begins to hand over what arrives; `fault` is told of errors that come later (`ECONNREFUSED`). Called once. As long as `more` is
   * about to come, an engine may wait for it on the spot, while the event loop stands still for a moment.
   */
  read(take: TakeDatagram, fault?: (code: string) => void, more?: () => boolean): void
  /**
   * Offers `count` datagrams to the system, the consecutive slices of `bytes` of `chunkBytes` each from slice `first` on (the
   * last of all may be shorter), and counts into `tally`. One that meets an error of its own is offered once more; refused again, it
   * is counted and the next slice offered; a failure ends it.
   * Returns when the system has answered for each, and after a full burst when other sockets have had their turn. `to` is required
   * unless the socket is connected.
   */
  send(
    bytes: Buffer,
    chunkBytes: number,
    first: number,
    count: number,
    tally: SendTally,
    to?: Endpoint,
  ): Promise<void>
  /** Resolves `ms` from now, as exactly as the engine can; with 0, once everything else has had its turn. */
  pause(ms: number): Promise<void>
}

export interface StreamSocket extends AsyncDisposable {
  readonly local: Endpoint
  readonly remote: Endpoint
  /** As it is, or was when the socket was closed: asking costs system calls, so not while a clock runs. */
  readonly state: SocketState
  /** What the kernel has counted so far, or had when the socket was closed. */
  info(): SocketInfo
  /**
   * Begins to hand over what arrives; the memory is lent for the call only. Called once. `left` tells how many bytes are still to
   * come, or 1 where it is only known that there are some: an engine may wait for them on the spot, and let many gather for a millisecond.
   */
  read(take: (bytes: Buffer) => void, left?: () => number): void
  /**
   * Writes `bytes` in writes of `chunkBytes`, of which many let others have their turn; returns when the system has taken all of it, so that `bytes` may be overwritten (with
   * `zerocopy`: once the next write has returned, since until then it may be sent from there).
   * @throws the system's error (`EPIPE`, `ECONNRESET` …)
   */
  write(bytes: Buffer, chunkBytes: number): Promise<void>
  /**
   * Waits on the spot for a moment, while the event loop stands still, until `done`; what arrives is handed over. An engine that can do
   * so spares a quick answer the way through the event loop.
   */
  linger?(done: () => boolean): void
  /** Resolves when the peer has closed (`undefined`) or the connection broke (the system's code). Never rejects. */
  readonly closed: Promise<string | undefined>
  /** Sends FIN after what was written; what arrives is still read. */
  end(): void
}

export interface StreamListener extends AsyncDisposable {
  readonly local: Endpoint
}

interface Request {
  readonly signal: AbortSignal
  readonly options?: SocketOptions | undefined
}

export interface DatagramRequest extends Request {
  /** Where to bind; port 0 lets the system choose. `::` takes IPv4 too, unless the socket is connected. */
  readonly local: Endpoint
  /** Connects the socket: only this peer is heard, and an unreachable one is reported. */
  readonly connect?: Endpoint | undefined
}

export interface ListenRequest extends Request {
  /** `::` takes IPv4 too. */
  readonly local: Endpoint
  /** Told, where the engine knows, that connections wait because no socket can be had (`EMFILE`): they are taken when others have ended. */
  readonly shortage?: ((code: string) => void) | undefined
}

export interface ConnectRequest extends Request {
  /** Our own address; the system chooses when absent. */
  readonly from?: string | undefined
  readonly to: Endpoint
  /** Called right before the first packet leaves: the socket is made, and its options are set. */
  readonly starting?: (() => void) | undefined
}

/** Why an option cannot be had. */
export interface Objection {
  readonly option: keyof SocketOptions
  /** What is wrong, and what to do. */
  readonly reason: string
}

/** Writing a 64-bit 1 to `descriptor` ends a wait and gives the event loop its turn; while `waiting` is 0 there is none to end. */
export interface Wake {
  readonly descriptor: number
  /** Shared between threads. */
  readonly waiting: Int32Array
}

/** An engine. Every method rejects with the system's error (with its `code`) when the socket cannot be made. */
export interface Sockets {
  readonly engine: string
  /** The receive buffer that datagram sockets get where nothing else is said, in bytes; undefined: the system's own. */
  readonly usualRcvbufBytes?: number | undefined
  /** Which engine sets options that this one cannot, as the end of a sentence; undefined where none does. */
  readonly elsewhere?: string | undefined
  /** Of an engine that waits in system calls: how another thread, which has sent a message to this one, ends a wait. @throws the system's error */
  wake?(): Wake
  /** The first of `options` that a socket of this kind cannot be given here; undefined when it can have them all. Asks the system. */
  objection(kind: SocketKind, family: 4 | 6, options: SocketOptions): Objection | undefined
  bindDatagram(request: DatagramRequest): Promise<DatagramSocket>
  listen(request: ListenRequest, connection: (stream: StreamSocket) => void): Promise<StreamListener>
  connect(request: ConnectRequest): Promise<StreamSocket>
}
