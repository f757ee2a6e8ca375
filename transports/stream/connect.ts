/** Connects to a server, and says in the words of a report why not. */
import { monotonic } from '../../base/clock.ts'
import { errorCode, errorMessage } from '../../base/errors.ts'
import { Deadline } from '../../base/waiting.ts'
import type { ClientOptions } from '../contract/ends.ts'
import type { Failure } from '../contract/reports.ts'
import type { Endpoint } from '../contract/socket-facts.ts'
import type { ConnectRequest, Sockets, StreamSocket } from '../contract/sockets.ts'

/** Times in ms on the monotonic clock. */
type Attempt = { readonly startedAt: number } & (
  | { readonly stream: StreamSocket; readonly connectMs: number; readonly failure?: undefined }
  | { readonly failure: Failure }
)

/** Gives up after `answerTimeoutMs`. Never rejects. */
export async function connect(
  sockets: Sockets,
  to: Endpoint,
  { signal, from, socket, answerTimeoutMs, unsentBytes }: ClientOptions & Pick<ConnectRequest, 'unsentBytes'>,
): Promise<Attempt> {
  let startedAt = monotonic()
  using deadline = new Deadline(signal, answerTimeoutMs)
  try {
    const starting = () => {
      startedAt = monotonic()
    }
    const request = { from, to, options: socket, starting, unsentBytes }
    const stream = await sockets.connect({ signal: deadline.signal, ...request })
    return { startedAt, stream, connectMs: monotonic() - startedAt }
  } catch (error) {
    const [code, message] = deadline.passed
      ? ['TIMEOUT', `no connection within ${Math.round(answerTimeoutMs)} ms`]
      : [signal.aborted ? 'ABORTED' : codeOf(error), errorMessage(error)]
    return { startedAt, failure: { phase: 'connect', code, message } }
  }
}

/** The system's code. A stream that was destroyed during a call has none: the connection is gone. */
export function codeOf(error: unknown): string {
  const code = errorCode(error)
  return code === undefined || code.startsWith('ERR_') ? 'CLOSED' : code
}
