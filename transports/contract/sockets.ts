/** The sockets that protocols build on: datagram sockets and streams, the same for every engine. */
import type { Endpoint, Refusal, SocketInfo, SocketOptions, SocketState } from './socket-facts.ts'

/**
 * Default receive buffer of UDP sockets for engines that keep up with the kernel. With it, losses are not caused by bursts that overflow
 * the system's default (212,992 B on Linux, 92 datagrams of 1,024 B).
 */
export const UDP_RCVBUF_BYTES = 4 << 20

/** TTL of multicast where nothing else is asked for: it passes one router. */
export const MULTICAST_TTL = 2

export type SocketKind = 'stream' | 'datagram'
/** Datagram sockets that send to a group, or have joined one, have options of their own. */
export type OptionKind = SocketKind | 'multicast'

/** Which options the sockets of a transport have. */
export function optionKindOf(traits: { readonly socket: SocketKind; readonly fansOut?: object }): OptionKind {
  return traits.fansOut ? 'multicast' : traits.socket
}

const COMMON_OPTIONS = ['device', 'sndbufBytes', 'rcvbufBytes', 'dscp', 'df', 'zerocopy'] as const
const DATAGRAM_OPTIONS = [...COMMON_OPTIONS, 'gso', 'gro', 'batch'] as const

/** The options that apply to each kind of socket, in the order in which they are set. */
const OPTION_NAMES = {
  stream: [...COMMON_OPTIONS, 'nodelay', 'congestion', 'mssBytes', 'maxPacingBps', 'batch'],
  datagram: DATAGRAM_OPTIONS,
  multicast: [...DATAGRAM_OPTIONS, 'ttl', 'loop', 'source'],
} as const satisfies Readonly<Record<OptionKind, readonly (keyof SocketOptions)[]>>

/** Lists the options that apply to a kind of socket. */
export function optionNames(kind: OptionKind): readonly (keyof SocketOptions)[] {
  return OPTION_NAMES[kind]
}

/** Counts the system's answers to the datagrams offered to it. Create a new one for each transfer. */
export interface SendTally {
  accepted: number
  acceptedBytes: number
  refused: number
  /** How many of the accepted datagrams were accepted on the second attempt. */
  repeated: number
  /** The first refusal. */
  refusal?: Refusal
  /** An error that ends the transfer (`ECONNREFUSED`, `ENETUNREACH` …). */
  failure?: { code: string; message: string } | undefined
}

/**
 * Called with the memory that holds one datagram, bytes `start` to `end`; or, if `eachBytes` is given, several datagrams from one source
 * in order of arrival, each of `eachBytes` with the last possibly shorter. The memory is valid only during the call. `from` stays the
 * same object while the source stays the same, if the engine can detect that cheaply; send a reply to that object, since it records which
 * local address was used. `at`: when the system handed the datagram over, in ms on the monotonic clock. `hops`: the TTL or hop limit with
 * which it arrived, if that was requested and the engine can read it.
 */
export type TakeDatagram = (
  memory: Buffer,
  start: number,
  end: number,
  from: Endpoint,
  at: number,
  eachBytes?: number,
  hops?: number,
) => void

export interface DatagramSocket extends AsyncDisposable {
  readonly local: Endpoint
  /** As it was when the socket was bound. */
  readonly state: SocketState
  /** How many datagrams of `chunkBytes` to offer at once for best throughput. */
  burst(chunkBytes: number): number
  /** Kernel counters so far, or as of closing the socket. */
  info(): SocketInfo
  /**
   * Starts to deliver what arrives; `fault` receives errors that arrive later (`ECONNREFUSED`). Call it once. While `more` returns true,
   * an engine may block briefly for the next datagram, holding up the event loop.
   */
  read(take: TakeDatagram, fault?: (code: string) => void, more?: () => boolean): void
  /**
   * Offers `count` datagrams to the system: consecutive slices of `bytes` of `chunkBytes` each, starting with slice `first` (the very
   * last may be shorter). Counts into `tally`. A datagram that meets an error of its own is offered once more; if refused again, it is
   * counted and the next one is offered. A failure ends the call. Returns when the system has answered for each datagram and, after a
   * full burst, when other sockets have had their turn. `to` is required unless the socket is connected.
   */
  send(
    bytes: Buffer,
    chunkBytes: number,
    first: number,
    count: number,
    tally: SendTally,
    to?: Endpoint,
  ): Promise<void>
  /**
   * Makes ready to offer these datagrams to the connected peer in one system call, if the engine can; call what it returns right away.
   * That returns how many the system took, from the first on: offer the others with `send`, which knows what this call ran into.
   */
  together?(datagrams: readonly Buffer[]): (() => number) | undefined
  /** Resolves after `ms`, as precisely as the engine can; with 0, after everything else has had its turn. */
  pause(ms: number): Promise<void>
}

