/** Datagrams that an engine hands over in one piece count exactly as they do one by one, whatever the network did to them. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { ReceiveReport } from '../../transports/contract/reports.ts'
import { GeneratedPayload } from '../../transports/payload/generated.ts'
import { HeldMemory } from '../../transports/payload/held-memory.ts'
import { Reception } from '../../transports/payload/reception.ts'
import { CARRIERS } from '../support/carriers.ts'
import {
  arrivals,
  cutInto,
  glue,
  lent,
  type Read,
  SENDER,
  scripted,
  signalsOf,
} from '../support/glued-datagrams.ts'
import { fates } from '../support/network.ts'
import { receiveOptions } from '../support/transfers.ts'

/** The most that the kernel glues. */
const MOST_GLUED = 64

/** A payload of some chunks, what the network does to each, and where reads end that could have gone on. */
function trials(chunks: readonly number[], most = 150) {
  return fc
    .tuple(fc.constantFrom(...chunks), fc.integer({ min: 1, max: most }), fc.nat({ max: 1e6 }), fc.nat())
    .chain(([chunkBytes, count, seed, short]) =>
      fc.record({
        payload: fc.constant(
          new GeneratedPayload(count * chunkBytes - (short % chunkBytes), chunkBytes, seed),
        ),
        fates: fates(count),
        cuts: fc.infiniteStream(fc.integer({ min: 1, max: MOST_GLUED })),
      }),
    )
}

test('a reception: counts, bytes and what is held are the same', () => {
  fc.assert(
    fc.property(trials([1, 2, 3, 4, 7, 8, 9, 13, 100]), ({ payload, fates, cuts }) => {
      const reads = glue(arrivals(payload, fates), cuts)
      assert.deepEqual(receive(payload, reads, true).told, receive(payload, reads, false).told)
    }),
    { numRuns: 1000 },
  )
})

test('a reception over the border of a page, at which bytes begin again', () => {
  const chunkBytes = 1024
  const payload = new GeneratedPayload(2 * (1 << 20) + 5 * chunkBytes + 3, chunkBytes, 3)
  const whole = payload.whole()
  const reads: Read[] = []
  for (let at = 0; at < whole.length; at += 7 * chunkBytes) {
    const bytes = whole.subarray(at, at + 7 * chunkBytes)
    reads.push(cutInto(bytes, chunkBytes).map(each => ({ bytes: each, from: SENDER })))
  }
  const { told, runs } = receive(payload, reads, true)
  assert.deepEqual(told, receive(payload, reads, false).told)
  assert.equal(told.intact, true)
  assert.equal(runs, reads.length)
})

test('a run is only taken at once when it is one: the chunks after those that came, whole and undamaged', () => {
  const payload = new GeneratedPayload(1000, 100, 1)
  const bytes = payload.whole()
  const fresh = () => new Reception(payload, undefined, false)
  assert.equal(fresh().takeRun(bytes, 0, 1000, 100), 1000)
  // Longer than the payload, of another length, twice, too late, not in a row: one by one.
  assert.equal(fresh().takeRun(Buffer.concat([bytes, bytes]), 0, 2000, 100), 0)
  assert.equal(fresh().takeRun(bytes, 0, 1000, 200), 0)
  assert.equal(fresh().takeRun(bytes, 0, 99, 100), 0)
  const second = fresh()
  assert.equal(second.takeRun(bytes, 300, 650, 100), 600)
  assert.equal(second.takeRun(bytes, 300, 600, 100), 300)
  assert.equal(second.takeRun(bytes, 500, 700, 100), 500)
  assert.equal(second.takeRun(bytes, 0, 300, 100), 0)
  assert.equal(second.takeRun(bytes, 600, 1000, 100), 1000)
  assert.deepEqual(second.counts, { delivered: 7, duplicated: 0, reordered: 0, corrupt: 0 })
  const swapped = Buffer.concat([bytes.subarray(0, 100), bytes.subarray(200, 300), bytes.subarray(100, 200)])
  assert.equal(fresh().takeRun(swapped, 0, 300, 100), 0)
  for (const at of [0, 3, 100, 199, 250, 299]) {
    const damaged = Buffer.from(bytes.subarray(0, 300))
    damaged[at] = (damaged[at] ?? 0) ^ 1
    assert.equal(fresh().takeRun(damaged, 0, 300, 100), 0)
  }
  assert.equal(new Reception(undefined, undefined, false).takeRun(bytes, 0, 1000, 100), 0)
})

