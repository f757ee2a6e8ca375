/** The contract of a load: bytes that fill connections, and requests that wait behind them. Times in ms. */
import type { ClientOptions, ServerOptions } from './ends.ts'
import type { Failure, ReceiveReport } from './reports.ts'
import type { Endpoint, SocketInfo, SocketState } from './socket-facts.ts'
import type { Sockets } from './sockets.ts'

export interface Load {
  /** Never rejects. */
  connect(sockets: Sockets, to: Endpoint, options: ClientOptions): Promise<LoadAttempt>
  /** Takes loads and answers requests. Resolves once bound. @throws the system's error if the port is not available */
  serve(sockets: Sockets, options: ServerOptions): Promise<LoadServer>
}

type LoadAttempt =
  | { readonly connection: LoadConnection; readonly connectMs: number; readonly failure?: undefined }
  | { readonly failure: Failure }

export interface LoadConnection extends AsyncDisposable {
  readonly state: SocketState
  readonly info: SocketInfo
  /** Bytes of load that this system accepted, and that the other end says have arrived. */
  readonly acceptedBytes: number
  readonly arrivedBytes: number
  /** Writes load in frames of so many bytes until the connection is closed. @throws the system's error if the other end broke it */
  fill(frameBytes: number): Promise<void>
  /** Sends a request of one byte behind what waits to be sent, and resolves with how long its answer took. @throws Error once the connection is closed */
  ask(): Promise<number>
}

interface LoadServer extends AsyncDisposable {
  readonly endpoint: Endpoint
  /** What has arrived so far, and from where, with the socket, the first connection came. */
  report(): Pick<ReceiveReport, 'bytesDelivered' | 'from'> & {
    readonly state: SocketState
    readonly info: SocketInfo
  }
}
