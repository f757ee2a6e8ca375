/** The way to a host that has joined a NATS server: control goes there, and the data between the hosts themselves. */
import { Channel } from '../link/channel.ts'
import type { Connection, Way } from '../link/connect.ts'
import { greet } from '../link/handshake.ts'
import type { LinkError } from '../link/link.ts'
import type { Bus } from './connection.ts'
import { knock } from './door.ts'
import type { PresentHost } from './presence.ts'

/** @param lease of the host, held while the way is used @param token the servers' secret, if any */
export function busWay(
  bus: Bus,
  { name, address: host, port, tls }: Pick<PresentHost, 'name' | 'address' | 'port' | 'tls'>,
  lease: string,
  token: string | undefined,
): Way {
  return {
    name,
    door: { host, port, tls },
    async connect(signal): Promise<Connection> {
      const channel = new Channel(await knock(bus, name, lease, signal))
      try {
        return { channel, welcome: await greet(channel, token, signal), localHost: '', remoteHost: host }
      } catch (error) {
        channel[Symbol.dispose]()
        throw error
      }
    },
    explain: ({ message }: LinkError) => `${name}, over ${bus.name}: ${message}`,
  }
}
