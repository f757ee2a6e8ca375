/** One server goes to another one, which its client has named, and shows a ticket: each has then seen the address of the other. */
import { Channel } from '../control/channel.ts'
import { dial } from '../control/connect.ts'
import { visit } from '../control/handshake.ts'
import { errorMessage } from '../errors.ts'

export interface Invitation {
  readonly host: string
  readonly port: number
  readonly tls: boolean
  readonly ticket: string
}

/** Why it did not come to it; undefined when it did. */
export async function problemOfVisit({ host, port, tls, ticket }: Invitation): Promise<string | undefined> {
  const { signal } = new AbortController()
  let channel: Channel | undefined
  try {
    // Who is there is proven by the ticket alone.
    const identity = tls ? { rejectUnauthorized: false } : undefined
    channel = new Channel(await dial({ name: host, host, port, tls: identity }, signal))
    await visit(channel, ticket, signal)
    return undefined
  } catch (error) {
    return errorMessage(error).slice(0, 300)
  } finally {
    channel?.[Symbol.dispose]()
  }
}
