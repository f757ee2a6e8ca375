/** The law of counts with many receivers of one sender: whatever a network does to each of them, each has its own truth, and keeps the law. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { measuresOf, outcomeOf } from '../../bench/workloads/transfer/accounting.ts'
import type { ReceiveReport, SentCounts } from '../../transports/contract/reports.ts'
import { HEADER_BYTES } from '../../transports/datagram/openings.ts'
import { Transfer } from '../../transports/datagram/transfer.ts'
import { GroupAssembly } from '../../transports/multicast/assembly.ts'
import { isChunk, readOpening, writeHeader } from '../../transports/multicast/wire.ts'
import { FilePayload, GeneratedPayload } from '../../transports/payload/generated.ts'
import { HeldMemory, MemoryBudget } from '../../transports/payload/held-memory.ts'
import { udpArq } from '../../transports/protocols/udp-arq.ts'
import { udpMulticast } from '../../transports/protocols/udp-multicast.ts'
import { type Arrival, MemorySockets } from '../support/memory-sockets.ts'
import { fates, Network, truthOf } from '../support/network.ts'
import { heldBytes, NEVER, receiveOptions, sendOptions } from '../support/transfers.ts'

const GROUP = { host: '239.255.7.7', port: 5007, family: 4 } as const
const COUNT_MAX = 40

/** A payload of up to 40 chunks, and what the network does to each on its way to each receiver. */
const groups = fc
  .tuple(
    fc.constantFrom(1, 8, 13, 100),
    fc.integer({ min: 1, max: COUNT_MAX }),
    fc.nat(),
    fc.integer({ min: 1, max: 8 }),
  )
  .chain(([chunkBytes, count, short, receivers]) =>
    fc.record({
      chunkBytes: fc.constant(chunkBytes),
      sizeBytes: fc.constant(count * chunkBytes - (short % chunkBytes)),
      ways: fc.array(fates(count, 'none'), { minLength: receivers, maxLength: receivers }),
      markers: fc.array(fc.boolean(), { minLength: 2 * receivers, maxLength: 2 * receivers }),
      isFile: fc.boolean(),
    }),
  )

test('each receiver counts what has come to it: accepted = delivered + lost, and what it holds is in order', async () => {
  await fc.assert(
    fc.asyncProperty(groups, async ({ chunkBytes, sizeBytes, ways, markers, isFile }) => {
      const generated = new GeneratedPayload(sizeBytes, chunkBytes, 3)
      const payload = isFile ? new FilePayload(generated.whole(), chunkBytes) : generated
      const networks = ways.map(fates => new Network(fates))
      let chunks = 0
      const link = (bytes: Buffer, _from: unknown, _to: unknown, receiver: number): readonly Arrival[] => {
        const network = networks[receiver] ?? assert.fail('no such receiver')
        assert.ok(readOpening(bytes, 0, bytes.length))
        // Markers may be lost, too, which costs nothing.
        if (!isChunk(bytes, 0)) {
          const isEnd = chunks > 0
          const lost = markers[2 * receiver + (isEnd ? 1 : 0)]
          return [...network.flush(), ...(lost ? [] : [{ bytes }])]
        }
        if (receiver === 0) chunks++
        return network.carry(chunks - 1, bytes)
      }
      const sockets = new MemorySockets(link)
      const receivers = await Promise.all(
        ways.map(() => {
          const what = isFile ? {} : { expected: generated }
          const options = receiveOptions(4, { local: GROUP, holdBytes: sizeBytes, ...what })
          return udpMulticast.transfer.receive(sockets, options)
        }),
      )
      let reports: Promise<ReceiveReport[]> | undefined
      const sent = (counts: SentCounts) => {
        reports = Promise.all(receivers.map(each => each.settle(counts, 2, 10_000)))
      }
      const report = await udpMulticast.transfer.send(sockets, GROUP, payload, sendOptions({ sent }))
      const received = await (reports ?? assert.fail('nothing was sent'))
      await Promise.all(receivers.map(each => each[Symbol.asyncDispose]()))

      for (const [at, own] of received.entries()) {
        const arrived = networks[at]?.arrived ?? []
        const { delivered, reordered, duplicated, bytes } = truthOf(arrived, 0)
        const counts = own.datagrams ?? assert.fail('no counts')
        assert.deepEqual([counts.delivered, counts.reordered, counts.corrupt], [delivered, reordered, 0])
        // Duplicates behind the last one that was missing may not have been looked at.
        assert.ok(counts.duplicated <= duplicated)
        assert.equal(own.bytesDelivered, bytes - HEADER_BYTES * delivered)
        const ends = {
          sender: { type: 'send-report', trial: 1, report, cpuMs: 1 },
          receiver: {
            type: 'receive-report',
            trial: 1,
            report: { ...own, datagrams: { ...counts, late: 0 }, state: {}, info: {} },
            cpuMs: 1,
          },
          foreign: false,
          clockErrorMs: 0,
        } as const
        const outcome = outcomeOf(sizeBytes, udpMulticast.traits, ends)
        const row = measuresOf(chunkBytes, udpMulticast.traits, outcome, ends)
        assert.equal(row.datagrams_offered, Math.ceil(sizeBytes / chunkBytes))
        assert.equal(
          row.datagrams_accepted,
          (row.datagrams_delivered ?? 0) + (row.datagrams_lost ?? Number.NaN),
        )
        assert.equal(outcome.kind === 'completed', delivered === row.datagrams_offered)
        const indexes = [...new Set(arrived.map(each => each.index))].sort((a, b) => a - b)
        const whole = generated.whole()
        const parts = indexes.map(index => whole.subarray(index * chunkBytes, (index + 1) * chunkBytes))
        assert.deepEqual(heldBytes(own), Buffer.concat(parts))
        assert.deepEqual(own.held?.numbers ?? [], indexes)
      }
    }),
    { numRuns: 150 },
  )
})

