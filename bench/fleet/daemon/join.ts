/** A server that has joined a NATS server: it says there that it is here, and takes clients that ask for it there. */
import { once } from 'node:events'
import { type Bus, busProblem } from '../bus/connection.ts'
import { openDoor, type Refusal } from '../bus/door.ts'
import { Leases } from '../bus/leases.ts'
import type { BusLink } from '../bus/link.ts'
import { announce, type OwnPresence } from '../bus/presence.ts'
import { type Log, sparing } from './log.ts'
import type { BenchServer } from './server.ts'

/** Links that have not authenticated yet: a silent one is closed when its time is up. */
const MOST_OPENING = 64

/**
 * Takes only clients that hold the lease of this host, and those of one lease at a time.
 * @param lost called once if another one has taken the name @throws SetupError
 */
export async function joinBus(
  bus: Bus,
  own: OwnPresence,
  server: Pick<BenchServer, 'take'>,
  log: Log,
  lost: () => void,
): Promise<AsyncDisposable> {
  const warn = sparing(log)
  void logStatus(bus, warn)
  const leases = await Leases.open(bus)
  let opening = 0
  /** The lease of the links that are open, and how many these are. */
  const current = { lease: '', links: 0 }
  const objection = async (lease: string): Promise<Refusal | undefined> => {
    if (opening >= MOST_OPENING) return { refused: 'busy: too many clients ask at once', code: 'BUSY' }
    const why = await leases.objection(own.name, lease)
    if (why !== undefined) return { refused: why, code: 'BUSY' }
    if (current.links > 0 && current.lease !== lease)
      return { refused: 'busy: a session of the run before has not ended yet', code: 'BUSY' }
    return undefined
  }
  const take = async (link: BusLink, lease: string) => {
    opening++
    current.lease = lease
    current.links++
    const closed = once(link, 'close').then(() => current.links--)
    await server.take(link)
    opening--
    await closed
  }
  // A name that this program may not have is refused here, before anybody is told of it.
  const door = await openDoor(bus, own.name, objection, (link, lease) => void take(link, lease))
  try {
    const presence = await announce(bus, own, lost)
    log('info', 'joined', { bus: bus.name, name: own.name, address: own.address, port: own.port })
    return {
      async [Symbol.asyncDispose]() {
        door[Symbol.dispose]()
        await presence[Symbol.asyncDispose]()
      },
    }
  } catch (error) {
    door[Symbol.dispose]()
    throw error
  }
}

/** Ends with the connection. */
async function logStatus({ nats, name }: Bus, log: Log): Promise<void> {
  for await (const status of nats.status()) {
    if (status.type === 'disconnect') log('warn', 'bus-lost', { bus: name })
    else if (status.type === 'reconnect') log('info', 'bus-back', { bus: name })
    else if (status.type === 'error') log('warn', 'bus-error', { reason: busProblem(status.error) })
  }
}
