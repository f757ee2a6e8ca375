/** A server that has joined a NATS server: it says there that it is here, and takes clients that ask for it there. */
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
 * Takes only clients that hold the lease of this host, and ends the sessions of those that held it before.
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
  let leases: Leases | undefined
  let opening = 0
  /** The links that are open, with the lease of each, and when nothing is left of its session. */
  const links = new Map<BusLink, { readonly lease: string; readonly over: Promise<void> }>()
  const objection = async (lease: string): Promise<Refusal | undefined> => {
    if (opening >= MOST_OPENING) return { refused: 'busy: too many clients ask at once', code: 'BUSY' }
    if (!leases) return { refused: 'busy: it has only just started', code: 'BUSY' }
    const why = await leases.objection(own.name, lease)
    if (why !== undefined) return { refused: why, code: 'BUSY' }
    // Whoever had the lease before has it no more: their trial, if there still is one, would disturb this one.
    const others = [...links].filter(([, each]) => each.lease !== lease)
    for (const [link] of others) link.destroy()
    await Promise.all(others.map(([, { over }]) => over))
    return undefined
  }
  const take = async (link: BusLink, lease: string) => {
    let ended = () => {}
    const over = new Promise<void>(resolve => {
      ended = resolve
    })
    links.set(link, { lease, over })
    opening++
    const isIn = await server.take(link, ended)
    opening--
    if (!isIn) ended()
    await over
    links.delete(link)
  }
  // First, since a name that this program may not have is refused here.
  const door = await openDoor(bus, own.name, objection, (link, lease) => void take(link, lease))
  try {
    leases = await Leases.open(bus)
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
