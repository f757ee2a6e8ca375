/** The loopback interface: without it nothing can be measured on one host. In a fresh network namespace it exists, but is down. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { isLoopback } from '../../../base/addresses.ts'
import { SetupError } from '../../../base/errors.ts'
import { raiseLoopback } from '../../../results/warnings/remedies.ts'
import { isOfThisHost } from '../../../transports/contract/addresses.ts'
import { bad, type Finding, good, type Look, look } from '../calls/finding.ts'

const DOWN = 'the loopback interface is down'
/** A datagram over loopback takes far less. */
const ARRIVAL_MS = 300

export async function examineLoopback(): Promise<Finding> {
  return look('loopback', loopback)
}

function loopback(): Look {
  const up = listed()
  return up.length > 0
    ? good(up.join(', '))
    : bad(`${DOWN}: nothing can be measured on this host alone`, raiseLoopback(process.platform))
}

/**
 * Whatever goes from this host to one of its addresses goes through the loopback interface. Where that is down, connections and datagrams
 * are lost in silence.
 * @param host undefined: both ends are on this host @throws SetupError
 */
export async function checkLoopback(host?: string): Promise<void> {
  if (host !== undefined && !isOfThisHost(host)) return
  const problem = await loopbackProblem()
  if (problem !== undefined)
    throw new SetupError(
      `${DOWN}, so ${host === undefined ? 'nothing can be measured on this host alone' : `${host} cannot be reached`}; ${problem}`,
    )
}

/** `nothing can arrive …` for a receiver that only this host can reach; undefined if something can. */
export async function noteOnLoopback(host: string): Promise<string | undefined> {
  const problem = isLoopback(host) ? await loopbackProblem() : undefined
  return problem && `note: ${DOWN}, so nothing can arrive at ${host}; ${problem}\n`
}

/** What to do where it is down: a system may list no addresses at all, so a datagram decides. */
async function loopbackProblem(): Promise<string | undefined> {
  if (listed().length > 0 || (await crosses('udp4', '127.0.0.1')) || (await crosses('udp6', '::1')))
    return undefined
  return raiseLoopback(process.platform)
}

/** The system lists no addresses for interfaces that are down. */
function listed(): readonly string[] {
  return Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? []).filter(each => each.internal).map(each => `${each.address} at ${name}`),
  )
}

async function crosses(type: 'udp4' | 'udp6', host: string): Promise<boolean> {
  const socket = createSocket(type)
  // One that cannot be sent is one that does not arrive.
  socket.on('error', () => {})
  const signal = AbortSignal.timeout(ARRIVAL_MS)
  try {
    socket.bind(0, host)
    await once(socket, 'listening', { signal })
    const arrived = once(socket, 'message', { signal })
    socket.send('?', socket.address().port, host, () => {})
    await arrived
    return true
  } catch {
    return false
  } finally {
    socket.close()
  }
}