for (const transport of CARRIERS) {
  if (transport.traits.socket !== 'datagram' || transport.traits.limit) continue
  const setting = fc.record({
    trial: trials([1, 2, 3, 4, 8, 9, 13, 100], 80),
    /** Where others and signals come in between, and what. */
    between: fc.array(
      fc.tuple(fc.nat(), fc.constantFrom('begin', 'end', 'empty', 'stranger', 'copies', 'junk')),
      {
        maxLength: 4,
      },
    ),
    begun: fc.boolean(),
    late: fc.nat({ max: 3 }),
  })

  test(`${transport.name}: a trial's report is the same`, async () => {
    await fc.assert(
      fc.asyncProperty(setting, async ({ trial, between, begun, late }) => {
        const { payload, fates, cuts } = trial
        const all = arrivals(payload, fates)
        const signals = signalsOf(transport, payload)
        const datagrams = begun ? [signals.begin, ...all, signals.end] : [...all, signals.end]
        for (const [at, what] of between)
          datagrams.splice(at % (datagrams.length + 1), 0, ...[signals[what]].flat())
        const reads = glue(datagrams, cuts)
        const afterwards = glue([...all.slice(0, late), signals.stranger], cuts)
        const report = async (glued: boolean) => {
          const { sockets, hand, answers } = scripted(glued)
          const options = { expected: payload, holdBytes: payload.sizeBytes }
          await using receiver = await transport.transfer.receive(sockets, receiveOptions(4, options))
          hand(reads)
          const counts = {
            datagramsOffered: fates.length,
            datagramsAccepted: fates.length,
            datagramsRefused: 0,
            bytesAccepted: payload.sizeBytes,
          }
          const settled = await receiver.settle(counts, 0, 1000)
          hand(afterwards)
          return { ...told(settled), late: receiver.late, answers: answers.length }
        }
        assert.deepEqual(await report(true), await report(false))
      }),
      { numRuns: 300 },
    )
  })

  test(`${transport.name}: of transfers of peers that are not ours, each report is the same`, async () => {
    const trial = trials([1, 3, 4, 8, 9, 100], 80)
    await fc.assert(
      fc.asyncProperty(fc.array(trial, { minLength: 1, maxLength: 3 }), async trials => {
        const datagrams = trials.flatMap(({ payload, fates }) => {
          const { begin, end } = signalsOf(transport, payload)
          return [begin, ...arrivals(payload, fates), end]
        })
        const reads = glue(datagrams, trials[0]?.cuts ?? assert.fail())
        const reports = async (glued: boolean) => {
          const { sockets, hand, answers } = scripted(glued)
          const all: ReturnType<typeof told>[] = []
          const ended = (report: ReceiveReport) => all.push(told(report))
          const options = { holdBytes: 0, quietMs: 60_000, maxSizeBytes: 5000, ended }
          await using _receiver = await transport.transfer.receive(sockets, receiveOptions(4, options))
          hand(reads)
          return { all, answers: answers.length }
        }
        assert.deepEqual(await reports(true), await reports(false))
      }),
      { numRuns: 150 },
    )
  })
}

function receive(payload: GeneratedPayload, reads: readonly Read[], glued: boolean) {
  const memory = new HeldMemory(10)
  const reception = new Reception(payload, memory, true)
  let runs = 0
  for (const read of reads) {
    const { bytes, start, end, each } = lent(read)
    let at = start
    if (glued && read.length > 1) {
      at = reception.takeRun(bytes, start, end, each)
      if (at > start) runs++
    }
    for (; at < end; at += each) reception.take(bytes, at, Math.min(at + each, end))
  }
  const { counts, bytes, intact, held } = reception
  const told = {
    counts,
    bytes,
    intact,
    held: Buffer.concat([...(held?.parts ?? [])]),
    lengths: held?.lengths,
  }
  return { told, runs }
}

/** A report without its moments; what was held in one piece. */
function told({ begunAt: _begun, firstAt: _first, lastAt: _last, held, ...rest }: ReceiveReport) {
  return { ...rest, held: Buffer.concat([...(held?.parts ?? [])]), lengths: held?.lengths }
}
