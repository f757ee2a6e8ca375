/** What a protocol stands on: datagram sockets and streams, the same for every engine. */

/** An IP address and port. `host` is a literal address, never a name. */
export interface Endpoint {
  readonly host: string
  readonly port: number
  readonly family: 4 | 6
}

/** Sizes of the socket's buffers as the system reports them, in bytes; absent where an engine cannot read them. */
export interface Buffers {
  readonly sndbufBytes?: number
  readonly rcvbufBytes?: number
}

/** What may be asked of any socket. Sizes in bytes. */
export interface SocketOptions {
  readonly sndbufBytes?: number | undefined
  readonly rcvbufBytes?: number | undefined
  /** TCP_NODELAY (streams only). */
  readonly nodelay?: boolean | undefined
}

/** A system call that would not take a datagram: a result, not an exception. */
export interface Refusal {
  /** `EMSGSIZE`, `ENOBUFS` … never the number, which differs by system. */
  readonly code: string
  /** Size of the first datagram refused, in bytes. */
  readonly datagramBytes: number
  /** Refused by `--max-datagram`, not by the system. */
  readonly emulated: boolean
}

/** What the system did with the datagrams that were offered to it. Built anew for each transfer. */
export interface SendTally {
  accepted: number
  acceptedBytes: number
  refused: number
  /** The first refusal. */
  refusal?: Refusal
  /** An error that ends the transfer (`ECONNREFUSED`, `ENETUNREACH` …). */
  failure?: { code: string; message: string }
}

/**
 * Called once for each datagram, with the memory that holds it: bytes `start` to `end`. The memory is lent for the call only.
 * `from` is the same object for as long as the source stays the same, where the engine can tell cheaply.
 */
export type TakeDatagram = (memory: Buffer, start: number, end: number, from: Endpoint) => void

export interface DatagramSocket extends AsyncDisposable {
  readonly local: Endpoint
  readonly buffers: Buffers
  /** Begins to hand over what arrives; `fault` is told of errors that come later (`ECONNREFUSED`). Called once. */
  read(take: TakeDatagram, fault?: (code: string) => void): void
  /**
   * Offers `count` datagrams to the system, the consecutive slices of `bytes` of `chunkBytes` each from slice `first` on (the
   * last of all may be shorter), and counts into `tally`. A refusal is counted and the next slice offered; a failure ends it.
   * Returns when the system has answered for each. `to` is required unless the socket is connected.
   */
  send(
    bytes: Buffer,
    chunkBytes: number,
    first: number,
    count: number,
    tally: SendTally,
    to?: Endpoint,
  ): Promise<void>
}

export interface StreamSocket extends AsyncDisposable {
  readonly local: Endpoint
  readonly remote: Endpoint
  readonly buffers: Buffers
  /** Begins to hand over what arrives; the memory is lent for the call only. Called once. */
  read(take: (bytes: Buffer) => void): void
  /**
   * Writes `bytes` in writes of `chunkBytes`; returns when the system has taken all of it, so that `bytes` may be overwritten.
   * @throws the system's error (`EPIPE`, `ECONNRESET` …)
   */
  write(bytes: Buffer, chunkBytes: number): Promise<void>
  /** Resolves when the peer has closed (`undefined`) or the connection broke (the system's code). Never rejects. */
  readonly closed: Promise<string | undefined>
  /** Sends FIN after what was written; what arrives is still read. */
  end(): void
}

export interface StreamListener extends AsyncDisposable {
  readonly local: Endpoint
}

export interface DatagramRequest extends SocketOptions {
  readonly signal: AbortSignal
  /** Where to bind; port 0 lets the system choose. */
  readonly local: Endpoint
  /** Connects the socket: only this peer is heard, and an unreachable one is reported. */
  readonly connect?: Endpoint | undefined
}

export interface ListenRequest extends SocketOptions {
  readonly signal: AbortSignal
  readonly local: Endpoint
}

export interface ConnectRequest extends SocketOptions {
  readonly signal: AbortSignal
  readonly to: Endpoint
}

/** An engine. Every method rejects with the system's error (with its `code`) when the socket cannot be made. */
export interface Sockets {
  readonly engine: string
  bindDatagram(request: DatagramRequest): Promise<DatagramSocket>
  listen(request: ListenRequest, connection: (stream: StreamSocket) => void): Promise<StreamListener>
  connect(request: ConnectRequest): Promise<StreamSocket>
}
