/** A server that has joined a NATS server: it says there that it is here, and takes clients that ask for it there. */
import { type Bus, busProblem } from '../bus/connection.ts'
import { hangDoor } from '../bus/door.ts'
import { Leases } from '../bus/leases.ts'
import { announce, type OwnPresence } from '../bus/presence.ts'
import { Guests } from './guests.ts'
import { type Log, sparing } from './log.ts'
import type { BenchServer } from './server.ts'

export interface Joined {
  /** Nobody finds it there any more, and no new client is taken; sessions go on. */
  leave(): Promise<void>
  /** Resolves once the sessions that are over have said all. */
  left(): Promise<void>
}

/**
 * Takes only clients that hold the lease of this host, and ends the sessions of those that held it before.
 * @param lost called once if another one has taken the name
 * @throws SetupError; the reason of `signal` if that aborts first
 */
export async function joinBus(
  bus: Bus,
  own: OwnPresence,
  server: Pick<BenchServer, 'take'>,
  log: Log,
  { lost, signal }: { readonly lost: () => void; readonly signal: AbortSignal },
): Promise<Joined> {
  const warn = sparing(log)
  void logStatus(bus, warn)
  // First, since a name that this program may not have is refused here.
  const door = await hangDoor(bus, own.name)
  try {
    const guests = new Guests(own.name, await Leases.open(bus), server)
    const presence = await announce(bus, own, lost, signal)
    // Another one may have the name until now, and answers.
    door.open(
      lease => guests.objection(lease),
      (link, lease) => void guests.take(link, lease),
    )
    log('info', 'joined', { bus: bus.name, name: own.name, address: own.address, port: own.port })
    return {
      async leave() {
        door[Symbol.dispose]()
        await presence[Symbol.asyncDispose]()
      },
      left: () => guests.left(),
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
