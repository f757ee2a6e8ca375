/** A datagram that the system will not take is counted, and the next one is sent. */
import assert from 'node:assert/strict'
import type { Sockets } from '../../transports/contract/sockets.ts'
import { limited } from '../../transports/engines/limited.ts'
import { GeneratedPayload } from '../../transports/payload/generated.ts'
import { transfer } from '../support/transfers.ts'
import type { Cases, Subject } from './suite.ts'

/** One byte more than UDP over IPv4 and IPv6 can carry: 65,535 less the headers that its length field counts. */
const TOO_LONG = { 4: 65_508, 6: 65_528 }
const EMULATED_LIMIT = 1000

export function refusalCases(subject: Subject): Cases {
  const { traits } = subject.transport
  const { headerBytes = 0 } = traits
  if (traits.socket === 'stream') return {}
  const cases: Record<string, () => Promise<void>> = {
    'an emulated limit refuses like the system, and says that it is emulated': () =>
      refused(
        subject,
        { sizeBytes: EMULATED_LIMIT + 1 - headerBytes, chunkBytes: EMULATED_LIMIT + 1 - headerBytes },
        limited(subject.sockets, EMULATED_LIMIT),
        { datagramBytes: EMULATED_LIMIT + 1, emulated: true },
      ),
    'an emulated limit takes a datagram that is just as long': () => justTaken(subject),
  }
  const [one, chunk] = [TOO_LONG[subject.family], TOO_LONG[subject.family] - headerBytes]
  cases['one byte over the limit is refused by the system, and the next transfer works'] = async () => {
    const refusal = { datagramBytes: one, emulated: false }
    await refused(subject, { sizeBytes: chunk, chunkBytes: chunk }, subject.sockets, refusal)
    await justTaken(subject)
  }
  if (traits.limit === 'one-datagram') {
    cases['10 MiB in one datagram are refused'] = () =>
      refused(subject, { sizeBytes: 10 << 20, chunkBytes: 1024 }, subject.sockets, {
        datagramBytes: 10 << 20,
        emulated: false,
      })
  } else {
    cases['chunks over the limit are refused one by one, and a short last one passes'] = async () => {
      await onlyTheLast(subject, chunk, subject.sockets, false)
      const sockets = limited(subject.sockets, EMULATED_LIMIT)
      await onlyTheLast(subject, EMULATED_LIMIT + 1 - headerBytes, sockets, true)
    }
  }
  return cases
}

async function refused(
  { transport, sockets, family }: Subject,
  { sizeBytes, chunkBytes }: { sizeBytes: number; chunkBytes: number },
  sendSockets: Sockets,
  refusal: { datagramBytes: number; emulated: boolean },
): Promise<void> {
  const payload = new GeneratedPayload(sizeBytes, chunkBytes, 7)
  const receive = { expected: payload }
  // The acknowledgement of what was refused never comes: nothing waits for it, with or without being told.
  const send = { answerTimeoutMs: 60_000, unanswered: new AbortController().signal }
  const { sent, received } = await transfer(transport, sockets, payload, {
    family,
    receive,
    send,
    sendSockets,
    quietMs: 50,
  })
  assert.deepEqual(sent.refusal, { code: 'EMSGSIZE', ...refusal })
  assert.equal(sent.failure, undefined)
  assert.equal(sent.acknowledged, false)
  assert.equal(sent.datagramsOffered, 1)
  assert.equal(sent.datagramsRefused, 1)
  assert.equal(sent.bytesAccepted, 0)
  assert.equal(received.bytesDelivered, 0)
  assert.equal(received.intact, false)
}

async function justTaken({ transport, sockets, family }: Subject): Promise<void> {
  const chunkBytes = EMULATED_LIMIT - (transport.traits.headerBytes ?? 0)
  const payload = new GeneratedPayload(chunkBytes, chunkBytes, 7)
  const sendSockets = limited(sockets, EMULATED_LIMIT)
  const receive = { expected: payload }
  const { sent, received } = await transfer(transport, sockets, payload, { family, receive, sendSockets })
  assert.equal(sent.refusal, undefined)
  assert.equal(received.intact, true)
}

async function onlyTheLast(
  { transport, sockets, family }: Subject,
  chunkBytes: number,
  sendSockets: Sockets,
  emulated: boolean,
): Promise<void> {
  const last = 321
  const payload = new GeneratedPayload(3 * chunkBytes + last, chunkBytes, 7)
  const receive = { expected: payload }
  const options = { family, receive, sendSockets, quietMs: 50 }
  const { sent, received } = await transfer(transport, sockets, payload, options)
  const datagramBytes = chunkBytes + (transport.traits.headerBytes ?? 0)
  assert.deepEqual(sent.refusal, { code: 'EMSGSIZE', datagramBytes, emulated })
  assert.equal(sent.datagramsOffered, 4)
  assert.equal(sent.datagramsRefused, 3)
  assert.equal(sent.datagramsAccepted, 1)
  assert.equal(sent.bytesAccepted, last)
  assert.equal(received.datagrams?.delivered, 1)
  assert.equal(received.bytesDelivered, last)
  assert.equal(received.intact, false)
}
