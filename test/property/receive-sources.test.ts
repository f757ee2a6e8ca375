/** Several senders at one UDP port, interleaved at random over a network that loses, duplicates and reorders: what may be called whole. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { ReceiveReport } from '../../transports/contract/reports.ts'
import type { Carrier } from '../../transports/contract/transport.ts'
import { newTally } from '../../transports/engines/tally.ts'
import { MemoryBudget } from '../../transports/payload/held-memory.ts'
import { udpDatagram } from '../../transports/protocols/udp-datagram.ts'
import { encodeLength, udpHeader } from '../../transports/protocols/udp-header.ts'
import { udpMarker } from '../../transports/protocols/udp-marker.ts'
import { Collector } from '../support/collector.ts'
import { MemorySockets } from '../support/memory-sockets.ts'
import { type Fate, fates, INTACT, Network } from '../support/network.ts'
import { heldBytes, loopback, NEVER } from '../support/transfers.ts'

const BUDGET_BYTES = 64 << 20
const MOST_SOURCES = 4
const MOST_PICTURES = 4
const MOST_DATAGRAMS = 12
/** A chunk that the flush brings is longer than any other. */
const FLUSH_BYTES = 3328

/** Nothing happens to it; payload is lost; anything happens to anything. */
type Care = 'clean' | 'lossy' | 'wild'

interface Sender {
  readonly care: Care
  readonly pictures: readonly Buffer[]
  /** What arrives, in this order. */
  readonly arrivals: readonly Buffer[]
}

/** How a format puts a picture on the wire; `signal`: it is no payload. */
interface Format {
  readonly transport: Carrier
  readonly cut: (picture: Buffer, chunkBytes: number) => readonly { bytes: Buffer; signal?: true }[]
  readonly mostBytes: number
}

const FORMATS: readonly Format[] = [
  {
    transport: udpHeader,
    mostBytes: 10 * 1024,
    cut: (picture, chunkBytes) => [
      { bytes: encodeLength(picture.length), signal: true },
      ...chunks(picture, chunkBytes),
    ],
  },
  {
    transport: udpMarker,
    mostBytes: 10 * 1024,
    cut: (picture, chunkBytes) => [
      { bytes: Buffer.from('bin'), signal: true },
      ...chunks(picture, chunkBytes),
      { bytes: Buffer.from('end'), signal: true },
    ],
  },
  { transport: udpDatagram, mostBytes: 10 * 1024, cut: picture => [{ bytes: picture }] },
]

for (const format of FORMATS) {
  test(`${format.transport.name}: sources never mix, what is lost is never whole, and the memory comes back`, async () => {
    await fc.assert(
      fc.asyncProperty(crowds(format), async ({ senders, order }) => {
        const budget = new MemoryBudget(BUDGET_BYTES)
        const reports = await received(format, senders, order, budget)
        for (const [index, sender] of senders.entries())
          assertTruth(format, sender, index, reports[index] ?? [])
        assert.equal(budget.take(BUDGET_BYTES), true, 'memory is still held')
      }),
      { numRuns: 100 },
    )
  })
}

function assertTruth(format: Format, sender: Sender, index: number, reports: readonly ReceiveReport[]): void {
  const whole = reports.filter(each => each.complete && !each.failure).map(heldBytes)
  const flush = whole.filter(each => each.length === FLUSH_BYTES)
  const own = whole.filter(each => each.length !== FLUSH_BYTES)
  if (format.transport !== udpDatagram) assert.ok(flush.length >= 1, 'a transfer after it all is whole')
  let taken = 0
  for (const report of reports) {
    const bytes = heldBytes(report)
    assert.equal(bytes.length, report.bytesDelivered)
    for (const byte of bytes)
      assert.ok(byte < 0x80 || byte >> 4 === 8 + index, `a byte of another source: ${byte}`)
    if (report.announcedBytes !== undefined && report.complete && !report.failure)
      assert.equal(bytes.length, report.announcedBytes)
    const { delivered = 0, duplicated, reordered, corrupt, stray = 0 } = report.datagrams ?? {}
    assert.deepEqual([duplicated, reordered, corrupt], [0, 0, 0], 'without an index nobody can tell')
    taken += delivered + stray
  }
  assert.ok(taken <= sender.arrivals.length, `${taken} counted of ${sender.arrivals.length}`)
  if (sender.care === 'clean') assert.deepEqual(own, sender.pictures)
  // A marker tells no length: there only that it is of one picture.
  if (sender.care === 'lossy')
    for (const bytes of own)
      assert.ok(
        sender.pictures.some(each =>
          format.transport === udpMarker ? isPartOf(bytes, each) : bytes.equals(each),
        ),
        'damaged, and called whole',
      )
}

