/** How a client asks a host for a session over a NATS server, and what the host answers: where the link's other end is, or why there is none. */
import * as z from 'zod'
import { errorMessage, SetupError } from '../../../base/errors.ts'
import { line } from '../calls/protocol.ts'
import { LinkError } from '../link/link.ts'
import { type Bus, busProblem } from './connection.ts'
import { patiently } from './held-key.ts'
import { BusLink } from './link.ts'
import {
  doorOf,
  END_OF_RUN,
  INBOXES_OF_RUNS,
  inboxOfHost,
  isEndOfHost,
  newEndOfHost,
  newEndOfRun,
} from './subjects.ts'

const ANSWER_MS = 5000

const askSchema = z.object({ link: z.string().regex(END_OF_RUN), lease: z.uuid() })
const answerSchema = z.union([
  z.object({ link: z.string().max(200) }),
  z.object({ refused: line(300), code: z.enum(['BUSY', 'CLOSING', 'PROTOCOL']) }),
])
type Answer = z.infer<typeof answerSchema>
export type Refusal = Extract<Answer, { readonly refused: string }>

/** Opens a link to a host that is there. @param lease held by the caller @throws LinkError */
export async function knock(bus: Bus, host: string, lease: string, signal: AbortSignal): Promise<BusLink> {
  let own = ''
  const answer = await patiently(async () => {
    signal.throwIfAborted()
    // A new one each time: an answer that came too late has left an end there.
    own = newEndOfRun()
    const said = await bus.nats.request(doorOf(host), JSON.stringify({ link: own, lease }), {
      timeout: ANSWER_MS,
    })
    return said.json()
  }).catch(error => {
    signal.throwIfAborted()
    throw new LinkError('PEER_GONE', `${host} does not answer over ${bus.name}: ${busProblem(error)}`)
  })
  const { data } = answerSchema.safeParse(answer)
  if (data && 'refused' in data) throw new LinkError(data.code, data.refused)
  if (!data || !isEndOfHost(data.link, host))
    throw new LinkError('PROTOCOL', `what answers as ${host} is not a bench server`)
  return new BusLink(bus, { own, other: data.link, answers: `${inboxOfHost(host)}.`, name: host })
}

interface Door extends Disposable {
  /**
   * Answers from now on.
   * @param objection why one with this lease gets no session; undefined if it gets one
   * @param take gets each new link
   */
  open(
    objection: (lease: string) => Promise<Refusal | undefined>,
    take: (link: BusLink, lease: string) => void,
  ): void
}

/**
 * Listens for questions to a host, until it is disposed. Those that come before it is opened get no answer from here.
 * @throws SetupError if the server permits that to others only
 */
export async function hangDoor(bus: Bus, host: string): Promise<Door> {
  let denied: Error | undefined
  let answerTo: ((question: unknown) => Promise<Answer>) | undefined
  const asked = bus.nats.subscribe(doorOf(host), {
    callback: (error, message) => {
      if (error) denied = error
      else if (message.reply?.startsWith(INBOXES_OF_RUNS))
        void answerTo?.(parsed(message.data))
          .catch((error): Answer => ({ refused: errorMessage(error).slice(0, 300), code: 'BUSY' }))
          .then(answer => message.respond(JSON.stringify(answer)))
          // The connection is closed: nobody hears it.
          .catch(() => {})
    },
  })
  await bus.nats.flush()
  if (denied) throw new SetupError(`${bus.name}: cannot join as ${host}: ${busProblem(denied)}`)
  return {
    open(objection, take) {
      answerTo = async question => {
        const { data } = askSchema.safeParse(question)
        if (!data) return { refused: 'not a question of a bench client', code: 'PROTOCOL' }
        const refusal = await objection(data.lease)
        if (refusal) return refusal
        const own = newEndOfHost(host)
        const ends = { own, other: data.link, answers: INBOXES_OF_RUNS, name: 'the client' }
        take(new BusLink(bus, ends), data.lease)
        return { link: own }
      }
    },
    [Symbol.dispose]: () => asked.unsubscribe(),
  }
}

function parsed(data: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(data).toString())
  } catch {
    return undefined
  }
}
