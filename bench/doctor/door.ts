/** Whether another host can be found, reached and entered; each step only once the one before it has succeeded. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { RemoteAgent } from '../agent/remote.ts'
import { monotonic } from '../clock.ts'
import { ChannelError } from '../control/channel.ts'
import type { ServerAddress } from '../control/connect.ts'
import { BENCH_VERSION } from '../environment.ts'
import { errorCode, errorMessage } from '../errors.ts'
import { formatMs } from '../units.ts'
import { Deadline } from '../waiting.ts'
import { bad, type Finding, good, type Look, notice } from './finding.ts'

const CONNECT_MS = 5000
/** How long a session that has just ended may take to make room. */
const BUSY_MS = 3000

export interface Door {
  readonly findings: readonly Finding[]
  /** Let in; undefined when not. The caller's to end. */
  readonly agent: RemoteAgent | undefined
  /** Whether a server is there that lets us in, now or when it has less to do. */
  readonly serving: boolean
}

export async function knock(server: ServerAddress, signal: AbortSignal): Promise<Door> {
  const port = { subject: 'control port', ...(await reach(server, signal)) }
  if (port.state === 'bad') return { findings: [port], agent: undefined, serving: false }
  const until = monotonic() + BUSY_MS
  for (;;) {
    try {
      const agent = await RemoteAgent.connect(server, 'server', signal)
      return { findings: [port, ...entered(server, agent)], agent, serving: true }
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof ChannelError)) throw error
      const busy = error.code === 'BUSY'
      if (busy && monotonic() < until) {
        await new Promise(resolve => setTimeout(resolve, 100))
        continue
      }
      const refused = { subject: 'entry', ...refusal(server, error) }
      return { findings: [port, refused], agent: undefined, serving: busy }
    }
  }
}

/** A plain connection, whatever will be spoken over it. */
async function reach({ name, host, port }: ServerAddress, outer: AbortSignal): Promise<Look> {
  using deadline = new Deadline(outer, CONNECT_MS)
  const startedAt = monotonic()
  const socket = connect({ host, port })
  try {
    await once(socket, 'connect', { signal: deadline.signal })
    const where = name === host ? '' : `${host}, `
    return good(`${where}port ${port}: connected in ${formatMs(monotonic() - startedAt)}`)
  } catch (error) {
    outer.throwIfAborted()
    const code = deadline.passed ? 'TIMEOUT' : (errorCode(error) ?? errorMessage(error))
    return unreached(host, port, code)
  } finally {
    socket.destroy()
  }
}

function unreached(host: string, port: number, code: string): Look {
  const at = `${host}, port ${port}`
  switch (code) {
    case 'TIMEOUT':
    case 'ETIMEDOUT':
      return bad(
        `${at}: nothing answers`,
        `open TCP port ${port} in the firewall of that host; and see whether it is the right address and switched on`,
      )
    case 'ECONNREFUSED':
      return bad(
        `${at}: nothing listens there (${code})`,
        `start it there: BENCH_TOKEN=… bench serve --listen 0.0.0.0:${port}; or name its port as HOST:PORT`,
      )
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return bad(
        `${at}: there is no way to it (${code})`,
        'check the address, and the routes with: ip route get ADDRESS',
      )
    case 'EACCES':
    case 'EPERM':
      return bad(
        `${at}: this host does not let us (${code})`,
        `allow TCP to port ${port} in the firewall of this host`,
      )
    default:
      return bad(`${at}: no connection (${code})`, 'check the address and the network')
  }
}

function entered({ token, tls }: ServerAddress, agent: RemoteAgent): Finding[] {
  const { environment } = agent.connection.welcome
  const { bench_version: version, node_version: node } = environment
  const means = [
    tls ? 'over TLS 1.3' : 'without TLS',
    token === undefined ? 'no token' : 'the token is right',
  ]
  const same = version === BENCH_VERSION
  return [
    { subject: 'entry', ...good(`let in; ${means.join(', ')}`) },
    {
      subject: 'versions',
      ...(same
        ? good(`bench ${version} on both; Node ${process.versions.node} here, ${node} there`)
        : notice(`bench ${BENCH_VERSION} here, ${version} there`, 'install the same version on both')),
    },
  ]
}

/** Connected, and not let in. */
function refusal({ name, token, tls }: ServerAddress, { code, message }: ChannelError): Look {
  switch (code) {
    case 'DENIED':
      return bad(
        message,
        token === undefined
          ? 'give the token that bench serve was started with: BENCH_TOKEN or --token-file'
          : 'start bench serve with the same token as this: BENCH_TOKEN or --token-file',
      )
    case 'BUSY':
      return notice(message, 'wait until its sessions have ended, or start it with a higher --max-sessions')
    case 'PROTOCOL':
      return bad(message, 'is it bench serve that listens there, of the same version as this?')
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return bad(
        message,
        `name the host as its certificate does, or make a certificate for ${name} (subjectAltName)`,
      )
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return bad(`${message} (${code})`, 'give the certificate that signed it: --tls-ca FILE')
    case 'CERT_HAS_EXPIRED':
      return bad(message, 'renew the certificate there, and start bench serve again')
    default:
      return bad(
        `${message} (${code})`,
        tls
          ? 'does it speak TLS? Started without --tls-cert, it wants none here either; with --tls-ca, it wants --tls-cert and --tls-key here'
          : 'does it speak TLS? Started with --tls-cert, it wants --tls or --tls-ca here',
      )
  }
}
