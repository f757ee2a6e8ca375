/**
 * Right before the clock of a trial starts, its ends exchange a small unrecorded payload, which brings the code of a trial back into CPU
 * caches that go cold within a few idle milliseconds. Not between two hosts, where it would cost round trips and make no difference.
 */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises'
import type { Endpoint } from '../../../transports/contract/socket-facts.ts'
import type { Sockets } from '../../../transports/contract/sockets.ts'
import type {
  ReceiveOptions,
  Receiver,
  SendOptions,
  Transport,
} from '../../../transports/contract/transport.ts'
import { GeneratedPayload } from '../../../transports/payload/generated.ts'

const PAYLOAD = new GeneratedPayload(256, 256, 0)
/** Anything that has not arrived by then is lost. */
const LONGEST_MS = 100
/** Gives the receiver time to close its socket and wait for the trial. */
const REST_MS = 1

export function openRehearsal(
  transport: Transport,
  sockets: Sockets,
  { signal, local, peer, socket }: ReceiveOptions,
): Promise<Receiver> {
  return transport.receive(sockets, {
    signal,
    local: { ...local, port: 0 },
    peer,
    socket,
    maxSizeBytes: PAYLOAD.sizeBytes,
    expected: PAYLOAD,
  })
}

/** The receiver's part; never rejects. */
export async function hearRehearsal(receiver: Receiver): Promise<void> {
  await receiver
    .settle({ datagramsAccepted: 1, bytesAccepted: PAYLOAD.sizeBytes }, LONGEST_MS, LONGEST_MS)
    .catch(() => {})
  await receiver[Symbol.asyncDispose]()
}

/** The sender's part; never rejects, since the trial will run into the same problem. */
export async function rehearse(
  transport: Transport,
  sockets: Sockets,
  to: Endpoint,
  { signal, from, socket }: Pick<SendOptions, 'signal' | 'from' | 'socket'>,
): Promise<void> {
  const unanswered = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)])
  await transport
    .send(sockets, to, PAYLOAD, {
      signal,
      from,
      socket,
      unanswered,
      answerTimeoutMs: LONGEST_MS,
      restMs: 0,
      sent: () => {},
    })
    .catch(() => {})
  // A timer counts from the event loop's last turn, which may be as old as the rehearsal.
  await nextTurn()
  await sleep(REST_MS, undefined, { signal }).catch(() => {})
}
