/** How an engine counts an answer that was no acceptance: the same for all of them. */
import type { SendTally } from './sockets.ts'

/** The system would not take this datagram and may well take the next one. */
const REFUSALS = new Set(['EMSGSIZE', 'ENOBUFS', 'ENOMEM'])

/** Of an error that comes back over a path: EMSGSIZE only says that it is narrower than was known, and what no longer fits is refused. */
export function endsPath(code: string): boolean {
  return code !== 'EMSGSIZE'
}

/** Counts an error of a send: a refusal, after which the next datagram is offered (true), or a failure, which ends it (false). */
export function noteError(tally: SendTally, code: string, message: string, datagramBytes: number): boolean {
  if (REFUSALS.has(code)) {
    noteRefusal(tally, code, datagramBytes, false)
    return true
  }
  tally.failure ??= { code, message }
  return false
}

/** Counts a datagram that was refused; the first one is remembered. */
export function noteRefusal(tally: SendTally, code: string, datagramBytes: number, emulated: boolean): void {
  tally.refused++
  tally.refusal ??= { code, datagramBytes, emulated }
}
