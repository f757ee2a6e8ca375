/**
 * Right before the clock of a trial starts, its ends exchange a small unrecorded payload, which brings the code of a trial back into CPU
 * caches that go cold within a few idle milliseconds. Not between two hosts, where it would cost round trips and make no difference.
 */
import type { Endpoint } from '../../../../transports/contract/socket-facts.ts'
import type { Sockets } from '../../../../transports/contract/sockets.ts'
import type {
  Carrier,
  ReceiveOptions,
  Receiver,
  SendOptions,
} from '../../../../transports/contract/transport.ts'
import { GeneratedPayload } from '../../../../transports/payload/generated.ts'

const PAYLOAD = new GeneratedPayload(256, 256, 0)
/** Anything that has not arrived by then is lost. */
const LONGEST_MS = 100
/**
 * Gives the receiver time to close its socket and wait for the trial. The thread sleeps: a timer of the event loop lasts a millisecond,
 * after which half of what the rehearsal brought into the caches is gone (TCP and UDP of 1 KiB took 1.3 to 1.9 times as long).
 */
const REST_MS = 0.2
const NEVER_WOKEN = new Int32Array(new SharedArrayBuffer(4))

export function openRehearsal(
  { transfer }: Carrier,
  sockets: Sockets,
  { signal, local, peer, socket }: ReceiveOptions,
): Promise<Receiver> {
  return transfer.receive(sockets, {
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
  { transfer }: Carrier,
  sockets: Sockets,
  to: Endpoint,
  { signal, ...options }: Pick<SendOptions, 'signal' | 'from' | 'socket' | 'tls'>,
): Promise<void> {
  const unanswered = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)])
  await transfer
    .send(sockets, to, PAYLOAD, {
      signal,
      ...options,
      unanswered,
      answerTimeoutMs: LONGEST_MS,
      restMs: 0,
      sent: () => {},
    })
    .catch(() => {})
  Atomics.wait(NEVER_WOKEN, 0, 0, REST_MS)
}
