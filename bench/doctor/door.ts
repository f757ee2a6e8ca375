/** Connects to the server of another host; where that fails, finds out how far it got. */
import { setTimeout as sleep } from 'node:timers/promises'
import { monotonic } from '../../base/clock.ts'
import { errorCodes } from '../../base/errors.ts'
import { formatMs } from '../../base/units.ts'
import { bad, type Finding, good, type Look, look, notice, plain } from '../fleet/calls/finding.ts'
import { BENCH_VERSION } from '../fleet/facts/environment.ts'
import { dial, type ServerAddress } from '../fleet/link/connect.ts'
import { LinkError } from '../fleet/link/link.ts'
import { directWay } from '../fleet/remote/direct.ts'
import { RemoteAgent } from '../fleet/remote/remote.ts'
import { unreached } from '../fleet/remote/unreached.ts'
import { refusal } from './refusal.ts'

const BUSY_MS = 3000
const RETRY_MS = 100

export interface Door {
  readonly findings: readonly Finding[]
  /** The session, which the caller ends; undefined if it was refused. */
  readonly agent: RemoteAgent | undefined
}

/** Opens a session; if that fails, checks whether the port answers at all. */
export async function knock(server: ServerAddress, signal: AbortSignal): Promise<Door> {
  const startedAt = monotonic()
  try {
    const agent = await onceFree(() => RemoteAgent.connect(directWay(server), signal), signal)
    const port = good(`${describePort(server)}: connected in ${formatMs(monotonic() - startedAt)}`)
    return { findings: [{ subject: 'control port', ...port }, ...welcomed(server, agent)], agent }
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof LinkError)) throw error
    const port = await look('control port', () => reach(server, signal))
    const entry = port.state === 'bad' ? [] : [await look('entry', () => refusal(server, error))]
    return { findings: [port, ...entry], agent: undefined }
  }
}

/** Connects; tries again for a while if the server is busy, since a session that has just ended still makes room. */
export async function onceFree<T>(connect: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const until = monotonic() + BUSY_MS
  for (;;) {
    try {
      return await connect()
    } catch (error) {
      if (!errorCodes(error).includes('BUSY') || monotonic() > until) throw error
      await sleep(RETRY_MS, undefined, { signal })
    }
  }
}

function welcomed({ token, tls }: ServerAddress, agent: RemoteAgent): Finding[] {
  const { bench_version: version, node_version: node } = agent.welcome.environment
  const means = token === undefined ? 'it needs no token' : 'both have the same token'
  const sealed = token === undefined ? '' : ': messages can be read on the path, but not changed'
  return [
    { subject: 'entry', ...good(`${means}, ${tls ? 'over TLS 1.3' : `without TLS${sealed}`}`) },
    {
      subject: 'versions',
      ...(version === BENCH_VERSION
        ? good(plain(`bench ${version} on both; Node ${process.versions.node} here, ${node} there`))
        : notice(plain(`bench ${BENCH_VERSION} here, ${version} there`), 'install the same version on both')),
    },
  ]
}

/** A plain TCP connection. */
async function reach(server: ServerAddress, signal: AbortSignal): Promise<Look> {
  const { name, host, port } = server
  const startedAt = monotonic()
  try {
    const socket = await dial({ name, host, port }, signal)
    socket.destroy()
    return good(`${describePort(server)}: connected in ${formatMs(monotonic() - startedAt)}`)
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof LinkError)) throw error
    const code = error.code === 'TIMEOUT' ? 'ETIMEDOUT' : error.code
    const [finding, remedy] = unreached(code, server) ?? [
      `no connection (${code})`,
      'check the address and the network',
    ]
    return bad(`${describePort(server)}: ${finding}`, remedy)
  }
}

function describePort({ host, port }: ServerAddress): string {
  return `${host}, port ${port}`
}
