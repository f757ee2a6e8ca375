/**
 * A hostile client of `bench serve`, run at another host: `node hostile-visitor.js SERVER TOKEN ADDRESS [PORT]` has the server visit the one
 * at PORT of its own host (itself, where there is none) by that address, and then asks for what only the server's own host may have. Prints a
 * JSON object.
 */
import { connect } from 'node:net'
import { GO, HostileClient, prepare } from './hostile-client.ts'

export interface Attempt {
  /** Why the server did not make the visit; undefined when it did. */
  readonly problem?: string | undefined
  /** The same of its loopback, afterwards. */
  readonly loopback?: string | undefined
  /** Why it did not send to a port of the address, and to one of its loopback. */
  readonly sending: readonly (string | undefined)[]
}

const PORT = 5990
const [server = '', token = '', address = '', other = String(PORT)] = process.argv.slice(2)

using client = await entered(PORT)
using inviting = other === String(PORT) ? client : await entered(Number(other))
const loopback = address.includes(':') ? '::1' : '127.0.0.1'
const visits = { problem: await visit(address), loopback: await visit(loopback) }
client.tell(prepare({ role: 'send', transport: 'udp-marker' }))
await client.hear('ready')
const attempt: Attempt = { ...visits, sending: [await send(address), await send(loopback)] }
console.log(JSON.stringify(attempt))

async function entered(port: number): Promise<HostileClient> {
  const fresh = new HostileClient(connect({ host: server, port, noDelay: true }))
  await fresh.introduce(token)
  return fresh
}

async function visit(host: string): Promise<string | undefined> {
  inviting.say({ type: 'invite', id: 1 })
  const { ticket } = await inviting.hear('invited')
  client.say({ type: 'visit', id: 2, host, port: PORT, tls: false, ticket })
  return (await client.hear('visited')).problem
}

/** Why the trial that is prepared does not send there; undefined when it does. */
async function send(host: string): Promise<string | undefined> {
  client.tell({ ...GO, to: { host, port: 9, family: host.includes(':') ? 6 : 4 } })
  return (await client.hear('failed', 'send-report')).message?.failure?.message
}
