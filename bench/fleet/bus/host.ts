/** The way to a host that has joined a NATS server: control goes there, and the data between the hosts themselves. */
import { Channel } from '../link/channel.ts'
import type { Connection, Way } from '../link/connect.ts'
import { greet } from '../link/handshake.ts'
import type { LinkError } from '../link/link.ts'
import type { Bus } from './connection.ts'
import { knock } from './door.ts'
import type { PresentHost } from './presence.ts'

interface Rights {
  /** Of the host, held while the way is used. */
  readonly lease: string
  /** The run that holds it. */
  readonly run: string
  /** The servers' secret, if any. */
  readonly token: string | undefined
}

export function busWay(
  bus: Bus,
  { name, address: host, port, tls }: Pick<PresentHost, 'name' | 'address' | 'port' | 'tls'>,
  { lease, run, token }: Rights,
): Way {
  return {
    name,
    door: { host, port, tls },
    async connect(signal): Promise<Connection> {
      const channel = new Channel(await knock(bus, name, lease, signal))
      try {
        const welcome = await greet(channel, token, signal, run)
        return { channel, welcome, localHost: '', remoteHost: host }
      } catch (error) {
        channel[Symbol.dispose]()
        throw error
      }
    },
    explain: ({ message }: LinkError) => `${name}, over ${bus.name}: ${message}`,
  }
}
