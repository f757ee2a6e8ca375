/** Why a server that can be reached refuses a session, and what to do. */

import { bad, type Look, notice, plain } from '../fleet/calls/finding.ts'
import type { ServerAddress } from '../fleet/link/connect.ts'
import type { LinkError } from '../fleet/link/link.ts'

type Known = Pick<ServerAddress, 'token' | 'tls'>

export function refusal(
  { token, tls }: Known,
  { code, finding, remedy }: Pick<LinkError, 'code' | 'finding' | 'remedy'>,
): Look {
  const message = plain(finding)
  switch (code) {
    case 'DENIED':
      return bad(
        message,
        token === undefined
          ? 'give the token that bench serve was started with: BENCH_TOKEN or --token-file'
          : 'give the token that bench serve was started with, or none if it was started without one: BENCH_TOKEN or --token-file',
      )
    case 'BUSY':
      return notice(message, 'wait until its sessions have ended, or start it with a higher --max-sessions')
    case 'CLOSING':
      return bad(message, 'start bench serve again')
    default:
      return bad(`${message} (${code})`, remedy ?? otherwise(tls !== undefined))
  }
}

/** The likeliest remedy for a connection that ends without a message. */
function otherwise(tls: boolean): string {
  return tls
    ? 'leave --tls out if bench serve has no --tls-cert'
    : 'give --tls, or --tls-ca FILE, if bench serve has --tls-cert'
}
