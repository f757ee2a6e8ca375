/** Why a server that can be reached refuses a session, and what to do. */

import { bad, type Look, notice, plain } from '../fleet/calls/finding.ts'
import type { ServerAddress } from '../fleet/link/connect.ts'
import type { LinkError } from '../fleet/link/link.ts'

type Known = Pick<ServerAddress, 'name' | 'token' | 'tls'>

export function refusal(
  { name, token, tls }: Known,
  { code, finding }: Pick<LinkError, 'code' | 'finding'>,
): Look {
  // The remedies below are better than those of the error.
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
    case 'PROTOCOL':
      return bad(message, 'check that bench serve listens there, in the same version as this one')
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return bad(message, `name the host as its certificate does, or issue one for ${name} (subjectAltName)`)
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return bad(
        `${message} (${code})`,
        'give the certificate of the authority that signed its own: --tls-ca FILE',
      )
    case 'CERT_HAS_EXPIRED':
      return bad(message, 'renew the certificate there, and start bench serve again')
    default:
      return bad(`${message} (${code})`, otherwise(code, tls !== undefined))
  }
}

/** The likeliest remedy for a connection that ends without a message, or by a TLS alert. */
function otherwise(code: string, tls: boolean): string {
  if (!tls) return 'give --tls, or --tls-ca FILE, if bench serve has --tls-cert'
  return /CERTIFICATE_REQUIRED|UNKNOWN_CA|BAD_CERTIFICATE/.test(code)
    ? 'give a certificate that the authority of bench serve (its --tls-ca) has signed: --tls-cert and --tls-key'
    : 'leave --tls out if bench serve has no --tls-cert'
}