/** Each picture has bytes of its own: those of a part are of one picture, in its order. */
function isPartOf(bytes: Buffer, picture: Buffer): boolean {
  let at = 0
  for (const byte of bytes) {
    while (at < picture.length && picture[at] !== byte) at++
    if (at++ >= picture.length) return false
  }
  return true
}

async function received(
  { transport }: Format,
  senders: readonly Sender[],
  order: readonly number[],
  budget: MemoryBudget,
): Promise<readonly (readonly ReceiveReport[])[]> {
  const sockets = new MemorySockets()
  await using collector = await Collector.open(transport, { budget, quietMs: undefined }, sockets)
  const ends = await Promise.all(
    senders.map(() =>
      sockets.bindDatagram({ signal: NEVER, local: loopback(4), connect: collector.endpoint }),
    ),
  )
  const next = senders.map(() => 0)
  for (const index of order) {
    const bytes = senders[index]?.arrivals[next[index] ?? 0]
    next[index] = (next[index] ?? 0) + 1
    if (bytes) await ends[index]?.send(bytes, Math.max(1, bytes.length), 0, 1, newTally())
  }
  for (let turn = 0; turn < 5; turn++) await new Promise(resolve => setImmediate(resolve))
  return ends.map(({ local }) => collector.reports.filter(each => each.from?.port === local.port))
}

function crowds(format: Format) {
  return fc
    .integer({ min: 1, max: MOST_SOURCES })
    .chain(count => fc.tuple(...Array.from({ length: count }, (_, index) => senderOf(format, index))))
    .chain(senders => {
      const slots = senders.flatMap(({ arrivals }, index) => arrivals.map(() => index))
      return fc.record({
        senders: fc.constant(senders),
        order: fc.shuffledSubarray(slots, { minLength: slots.length, maxLength: slots.length }),
      })
    })
}

function senderOf(format: Format, index: number): fc.Arbitrary<Sender> {
  return fc
    .record({
      care: fc.constantFrom<Care>('clean', 'lossy', 'wild'),
      chunkBytes: fc.constantFrom(16, 100, 1024),
      sizes: fc.uniqueArray(fc.tuple(fc.nat({ max: 9 }), fc.constantFrom(0, 4, 5, 8, 12, 15)), {
        minLength: 1,
        maxLength: MOST_PICTURES,
      }),
      fates: fates(MOST_PICTURES * (MOST_DATAGRAMS + 2), 'none'),
      seed: fc.nat({ max: 1000 }),
    })
    .map(({ care, chunkBytes, sizes, fates, seed }) => {
      const pictures = sizes
        .map(([count, rest]) => sizeOf(count, rest, chunkBytes))
        .filter((size, at, all) => size > 0 && all.indexOf(size) === at)
        .map((size, at) => picture(size, index, seed + at))
      const sent = pictures.flatMap(each => format.cut(each, chunkBytes))
      return { care, pictures, arrivals: [...arrivalsOf(sent, care, fates), ...flushOf(format, index)] }
    })
}

/** So that no byte of its header is one of a picture. */
function sizeOf(count: number, rest: number, chunkBytes: number): number {
  const size = count * chunkBytes + rest
  return size & 0x80 ? size - 0x80 : size
}

function arrivalsOf(
  sent: readonly { bytes: Buffer; signal?: true }[],
  care: Care,
  fates: readonly Fate[],
): readonly Buffer[] {
  const network = new Network(
    sent.map(({ signal }, index) => {
      const fate = fates[index] ?? INTACT
      if (care === 'clean' || (care === 'lossy' && signal)) return INTACT
      return care === 'lossy' ? { copies: Math.min(1, fate.copies), delay: 0 } : fate
    }),
  )
  for (const [index, { bytes }] of sent.entries()) network.carry(index, bytes)
  network.flush()
  return network.arrived.map(each => each.bytes)
}

/** Ends whatever is still open, and is whole itself the second time at the latest. */
function flushOf({ cut, transport }: Format, index: number): readonly Buffer[] {
  if (transport === udpDatagram) return []
  const one = cut(picture(FLUSH_BYTES, index, 0), FLUSH_BYTES).map(each => each.bytes)
  return [...one, ...one]
}

/** Bytes of this source alone. */
function picture(bytes: number, source: number, seed: number): Buffer {
  return Buffer.from(
    Array.from({ length: bytes }, (_, at) => 0x80 | (source << 4) | ((at * 7 + seed * 3 + (at >> 4)) & 15)),
  )
}

function chunks(picture: Buffer, chunkBytes: number): { bytes: Buffer }[] {
  return Array.from({ length: Math.ceil(picture.length / chunkBytes) }, (_, at) => ({
    bytes: picture.subarray(at * chunkBytes, (at + 1) * chunkBytes),
  }))
}
