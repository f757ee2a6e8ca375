/** The law of counts on a simulated network that drops, duplicates, reorders, damages and delays into a later trial. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { measuresOf, outcomeOf } from '../../bench/workloads/transfer/accounting.ts'
import type { Payload, Transport } from '../../transports/contract/transport.ts'
import { limited } from '../../transports/engines/limited.ts'
import { FilePayload, GeneratedPayload } from '../../transports/payload/generated.ts'
import { HeldMemory } from '../../transports/payload/held-memory.ts'
import { datagramDigests, identify, Reception } from '../../transports/payload/reception.ts'
import { CARRIERS } from '../support/carriers.ts'
import { type Arrival, MemorySockets } from '../support/memory-sockets.ts'
import { type Arrived, type Fate, fates, Network, type Truth, truthOf } from '../support/network.ts'
import { loopback, transfer } from '../support/transfers.ts'

const CHUNKS = [1, 2, 3, 4, 5, 7, 8, 9, 13, 100]
const COUNT_MAX = 60

/** A payload of up to 60 chunks, and what the network does to each. */
function trials(chunks: readonly number[], damage: 'any bit' | 'none') {
  return fc
    .tuple(fc.constantFrom(...chunks), fc.integer({ min: 1, max: COUNT_MAX }), fc.nat({ max: 1e6 }), fc.nat())
    .chain(([chunkBytes, count, seed, short]) =>
      fc.record({
        sizeBytes: fc.constant(count * chunkBytes - (short % chunkBytes)),
        chunkBytes: fc.constant(chunkBytes),
        seed: fc.constant(seed),
        fates: fates(count, damage),
      }),
    )
}

/** All that arrives of a payload, in the order of arrival. */
function crossed(payload: Payload, fates: readonly Fate[]): readonly Arrived[] {
  const network = new Network(fates)
  for (const [index, bytes] of datagramsOf(payload).entries()) network.carry(index, bytes)
  network.flush()
  return network.arrived
}

function received(payload: GeneratedPayload, arrived: readonly Arrived[]): Truth {
  const reception = new Reception(payload, undefined, false)
  for (const { bytes } of arrived) {
    // Anywhere in a larger memory, as an engine lends it.
    const memory = Buffer.concat([Buffer.alloc(3), bytes, Buffer.alloc(2)])
    reception.take(memory, 3, 3 + bytes.length)
  }
  return { ...reception.counts, bytes: reception.bytes, intact: reception.intact ?? false }
}

// From 8 bytes on a chunk has a 32-bit index and its hash. From 4 to 7 there is no hash: damage has to spare the index. Below 4
// bytes there is less than the index, which is unambiguous up to 256 chunks (1 byte) and 65,536 chunks (2 and 3 bytes), and
// damage cannot be told from another chunk.
for (const [chunks, damage] of [
  [CHUNKS.filter(chunk => chunk >= 8), 'any bit'],
  [CHUNKS, 'none'],
] as const) {
  test(`generated chunks of ${chunks.join(', ')} bytes, damage: ${damage}: every count is the truth`, () => {
    fc.assert(
      fc.property(trials(chunks, damage), ({ sizeBytes, chunkBytes, seed, fates }) => {
        const payload = new GeneratedPayload(sizeBytes, chunkBytes, seed)
        const arrived = crossed(payload, fates)
        assert.deepEqual(received(payload, arrived), truthOf(arrived, sizeBytes))
      }),
      { numRuns: 200 },
    )
  })
}

test('generated chunks of 5 to 7 bytes: damage that spares the index is told', () => {
  fc.assert(
    fc.property(trials([5, 6, 7], 'any bit'), ({ sizeBytes, chunkBytes, seed, fates }) => {
      const payload = new GeneratedPayload(sizeBytes, chunkBytes, seed)
      const spared = fates.map(fate => {
        if (fate.damagedBit === undefined) return fate
        return { ...fate, damagedBit: 8 * 4 + (fate.damagedBit % (8 * (chunkBytes - 4))) }
      })
      const arrived = crossed(payload, spared)
      assert.deepEqual(received(payload, arrived), truthOf(arrived, sizeBytes))
    }),
    { numRuns: 100 },
  )
})

