/** The flags of `bench send` and `bench receive` for transports inside TLS. What `--tls-…` flags say is of the control channel. */
import { UsageError } from '../../../base/errors.ts'
import type { ServerTls } from '../../../transports/contract/sockets.ts'
import type { Transport } from '../../../transports/contract/transport.ts'
import { text } from '../flags.ts'
import { certificate } from '../hosts-flags.ts'
import { readPems } from '../secrets.ts'

type Given = Readonly<Partial<Record<'ca' | 'cert' | 'key', string | undefined>>>

export const CLIENT_FLAGS = {
  ca: text(
    'CA certificate (PEM) that signed the certificate of a TLS receiver, which is checked with its name',
    String,
    'it is not checked',
  ),
}
export const SERVER_FLAGS = {
  cert: text('certificate (PEM) to show TLS senders', String, 'one made for the session'),
  key: text('its key (PEM)', String),
}

/** @throws UsageError when the files are no certificate and its key, or no transport has TLS */
export function serverTls({ cert, key }: Given, transports: readonly Transport[]): ServerTls | undefined {
  if (cert === undefined && key === undefined) return undefined
  checkTransports(cert === undefined ? 'key' : 'cert', transports)
  const own = certificate(cert, key, '')
  return own && readPems(own, '')
}

/** @param name of the receiver @throws UsageError when the file is no certificate, or the transport has no TLS */
export function clientTls({ ca: path }: Given, transport: Transport, name: string) {
  if (path === undefined) return undefined
  checkTransports('ca', [transport])
  const { ca } = readPems({ ca: path }, '')
  return { ca, name }
}

function checkTransports(flag: string, transports: readonly Transport[]): void {
  if (transports.some(({ traits }) => traits.secured)) return
  const names = transports.map(each => each.name)
  const not = names.length > 1 ? `which none of ${names.join(', ')} is` : `which ${names[0]} is not`
  throw new UsageError(`--${flag} is for transports inside TLS, ${not}; leave it out`)
}
