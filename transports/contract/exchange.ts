/** The contract of an exchange: requests, each of which the other end answers. What `--transport messages-udp` and the like can do. */
import type { ClientOptions, ServerOptions, WaitingEnd } from './ends.ts'
import type { SendReport, SentCounts } from './reports.ts'
import type { Endpoint } from './socket-facts.ts'
import type { Sockets } from './sockets.ts'

export interface Exchange {
  /** The default size of a request, and the smallest possible one, in bytes. */
  readonly usualBytes: number
  readonly leastBytes: number
  /** Sends requests and times their answers. Reports network failures in the result; throws only for bugs. */
  ask(sockets: Sockets, to: Endpoint, options: AskOptions): Promise<SendReport>
  /** Answers requests. Resolves once bound and ready. @throws the system's error if the port is not available */
  serve(sockets: Sockets, options: ServeOptions): Promise<Answerer>
}

export interface AskOptions extends ClientOptions {
  /** Size of a request, in bytes. */
  readonly sizeBytes: number
  /** How many requests at most. */
  readonly requests: number
  /** No request is due later than this after the first, in ms; no limit if absent. */
  readonly durationMs?: number | undefined
  /**
   * Open loop: the time between two requests, in ms, whether or not answers have come. Absent for a closed loop, in which each request
   * follows the answer to the one before (or its time-out).
   */
  readonly intervalMs?: number | undefined
  /** Called once, when no further request will be sent. */
  readonly sent: (counts: SentCounts) => void
}

/** Nobody is answered with more bytes than it sent. */
export interface ServeOptions extends ServerOptions {
  /** Size of the requests of a trial, in bytes: how a stream is split into requests. */
  readonly sizeBytes?: number | undefined
  /** Called once per source of something that is not answered. */
  readonly noted?: ((from: Endpoint, what: string) => void) | undefined
  /** Called for each request that is answered; over a stream, for what is read at once. */
  readonly served?: ((from: Endpoint) => void) | undefined
}

export type Answerer = WaitingEnd
