/** A connection to a NATS server: made, checked, and what is wrong with it in one line. */
import { isIP } from 'node:net'
import type { PeerCertificate } from 'node:tls'
import {
  type Authenticator,
  connect,
  credsAuthenticator,
  errors,
  type NatsConnection,
  nkeyAuthenticator,
  nuid,
} from '@nats-io/transport-node'
import { checkCertificateName } from '../../../base/certificate-name.ts'
import { errorCodes, errorMessage, SetupError, UsageError } from '../../../base/errors.ts'
import { reasonOfCode } from '../../../base/system-errors.ts'
import { type BusAddress, busName } from './address.ts'
import { newToken } from './subjects.ts'

export interface Bus extends AsyncDisposable {
  readonly nats: NatsConnection
  /** `HOST:PORT`, for messages. */
  readonly name: string
  /** The largest message, in bytes. */
  readonly maxPayloadBytes: number
}

const CONNECT_MS = 10_000
const RETRY_MS = 250
/** A server that does not answer so often is taken for gone, and connected to again. */
const PING_MS = 5000
const MOST_PINGS_OUT = 2
/** The first that has what is used here: keys of a bucket that expire, and messages read without a consumer. */
const OLDEST = [2, 9] as const

/**
 * Connects, and again whenever the connection is lost, until it is disposed.
 * @throws UsageError for credentials that are not such; SetupError if the server cannot be reached, refuses them, or lacks something
 */
export async function connectBus(address: BusAddress): Promise<Bus> {
  const name = busName(address)
  const authenticator = authenticatorOf(address)
  // Whoever is asked sees where its answer goes; the library counts, so that the place of the next one would follow from that.
  nuid.next = newToken
  let nats: NatsConnection
  try {
    nats = await connect({
      servers: name,
      timeout: CONNECT_MS,
      maxReconnectAttempts: -1,
      reconnectTimeWait: RETRY_MS,
      pingInterval: PING_MS,
      maxPingOut: MOST_PINGS_OUT,
      // Another server of a cluster may be one that this program should not talk to.
      ignoreClusterUpdates: true,
      ignoreAuthErrorAbort: true,
      noAsyncTraces: true,
      ...(address.inbox === undefined ? {} : { inboxPrefix: address.inbox }),
      ...(authenticator ? { authenticator } : {}),
      ...(address.tls ? { tls: tlsOf(address) } : {}),
    })
  } catch (error) {
    throw new SetupError(`${name}: ${reasonOf(error, address)}`, { cause: error })
  }
  const { version = '', jetstream = false, max_payload: maxPayloadBytes = 0 } = nats.info ?? {}
  const lacks = missing(version, jetstream)
  if (lacks !== undefined) {
    await nats.close()
    throw new SetupError(`${name}: ${lacks}`)
  }
  return { nats, name, maxPayloadBytes, [Symbol.asyncDispose]: () => nats.close() }
}

/** What is wrong with something asked of the server or of who listens behind it, in words. */
export function busProblem(error: unknown): string {
  const causes = causesOf(error)
  const denied = causes.find(each => each instanceof errors.PermissionViolationError)
  if (denied)
    return `the NATS server permits these credentials no ${denied.operation} of ${denied.subject}; see docs/fleet.md for permissions`
  if (causes.some(each => each instanceof errors.TimeoutError)) return 'the NATS server does not answer'
  if (causes.some(each => each instanceof errors.ClosedConnectionError))
    return 'the connection to the NATS server is closed'
  return errorMessage(error)
}

function missing(version: string, jetstream: boolean): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (!(major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])))
    return `NATS server ${JSON.stringify(version.slice(0, 20))} is too old; install ${OLDEST.join('.')} or newer`
  return jetstream
    ? undefined
    : 'this NATS server has no JetStream; start it with -js, or with jetstream {} in its configuration'
}

/** @throws UsageError for a file that does not hold what it should */
export function authenticatorOf({ proof }: Pick<BusAddress, 'proof'>): Authenticator | undefined {
  if (!proof) return undefined
  const bytes = new TextEncoder().encode(proof.kind === 'nkey' ? seedIn(proof.text) : proof.text)
  const authenticator = proof.kind === 'nkey' ? nkeyAuthenticator(bytes) : credsAuthenticator(bytes)
  try {
    // Signs something, once: what cannot sign is not found out in the middle of a run.
    authenticator('nonce')
  } catch (error) {
    const what = { nkey: 'the seed of a user (SU…)', creds: 'credentials (a JWT and a seed)' }[proof.kind]
    throw new UsageError(`--${proof.kind}: the file does not hold ${what}; name one that does`, {
      cause: error,
    })
  }
  return authenticator
}

/** Files of seeds may have comments. */
function seedIn(text: string): string {
  return /^SU[A-Z2-7]+$/m.exec(text.replaceAll('\r', ''))?.[0] ?? ''
}

function tlsOf({ host, ca }: BusAddress) {
  return {
    ...(ca === undefined ? {} : { ca }),
    // The library names no server for an address, and Node would compare the certificate with "localhost".
    ...(isIP(host) === 0
      ? {}
      : { checkServerIdentity: (_name: string, cert: PeerCertificate) => checkCertificateName(host, cert) }),
  }
}

function reasonOf(error: unknown, { tls, ca, proof }: BusAddress): string {
  const causes = causesOf(error)
  const code = errorCodes(error).at(-1) ?? ''
  if (causes.some(each => each instanceof errors.AuthorizationError))
    return proof === undefined
      ? 'this NATS server needs credentials; give --nkey or --creds'
      : `this NATS server rejects these credentials (--${proof.kind}); add the user to its configuration, or name another file`
  if (causes.some(each => each instanceof errors.TimeoutError))
    return 'nothing answers there; check the address, and the firewalls in between'
  const said = errorMessage(error)
  if (/does not support 'tls'/.test(said))
    return 'this NATS server speaks no TLS; write nats://, or give it a certificate'
  if (/CERT|^UNABLE_TO_|SELF_SIGNED/.test(code))
    return `its certificate is not trusted: ${errorMessage(causes.at(-1))}; ${ca === undefined ? 'give the authority that signed it with --bus-ca' : 'name the authority that signed it, and the host as the certificate does'}`
  if (/^(?:ENOTFOUND|EAI_)/.test(code))
    return `cannot find that host (${code}); check the name, or give an address`
  if (code === 'ECONNREFUSED') return 'nothing listens there; start nats-server -js, or check the address'
  if (/unexpected response from server/.test(said)) return 'that is not a NATS server; check the address'
  if (code === '' && tls) return `no TLS with this NATS server: ${said}; check its certificate, and --bus-ca`
  return `${code === '' ? said : reasonOfCode(code)}; check the address`
}

/** An error and what caused it, the outermost first. */
function causesOf(error: unknown): readonly unknown[] {
  return error instanceof Error
    ? [error, ...(error.cause === undefined ? [] : causesOf(error.cause))]
    : [error]
}