/** The certificate of an end that accepts connections, and its key, in PEM. */
export interface ServerTls {
  readonly cert: string
  readonly key: string
}

/** What an end that connects accepts: any certificate, unless `certificate` or `ca` is given. */
export interface ClientTls {
  /** SHA-256 of the only certificate that it accepts. */
  readonly certificate?: string | undefined
  /** Accepts what these authorities (PEM) certified for `name`, an address or a host name. */
  readonly ca?: string | undefined
  readonly name?: string | undefined
  /** A ticket of an earlier connection, to resume its session. */
  readonly ticket?: Buffer | undefined
  /** Called with each ticket that the peer issues; after the handshake. */
  readonly issued?: ((ticket: Buffer) => void) | undefined
}

/** What both ends agreed on. */
export interface Secured {
  /** `TLSv1.3` */
  readonly tlsVersion: string
  readonly tlsCipher: string
  /** The session of an earlier connection was resumed: no certificate was sent or checked again. */
  readonly tlsResumed: boolean
}

export interface StreamSocket extends AsyncDisposable {
  readonly remote: Endpoint
  /** The current state, or that when the socket was closed. Reading it costs system calls: not while a clock is running. */
  readonly state: SocketState
  /** Kernel counters so far, or as of closing the socket. */
  info(): SocketInfo
  /**
   * Starts to deliver what arrives; the memory is valid only during the call. Call it once. `left` returns how many bytes are still to
   * arrive, or 1 if only known to be more than none: an engine may block for them, and let them accumulate for a millisecond.
   */
  read(take: (bytes: Buffer) => void, left?: () => number): void
  /**
   * Writes `bytes` in writes of `chunkBytes`, yielding to other sockets after many of them. Returns when the system has accepted
   * everything, so that `bytes` may be overwritten (with `zerocopy`: only after the next write has returned, since the kernel may send
   * from that memory until then).
   * @throws the system's error (`EPIPE`, `ECONNRESET` …)
   */
  write(bytes: Buffer, chunkBytes: number): Promise<void>
  /**
   * Blocks briefly, holding up the event loop, until `done`; delivers what arrives. Saves a quick reply the detour through the event
   * loop, if the engine supports it.
   */
  linger?(done: () => boolean): void
  /** As that of a datagram socket. */
  pause(ms: number): Promise<void>
  /** Resolves when the peer has closed (`undefined`) or the connection broke (the system's code). Never rejects. */
  readonly closed: Promise<string | undefined>
  /** Sends FIN after the pending writes; keeps reading what arrives. */
  end(): void
  /**
   * Goes on inside TLS 1.3, as the end that accepted the connection, or as the one that made it; absent if the engine has no TLS. To call
   * before anything is read or written. Where TLS fails, `closed` resolves with `TLS`, or `CERTIFICATE` if that of the peer is not accepted.
   */
  serveTls?(tls: ServerTls): void
  /** Resolves when its own part of the handshake is over. @throws an error with the code of `closed`, and the reason in words */
  startTls?(tls: ClientTls): Promise<Secured>
  /** Why TLS failed, in words; undefined if it did not. */
  readonly trouble?: string | undefined
}

export interface StreamListener extends AsyncDisposable {
  readonly local: Endpoint
}

interface Request {
  readonly signal: AbortSignal
  readonly options?: SocketOptions | undefined
}

