/** Whether a certificate is that of a host. */
import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { checkServerIdentity, type PeerCertificate } from 'node:tls'

/**
 * As Node's own, which in 22.23.1, 24.17, 26.4, Debian's 20.19.2 and others near them finds no IPv6 address in any certificate
 * (nodejs/node#64144). Undefined if it is.
 */
export function checkCertificateName(host: string, certificate: PeerCertificate): Error | undefined {
  const [address = ''] = host.split('%')
  if (isIP(address) === 6 && new X509Certificate(certificate.raw).checkIP(address) !== undefined)
    return undefined
  return checkServerIdentity(host, certificate)
}
