/** The way to a server over a connection of its own: TCP, or TLS. */
import { connectServer, type ServerAddress, type Way } from '../link/connect.ts'
import { unreached } from './unreached.ts'

export function directWay(server: ServerAddress): Way {
  const { name, host, port, tls } = server
  return {
    name,
    door: { host, port, tls: tls !== undefined },
    connect: signal => connectServer(server, signal),
    // Messages from the server or from TLS are already one line.
    explain({ code, message }) {
      const why =
        code === 'TIMEOUT'
          ? `${message}; is there a firewall in between? check with bench doctor HOST`
          : (unreached(code, server)?.join('; ') ?? message)
      return `${name}, port ${port}: ${why}`
    },
  }
}