test('an empty payload is settled when a marker has come, not before', async () => {
  const sockets = new MemorySockets()
  const options = receiveOptions(4, { local: GROUP, holdBytes: 0 })
  await using receiver = await udpMulticast.transfer.receive(sockets, options)
  const settled = receiver.settle({ datagramsAccepted: 0, bytesAccepted: 0 }, 10_000, 20_000)
  await udpMulticast.transfer.send(sockets, GROUP, new FilePayload(Buffer.alloc(0), 100), sendOptions())
  assert.equal((await settled).complete, true)
})

test('what it takes to know the place of each chunk counts as held: many small ones do not take more than they may', () => {
  const opening = { id: 1, sizeBytes: 50_000, chunkBytes: 1 }
  const open = new Transfer(undefined, new HeldMemory(0), false, new MemoryBudget(100_000))
  const assembly = new GroupAssembly(opening)
  const datagram = Buffer.alloc(HEADER_BYTES + 1)
  for (let index = 0; index < opening.sizeBytes; index++) {
    writeHeader(datagram, 0, 'chunk', opening, index)
    assembly.take(datagram, 0, datagram.length, open)
  }
  assert.equal(open.failure?.code, 'BUSY')
})

for (const { name, transfer } of [udpMulticast, udpArq])
  test(`${name}: what still comes of earlier transfers neither ends nor begins one`, async () => {
    let first: Buffer | undefined
    // The first chunk of all comes again right behind each datagram of the sender.
    const sockets = new MemorySockets((bytes, from) => {
      if (from.port === GROUP.port) return [{ bytes }]
      const again = first ? [{ bytes: Buffer.from(first) }] : []
      if (bytes.length > HEADER_BYTES) first ??= Buffer.from(bytes)
      return [{ bytes }, ...again]
    })
    const reports: ReceiveReport[] = []
    const ended = (report: ReceiveReport) => void reports.push(report)
    const options = receiveOptions(4, { local: GROUP, holdBytes: 0, quietMs: 10_000, ended })
    await using _receiver = await transfer.receive(sockets, options)
    await using line =
      (await transfer.open?.(sockets, GROUP, { signal: NEVER })) ?? assert.fail('it has no line')
    const payloads = [1, 2, 3, 4].map(seed => new GeneratedPayload(500, 100, seed).whole())
    for (const bytes of payloads) await line.send(new FilePayload(bytes, 100), sendOptions())
    assert.deepEqual(
      reports.map(each => [each.complete, heldBytes(each)]),
      payloads.map(bytes => [true, bytes]),
    )
  })
