/**
 * A hostile client of `bench serve`, run at another host: `node hostile-visitor.js SERVER TOKEN ADDRESS[@PORT]...` has the server visit the
 * one at PORT of its own host (itself, where there is none) by each address, and then asks for what only the server's own host may have.
 * Prints a JSON array, an `Attempt` for each.
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
const [server = '', token = '', ...targets] = process.argv.slice(2)

const attempts: Attempt[] = []
for (const target of targets) {
  const [address = '', port = String(PORT)] = target.split('@')
  attempts.push(await attempt(address, Number(port)))
}
console.log(JSON.stringify(attempts))

async function attempt(address: string, port: number): Promise<Attempt> {
  using client = await entered(PORT)
  using other = port === PORT ? undefined : await entered(port)
  const loopback = address.includes(':') ? '::1' : '127.0.0.1'
  const inviting = other ?? client
  const visits = {
    problem: await visit(client, inviting, address),
    loopback: await visit(client, inviting, loopback),
  }
  client.tell(prepare({ role: 'send', transport: 'udp-marker' }))
  await client.hear('ready')
  return { ...visits, sending: [await send(client, address), await send(client, loopback)] }
}

async function entered(port: number): Promise<HostileClient> {
  const fresh = new HostileClient(connect({ host: server, port, noDelay: true }))
  await fresh.introduce(token)
  return fresh
}

async function visit(
  client: HostileClient,
  inviting: HostileClient,
  host: string,
): Promise<string | undefined> {
  inviting.say({ type: 'invite', id: 1 })
  const { ticket } = await inviting.hear('invited')
  client.say({ type: 'visit', id: 2, host, port: PORT, tls: false, ticket })
  return (await client.hear('visited')).problem
}

/** Why the trial that is prepared does not send there; undefined when it does. */
async function send(client: HostileClient, host: string): Promise<string | undefined> {
  client.tell({ ...GO, to: { host, port: 9, family: host.includes(':') ? 6 : 4 } })
  return (await client.hear('failed', 'send-report')).message?.failure?.message
}