for (const [chunkBytes, sizeBytes, numRuns] of [
  [1, 20_000, 4],
  [2, 300_000, 1],
  [3, 300_000, 1],
] as const)
  test(`chunks of ${chunkBytes} B, far more of them than their bytes can count: exact while no burst is too long`, () => {
    fc.assert(
      fc.property(fc.nat(), fc.gen(), (seed, gen) => {
        const payload = new GeneratedPayload(sizeBytes, chunkBytes, seed)
        const datagrams = datagramsOf(payload)
        const longest = chunkBytes === 1 ? 190 : 49_000
        const from = gen(() => fc.nat({ max: datagrams.length - 1 }))
        const burst = gen(() => fc.nat({ max: longest }))
        const late = chunkBytes === 1 ? 60 : 16_000
        const arrived: Arrived[] = []
        for (const [index, bytes] of datagrams.entries()) {
          if (index >= from && index < from + burst) continue
          arrived.push({ index, bytes, damaged: false })
          // One in a thousand comes again, as late as can be told.
          if (index % 1000 === late)
            arrived.push({ index: index - late, bytes: datagrams[index - late] ?? bytes, damaged: false })
        }
        const some = arrived.filter(each => each.index < from || each.index >= from + burst)
        assert.deepEqual(received(payload, some), truthOf(some, sizeBytes))
      }),
      { numRuns },
    )
  })

test('whatever is damaged, in chunks of any size: nothing is counted twice and nothing beyond the payload', () => {
  fc.assert(
    fc.property(trials(CHUNKS, 'any bit'), ({ sizeBytes, chunkBytes, seed, fates }) => {
      const payload = new GeneratedPayload(sizeBytes, chunkBytes, seed)
      const arrived = crossed(payload, fates)
      const { delivered, duplicated, corrupt, reordered, bytes } = received(payload, arrived)
      assert.equal(delivered + duplicated + corrupt, arrived.length)
      assert.ok(delivered <= fates.length && reordered <= delivered && bytes <= sizeBytes)
    }),
    { numRuns: 200 },
  )
})

test('chunks of a file, all different, are known again by digest: every count is the truth', () => {
  fc.assert(
    fc.property(trials([4, 5, 8, 100], 'any bit'), ({ sizeBytes, chunkBytes, seed, fates }) => {
      const bytes = new GeneratedPayload(sizeBytes, chunkBytes, seed).whole()
      const file = new FilePayload(bytes, chunkBytes)
      const distinct = new Set(datagramsOf(file).map(each => each.toString('hex')))
      const arrived = crossed(file, fates).filter(
        // Damage that makes another chunk is that chunk.
        each => !each.damaged || !distinct.has(each.bytes.toString('hex')),
      )
      fc.pre(distinct.size === fates.length)
      const { intact: _, ...truth } = truthOf(arrived, sizeBytes)
      const {
        arrived: indices,
        alike,
        ...counts
      } = identify(held(arrived), datagramDigests(file.windows()), fates.length)
      assert.deepEqual(counts, truth)
      assert.deepEqual([indices.size, alike], [truth.delivered, false])
    }),
    { numRuns: 150 },
  )
})

test('equal chunks of a file: as many are delivered as came, never more than there are or were accepted', () => {
  const cases = fc
    .array(fc.constantFrom('aaaa', 'bbbb', 'cccc'), { minLength: 1, maxLength: 30 })
    .chain(chunks => fc.record({ chunks: fc.constant(chunks), fates: fates(chunks.length, 'any bit') }))
  fc.assert(
    fc.property(cases, fc.nat({ max: 40 }), ({ chunks, fates }, accepted) => {
      const file = new FilePayload(Buffer.from(chunks.join('')), 4)
      const arrived = crossed(file, fates)
      const counts = identify(held(arrived), datagramDigests(file.windows()), accepted)
      const count = (all: readonly string[], chunk: string) => all.filter(each => each === chunk).length
      const came = arrived.map(each => each.bytes.toString('latin1'))
      const most = ['aaaa', 'bbbb', 'cccc'].map(each => Math.min(count(chunks, each), count(came, each)))
      assert.equal(
        counts.delivered,
        Math.min(
          accepted,
          most.reduce((sum, each) => sum + each, 0),
        ),
      )
      assert.equal(counts.corrupt, came.filter(each => !chunks.some(chunk => chunk === each)).length)
      assert.equal(counts.delivered + counts.duplicated + counts.corrupt, arrived.length)
      assert.equal(counts.bytes, 4 * counts.delivered)
    }),
    { numRuns: 200 },
  )
})

// What is reliable hides what the network does to it: arq.test.ts. What goes to a group does so to several: multicast.test.ts.
const datagramTransports = CARRIERS.filter(
  ({ traits }) => traits.socket === 'datagram' && !traits.reliable && !traits.fansOut,
)

