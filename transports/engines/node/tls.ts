/** TLS 1.3 over a connected stream by node:tls. */
import { isIP, type Socket as TcpSocket } from 'node:net'
import { type ConnectionOptions, connect, createSecureContext, type SecureContext, TLSSocket } from 'node:tls'
import { checkCertificateName } from '../../../base/certificate-name.ts'
import { errorCode, errorMessage } from '../../../base/errors.ts'
import type { ClientTls, Secured, ServerTls } from '../../contract/sockets.ts'

const VERSIONS = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' } as const

/** Connections share the context of their certificate, and with it the keys of its tickets. */
const contexts = new WeakMap<ServerTls, SecureContext>()

/** The handshake begins when the client does. */
export function serverSocket(socket: TcpSocket, tls: ServerTls): TLSSocket {
  const secureContext =
    contexts.get(tls) ?? createSecureContext({ cert: tls.cert, key: tls.key, ...VERSIONS })
  contexts.set(tls, secureContext)
  return new TLSSocket(socket, { isServer: true, secureContext })
}

/** Begins the handshake. */
export function clientSocket(socket: TcpSocket, tls: ClientTls): TLSSocket {
  return connect({ socket, secureContext: trusting(tls.ca), ...verification(tls), session: tls.ticket })
}

/**
 * To call when the client's handshake is over: tickets come right after it, and those of an unaccepted peer are not passed on.
 * @throws as `startTls` says, for another certificate than the one given
 */
export function checkedSession(socket: TLSSocket, { certificate, issued }: ClientTls): Secured {
  // A resumed session has no certificate: its ticket came from a peer whose certificate was accepted.
  const shown = socket.isSessionReused() ? certificate : socket.getPeerX509Certificate()?.fingerprint256
  if (certificate !== undefined && shown !== certificate)
    throw Object.assign(new Error(`the receiver shows the certificate ${shown}, not ${certificate}`), {
      code: 'CERTIFICATE',
    })
  if (issued) socket.on('session', issued)
  return {
    tlsVersion: socket.getProtocol() ?? '',
    tlsCipher: socket.getCipher().standardName,
    tlsResumed: socket.isSessionReused(),
  }
}

/** An error of node:tls in our words; undefined for one of the system. */
export function troubleOf(error: unknown): { readonly code: string; readonly message: string } | undefined {
  const code = errorCode(error) ?? ''
  // `ECONNRESET`. EPROTO is OpenSSL's, by way of libuv.
  if (/^(E[A-Z0-9]+)?$/.test(code) && code !== 'EPROTO') return undefined
  // Codes of verification are those of OpenSSL without X509_V_ERR_; the comparison of names is Node's.
  if (!/^(ERR_|EPROTO)/.test(code) || code.startsWith('ERR_TLS_CERT'))
    return {
      code: 'CERTIFICATE',
      message: `the receiver's certificate is not accepted: ${errorMessage(error)}`,
    }
  // OpenSSL's message has lines of its source; its reason is a phrase.
  const reason = error instanceof Error && 'reason' in error ? error.reason : errorMessage(error)
  // An alert is what the other end says, which therefore speaks TLS.
  const advice = /alert(?! protocol version)/.test(`${reason}`) ? '' : '; does the other end speak TLS 1.3?'
  return { code: 'TLS', message: `TLS failed: ${reason}${advice}` }
}

/** The latest context of clients, and whom it trusts: making one takes as long as a handshake. */
let latest: { readonly ca: string | undefined; readonly context: SecureContext } | undefined
function trusting(ca: string | undefined): SecureContext {
  if (!latest || latest.ca !== ca)
    latest = { ca, context: createSecureContext({ ...VERSIONS, ...(ca === undefined ? {} : { ca }) }) }
  return latest.context
}

function verification({ ca, name = '' }: ClientTls): ConnectionOptions {
  if (ca === undefined) return { rejectUnauthorized: false }
  return {
    host: name,
    ...(isIP(name) === 0 ? { servername: name } : {}),
    checkServerIdentity: checkCertificateName,
  }
}
