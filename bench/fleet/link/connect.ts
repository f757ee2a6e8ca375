/** A client's connection to a server: TCP or TLS, then the handshake. */
import { once } from 'node:events'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { checkCertificateName } from '../../../base/certificate-name.ts'
import { errorCode, errorMessage } from '../../../base/errors.ts'
import { Deadline } from '../../../base/waiting.ts'
import { unmapped } from '../../../transports/contract/addresses.ts'
import { Channel } from './channel.ts'
import { greet, type Welcome } from './handshake.ts'
import { LinkError } from './link.ts'

/** The default port of `bench serve`. */
export const DEFAULT_PORT = 5990

/** Where a server is, and how to authenticate it. */
export interface ServerAddress {
  /** As the user wrote it; for messages, and to check the certificate. */
  readonly name: string
  readonly host: string
  readonly port: number
  readonly family: 4 | 6
  /** Local address that data are sent from: the server accepts data only from there. */
  readonly from?: string | undefined
  readonly token?: string | undefined
  /** A run that has the server to itself. */
  readonly run?: string | undefined
  /** PEM texts; absent without TLS. */
  readonly tls?: TlsIdentity | undefined
}

/** How to get to a server, whatever carries the connection. */
export interface Way {
  /** As the user wrote it; for messages. */
  readonly name: string
  /** Where another server visits it. */
  readonly door: { readonly host: string; readonly port: number; readonly tls: boolean }
  /** @throws LinkError */
  connect(signal: AbortSignal): Promise<Connection>
  /** Why that failed, and what to do, in one line. */
  explain(error: LinkError): string
}

interface TlsIdentity {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  /** False if a certificate proves nothing that matters. */
  readonly rejectUnauthorized?: boolean | undefined
}

export interface Connection {
  readonly channel: Channel
  readonly welcome: Welcome
  /** Empty where nobody knows it: the two do not talk to each other directly. */
  readonly localHost: string
  /** The address that the server was reached at, or is reached at by others. */
  readonly remoteHost: string
}

const CONNECT_MS = 10_000

/** @throws LinkError */
export async function connectServer(address: ServerAddress, signal: AbortSignal): Promise<Connection> {
  const socket = await dial(address, signal)
  socket.setNoDelay(true)
  const channel = new Channel(socket)
  try {
    return {
      channel,
      welcome: await greet(channel, address.token, signal, address.run),
      localHost: unmapped(socket.localAddress ?? ''),
      remoteHost: unmapped(socket.remoteAddress ?? ''),
    }
  } catch (error) {
    channel[Symbol.dispose]()
    throw explain(error, address)
  }
}

/** Opens a connection, on which nothing has been said. @throws LinkError, with code `TIMEOUT` after `withinMs` */
export async function dial(
  { name, host, port, tls, from }: Pick<ServerAddress, 'name' | 'host' | 'port' | 'tls' | 'from'>,
  outer: AbortSignal,
  withinMs = CONNECT_MS,
): Promise<Socket | TLSSocket> {
  using deadline = new Deadline(outer, withinMs)
  const way = { host, port, ...(from === undefined ? {} : { localAddress: from }) }
  const socket = tls
    ? connectTls({
        ...way,
        ...(isIP(name) === 0 ? { servername: name } : {}),
        checkServerIdentity: checkCertificateName,
        ...tls,
        minVersion: 'TLSv1.3',
      })
    : connectTcp(way)
  try {
    await once(socket, tls ? 'secureConnect' : 'connect', { signal: deadline.signal })
    return socket
  } catch (error) {
    socket.destroy()
    if (deadline.passed) throw new LinkError('TIMEOUT', `no connection within ${withinMs / 1000} s`)
    outer.throwIfAborted()
    throw explain(error, { name, tls })
  }
}

/** TLS errors arrive in the library's own words, over several lines and with source positions. */
function explain(error: unknown, { name, tls }: Pick<ServerAddress, 'name' | 'tls'>): unknown {
  const code = errorCode(error) ?? 'CLOSED'
  const message = errorMessage(error)
  if (code === 'CLOSED') {
    const remedy = tls
      ? `it may require a client certificate: ${ownCertificate(tls)}`
      : 'if it speaks TLS, give --tls'
    return new LinkError(code, message, remedy)
  }
  if (/^ERR_SSL_.*_(CERTIFICATE_REQUIRED|UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_EXPIRED)$/.test(code))
    return new LinkError(code, 'it requires a client certificate that it trusts', ownCertificate(tls))
  if (CERTIFICATE_CODES.test(code))
    return new LinkError(code, `its certificate is not trusted: ${message}`, trusting(code, name, tls))
  if (tls && code === 'ECONNRESET')
    return new LinkError(code, 'no TLS there', 'leave --tls out, or start it with --tls-cert')
  if (code.startsWith('ERR_SSL_')) return new LinkError(code, `the TLS handshake failed (${code})`)
  if (code === 'PROTOCOL')
    return new LinkError(
      code,
      message,
      'check that bench serve listens there, in the same version as this one',
    )
  return error instanceof LinkError ? error : new LinkError(code, message)
}

const CERTIFICATE_CODES = /CERT|^UNABLE_TO_|SELF_SIGNED|ERR_TLS_CERT/

function ownCertificate(tls: TlsIdentity | undefined): string {
  return tls?.cert === undefined
    ? 'give --tls-cert and --tls-key'
    : 'give one that its authority (its --tls-ca) has signed and that is valid today, with --tls-cert and --tls-key'
}

/** What makes the server's certificate trusted. */
function trusting(code: string, name: string, tls: TlsIdentity | undefined): string {
  switch (code) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `name the host as its certificate does, or issue one for ${name} (subjectAltName)`
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return 'renew it there and start bench serve again, or set the clock here'
    default:
      return tls?.ca === undefined
        ? 'give the authority that signed it with --tls-ca'
        : 'the authority of --tls-ca has not signed it: name the one that has'
  }
}
