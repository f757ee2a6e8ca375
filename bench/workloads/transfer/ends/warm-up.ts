/** Before its first trial an agent sends to itself, so that the first rounds measure the network rather than the JIT compiler. */

import { monotonic } from '../../../../base/clock.ts'
import { loopback } from '../../../../transports/contract/addresses.ts'
import type { SentCounts } from '../../../../transports/contract/reports.ts'
import type { Sockets } from '../../../../transports/contract/sockets.ts'
import type { Carrier } from '../../../../transports/contract/transport.ts'
import { GeneratedPayload } from '../../../../transports/payload/generated.ts'

/** Within one process, a TCP transfer of 1 KiB took 0.35 ms at first, 0.13 after 300, and 0.11 from 600 on (`setLaterFlags`). */
const TRANSFERS = 1500
/** The time to spend on them, in ms: fresh processes are frequent. With twice as much, nothing was shown to be faster, on either engine. */
const WARM_UP_MS = 150
/** In that time an agent makes twice as many, unless other programs keep the CPUs busy: then it goes on, up to so many ms. */
const FEW_TRANSFERS = 30
const MOST_MS = 300
/** Most code of a protocol runs once per transfer, whatever its size; the per-datagram loops are also exercised between both ends (`practise`). */
const LARGE_BYTES = 256 * 1024
const SMALL_CHUNKS = 2
const LARGE_EVERY = 10
/** Sender and receiver share a thread here, so losses do not matter. */
const QUIET_MS = 1

/** Repeats transfers over loopback within this process for a while. */
export async function warmUp(
  transport: Carrier,
  sockets: Sockets,
  chunkBytes: number,
  family: 4 | 6,
  signal: AbortSignal,
): Promise<void> {
  const oneDatagram = transport.traits.limit === 'one-datagram'
  const smallBytes = oneDatagram
    ? Math.min(chunkBytes, 8192)
    : Math.min(SMALL_CHUNKS * chunkBytes, LARGE_BYTES)
  const small = new GeneratedPayload(smallBytes, chunkBytes, 0)
  const large = oneDatagram ? small : new GeneratedPayload(LARGE_BYTES, chunkBytes, 0)
  const begun = monotonic()
  const mayMs = (done: number) => (done < FEW_TRANSFERS ? MOST_MS : WARM_UP_MS)
  for (let done = 0; done < TRANSFERS && monotonic() - begun < mayMs(done) && !signal.aborted; done++)
    await transfer(transport, sockets, done % LARGE_EVERY === 0 ? large : small, family, signal)
}

async function transfer(
  transport: Carrier,
  sockets: Sockets,
  payload: GeneratedPayload,
  family: 4 | 6,
  signal: AbortSignal,
): Promise<void> {
  const local = loopback(family)
  const maxSizeBytes = payload.sizeBytes
  await using receiver = await transport.transfer.receive(sockets, {
    signal,
    local,
    maxSizeBytes,
    expected: payload,
  })
  const unanswered = new AbortController()
  let settled: Promise<void> | undefined
  const settle = async (sent: SentCounts) => {
    const report = await receiver.settle(sent, QUIET_MS, MOST_MS)
    if (!report.complete) unanswered.abort()
  }
  await transport.transfer.send(sockets, receiver.endpoint, payload, {
    signal,
    unanswered: unanswered.signal,
    answerTimeoutMs: MOST_MS,
    restMs: 0,
    sent: sent => {
      settled = settle(sent)
    },
  })
  // Nothing of the warm-up may run on into a trial.
  await settled
}
