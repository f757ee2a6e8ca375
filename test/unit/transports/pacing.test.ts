/** Pacing where it could wait for nothing: around the first and the last datagram. A rate of one bit a second takes hours. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FilePayload, GeneratedPayload } from '../../../transports/payload/generated.ts'
import { carriersOver } from '../../support/carriers.ts'
import { MemorySockets } from '../../support/memory-sockets.ts'
import { leavesNothingOpen, transfer } from '../../support/transfers.ts'

for (const transport of carriersOver(new MemorySockets())) {
  test(
    `${transport.name}: nothing is waited for before the first datagram or after the last`,
    { timeout: 20_000 },
    () =>
      leavesNothingOpen(async () => {
        for (const payload of [new GeneratedPayload(1000, 1000, 1), new FilePayload(Buffer.alloc(7), 1000)]) {
          const { received } = await transfer(transport, new MemorySockets(), payload, {
            family: 4,
            send: { rateBps: 1 },
          })
          assert.equal(received.bytesDelivered, payload.sizeBytes)
        }
      }),
  )
}
