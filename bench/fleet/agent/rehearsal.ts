/**
 * Right before the clock of a trial starts, its ends carry a small payload that nobody records: then what a trial runs is in the caches of
 * their CPUs, which a few idle milliseconds have emptied. Between two hosts it would cost round trips, and decide nothing.
 */
import { setTimeout as sleep } from 'node:timers/promises'
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
/** What has not come by then will not come. */
const LONGEST_MS = 100
/** The receiver closes its socket and waits for the trial by then. */
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

/** Its receiver's part; never rejects. */
export async function hearRehearsal(receiver: Receiver): Promise<void> {
  await receiver
    .settle({ datagramsAccepted: 1, bytesAccepted: PAYLOAD.sizeBytes }, LONGEST_MS, LONGEST_MS)
    .catch(() => {})
  await receiver[Symbol.asyncDispose]()
}

/** Its sender's part; never rejects: whatever is wrong, the trial will meet it too. */
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
  await sleep(REST_MS, undefined, { signal }).catch(() => {})
}
