/** Both ends of a control connection within this process. */
import { type Duplex, duplexPair } from 'node:stream'
import { monotonic } from '../../base/clock.ts'
import { environment } from '../../bench/fleet/facts/environment.ts'
import { Channel } from '../../bench/fleet/link/channel.ts'
import { answer, type Welcome } from '../../bench/fleet/link/handshake.ts'
import { NEVER } from './transfers.ts'

export const WELCOME: Welcome = { environment: environment(), engines: ['node'] }

export interface Pair {
  readonly client: Duplex
  readonly server: Duplex
}

export function pair(): Pair {
  const [client, server] = duplexPair()
  return { client, server }
}

export interface Door {
  readonly token?: string | undefined
  readonly turnedAway?: string
  readonly tickets?: readonly string[]
  readonly withinMs?: number
}

/** The server's part on one end. */
export function open(channel: Channel, { token, turnedAway, tickets = [], withinMs = 5000 }: Door = {}) {
  const until = monotonic() + withinMs
  return answer(
    channel,
    token,
    WELCOME,
    () => turnedAway,
    ({ fits }) => {
      const ticket = tickets.find(fits)
      return ticket === undefined ? { denied: 'that is no ticket of ours' } : { ticket }
    },
    until,
    NEVER,
  )
}

/** A server that lets in whoever comes, as far as it does; what came of it. */
export async function serve(stream: Duplex, door: Door = {}): Promise<string> {
  const channel = new Channel(stream)
  try {
    return await open(channel, door)
  } catch (error) {
    channel.close()
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}