export interface DatagramRequest extends Request {
  /**
   * Where to bind; port 0 lets the system choose. `::` accepts IPv4 too, unless the socket is connected. A group is joined, and takes a
   * port that other sockets may share.
   */
  readonly local: Endpoint
  /** Connects the socket: it receives from this peer only, and reports an unreachable one. */
  readonly connect?: Endpoint | undefined
  /** Have `TakeDatagram` say with which TTL or hop limit datagrams arrive. */
  readonly hops?: boolean
}

export interface ListenRequest extends Request {
  /** `::` accepts IPv4 too. */
  readonly local: Endpoint
  /**
   * Called, if the engine can detect it, when connections wait because no socket is available (`EMFILE`). They are accepted once others
   * have ended.
   */
  readonly shortage?: ((code: string) => void) | undefined
}

export interface ConnectRequest extends Request {
  /** Where the engine can ask for it, the system takes no more to send while so many bytes have never been sent (TCP_NOTSENT_LOWAT). */
  readonly unsentBytes?: number | undefined
  /** Local address to connect from; the system chooses if absent. */
  readonly from?: string | undefined
  readonly to: Endpoint
  /** Called right before the first packet leaves, once the socket exists and its options are set. */
  readonly starting?: (() => void) | undefined
}

/** Why an option is not available. */
export interface Objection {
  readonly option: keyof SocketOptions
  /** What is wrong, and what to do. */
  readonly reason: string
}

/** Writing a 64-bit 1 to `descriptor` ends a wait and yields to the event loop; while `waiting` is 0 there is no wait to end. */
export interface Wake {
  readonly descriptor: number
  /** Shared between threads. */
  readonly waiting: Int32Array
}

/** A TUN device of a process in a network namespace of its own. */
export interface TunDevice extends Disposable {
  /** Resolves once its system sends by it: until then it drops what it is to send. Setting the MTU then waits for what is left to do. */
  ready(): Promise<void>
  /** Starts to deliver each IP packet that its system sends by it; the memory is valid only during the call. */
  read(take: (packet: Buffer) => void): void
  /** Gives its system a packet; false if that does not take it. */
  write(packet: Buffer): boolean
  /** @throws the system's error */
  setMtu(bytes: number): void
  /** How many packets its system could not queue for it so far; undefined where that is not known. */
  drops(): number | undefined
  /** As that of a datagram socket. */
  pause(ms: number): Promise<void>
}

/** An engine. Every method rejects with the system's error (with its `code`) if the socket cannot be created. */
export interface Sockets {
  readonly engine: string
  /** What calls the system for it, where that is not Node itself. */
  readonly binding?: string | undefined
  /** Default receive buffer of datagram sockets, in bytes; undefined for the system default. */
  readonly usualRcvbufBytes?: number | undefined
  /** Its datagram sockets read nothing before they are asked to. */
  readonly readsWhenAsked?: true
  /** Its streams can go on inside TLS. */
  readonly secures?: true
  /** Which engine can set options that this one cannot, as the end of a sentence; undefined if none can. */
  readonly elsewhere?: string | undefined
  /**
   * For an engine that waits in system calls: lets another thread that has posted a message to this one end the wait.
   * @throws the system's error
   */
  wake?(): Wake
  /** Attaches to the TUN device of this name where a process is, if the engine can. @throws the system's error */
  openTun?(pid: number, name: string): TunDevice
  /** How far this host's wall clock may be from UTC, in ms; undefined if nothing synchronizes it, or the engine cannot tell. */
  clockErrorMs?(): number | undefined
  /** Returns the first of `options` that a socket of this kind cannot have here; undefined if it can have them all. Asks the system. */
  objection(kind: OptionKind, family: 4 | 6, options: SocketOptions): Objection | undefined
  bindDatagram(request: DatagramRequest): Promise<DatagramSocket>
  listen(request: ListenRequest, connection: (stream: StreamSocket) => void): Promise<StreamListener>
  connect(request: ConnectRequest): Promise<StreamSocket>
}

/** Why a transport cannot run on an engine: `cannot carry tls, …`, the end of a sentence about it; undefined if it can. Pure. */
export function obstacleOf(
  { secures }: Pick<Sockets, 'secures'>,
  { name, traits }: { readonly name: string; readonly traits: { readonly secured?: true } },
): string | undefined {
  return traits.secured && !secures ? `cannot carry ${name}, since its streams have no TLS` : undefined
}