for (const transport of datagramTransports) {
  test(`${transport.name}: a whole trial over the simulated network keeps the law, and its record is the truth`, async () => {
    const oneDatagram = transport.traits.limit === 'one-datagram'
    const setting = fc.record({
      trial: trials(oneDatagram ? [1000] : [8, 9, 13, 100], 'any bit'),
      earlier: fc.nat({ max: 5 }),
      refuseLonger: fc.boolean(),
    })
    const property = fc.asyncProperty(setting, async ({ trial, earlier, refuseLonger }) => {
      const { sizeBytes, chunkBytes, seed, fates } = trial
      const payload = new GeneratedPayload(oneDatagram ? chunkBytes : sizeBytes, chunkBytes, seed)
      const { link, network } = scriptedLink(transport, payload, fates, earlier)
      const sockets = new MemorySockets(link)
      // Refuses every chunk but a short last one.
      const sendSockets =
        refuseLonger && !oneDatagram && chunkBytes > 8 ? limited(sockets, chunkBytes - 1) : sockets
      const { sent, received: report } = await transfer(transport, sockets, payload, {
        family: 4,
        receive: { expected: payload },
        sendSockets,
        quietMs: 2,
      })
      const truth = truthOf(network.arrived, payload.sizeBytes)
      const { stray, ...counts } = report.datagrams ?? assert.fail('no counts')
      const { bytes, intact, ...expected } = truth
      // The drain ends with the last datagram that was missing: duplicates behind it may not have been looked at.
      assert.ok(counts.duplicated <= expected.duplicated && counts.corrupt <= expected.corrupt)
      assert.equal(counts.delivered, expected.delivered)
      assert.equal(counts.reordered, expected.reordered)
      assert.equal(report.bytesDelivered, bytes)
      if (intact) assert.equal(report.intact, true)
      assert.equal(stray <= earlier, true)
      if (report.complete && transport.traits.acknowledged) assert.equal(sent.acknowledged, true)

      const ends = {
        sender: { type: 'send-report', trial: 1, report: sent, cpuMs: 1 },
        receiver: {
          type: 'receive-report',
          trial: 1,
          report: { ...report, datagrams: { ...counts, stray, late: 0 }, state: {}, info: {} },
          cpuMs: 1,
        },
        foreign: false,
        clockErrorMs: 0,
      } as const
      const outcome = outcomeOf(payload.sizeBytes, transport.traits, ends)
      const record = measuresOf(chunkBytes, transport.traits, outcome, ends)
      assert.equal(
        record.datagrams_offered,
        (record.datagrams_accepted ?? 0) + (record.datagrams_refused ?? 0),
      )
      assert.equal(
        record.datagrams_accepted,
        (record.datagrams_delivered ?? 0) + (record.datagrams_lost ?? 0),
      )
      assert.ok((record.datagrams_lost ?? -1) >= 0)
      const whole = truth.delivered === fates.length || (oneDatagram && truth.delivered === 1)
      assert.equal(outcome.kind === 'completed', whole)
    })
    await fc.assert(property, { numRuns: 60 })
  })
}

/**
 * A link where markers, headers and answers always arrive, and payload datagrams as fate has it. Datagrams of an earlier trial
 * come in between, with bytes of this payload but from another port.
 */
function scriptedLink(
  transport: Transport,
  payload: GeneratedPayload,
  fates: readonly Fate[],
  earlier: number,
) {
  const network = new Network(fates)
  const chunks = transport.traits.limit === 'one-datagram' ? [payload.whole()] : datagramsOf(payload)
  const indexOf = new Map(chunks.map((bytes, index) => [bytes.toString('latin1'), index]))
  const another = { ...loopback(4), port: 9 }
  let strays = 0
  const link = (bytes: Buffer): readonly Arrival[] => {
    const index = indexOf.get(bytes.toString('latin1'))
    if (index === undefined) return [...network.flush(), { bytes }]
    const arrived = [...network.carry(index, bytes)]
    if (index === chunks.length - 1) arrived.push(...network.flush())
    // A single datagram is its own beginning: only a fresh port keeps another sender's from being taken for it.
    const begun = transport.traits.limit !== 'one-datagram' || arrived.length > 0
    const stray = begun && strays++ < earlier ? [{ bytes, from: another }] : []
    return [...arrived.map(each => ({ bytes: each.bytes })), ...stray]
  }
  return { link, network }
}

function held(arrived: readonly Arrived[]) {
  const memory = new HeldMemory(10)
  for (const { bytes } of arrived) memory.append(bytes, 0, bytes.length)
  return { parts: memory.parts(), lengths: arrived.map(each => each.bytes.length) }
}

function datagramsOf(payload: Payload): Buffer[] {
  const datagrams: Buffer[] = []
  for (const { bytes, chunkBytes } of payload.windows())
    for (let at = 0; at < bytes.length; at += chunkBytes)
      datagrams.push(Buffer.from(bytes.subarray(at, at + chunkBytes)))
  return datagrams
}
