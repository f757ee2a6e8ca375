/** Both reliable protocols over a simulated network that loses, repeats, delays and overtakes, and over which strangers talk. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ArqAssembly, slotsFor } from '../../transports/arq/assembly.ts'
import { NewReno, ONE_AT_A_TIME } from '../../transports/arq/congestion.ts'
import { ARQ_FORMAT } from '../../transports/arq/receiving.ts'
import { SendWindow } from '../../transports/arq/send-window.ts'
import { readAnswer, selected, writeData, writeNumbers } from '../../transports/arq/wire.ts'
import { HEADER_BYTES, type Opening } from '../../transports/datagram/openings.ts'
import { HeldMemory } from '../../transports/payload/held-memory.ts'
import { datagramCount, Reception } from '../../transports/payload/reception.ts'

/** What the network does with one datagram: it arrives after each of these times, in ms; never if there are none. */
interface Fate {
  readonly afterMs: readonly number[]
  /** A truncated copy of it arrives first. */
  readonly cutTo?: number | undefined
}

interface World {
  readonly selective: boolean
  readonly sizeBytes: number
  readonly chunkBytes: number
  readonly slots: number
  readonly rcvbufBytes: number | undefined
  /** How many chunks from the next one on the receiver takes. */
  readonly ahead: number
  /** Of the datagrams of either direction, in order; then the network is perfect, so that everything ends. */
  readonly there: readonly Fate[]
  readonly back: readonly Fate[]
  /** Datagrams of strangers and leftovers, among those that arrive. */
  readonly strange: readonly Uint8Array[]
}

const PERFECT: Fate = { afterMs: [1] }
/** Time-outs double up to a minute; this is more than any sequence of losses below takes. */
const LONGEST_MS = 48 * 3600_000

const delay = fc.oneof(
  { weight: 5, arbitrary: fc.constant(1) },
  fc.double({ min: 0.1, max: 400, noNaN: true }),
)
const fate: fc.Arbitrary<Fate> = fc.record({
  afterMs: fc.oneof(
    { weight: 6, arbitrary: fc.tuple(delay) },
    { weight: 3, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(delay, { maxLength: 4 }) },
  ),
  cutTo: fc.option(fc.nat({ max: 60 }), { nil: undefined, freq: 12 }),
})
const fates = fc.array(fate, { maxLength: 300, size: 'max' })

const world: fc.Arbitrary<World> = fc.record({
  selective: fc.boolean(),
  sizeBytes: fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 4000 })),
  chunkBytes: fc.integer({ min: 1, max: 50 }),
  slots: fc.integer({ min: 1, max: 64 }),
  rcvbufBytes: fc.option(fc.nat({ max: 30_000 }), { nil: undefined }),
  ahead: fc.integer({ min: 16, max: 64 }),
  there: fates,
  back: fates,
  strange: fc.array(fc.uint8Array({ maxLength: 48 }), { maxLength: 10 }),
})

/** What became of a transfer, and what the network did. */
interface Outcome {
  readonly sent: SendWindow
  readonly received: Reception
  readonly complete: boolean
  readonly accepted: number
  /** Distinct transmissions of which a whole copy arrived, and copies of them beyond the first. */
  readonly arrived: number
  readonly repeated: number
  readonly endedAt: number
}

function run(given: World): Outcome {
  const { selective, sizeBytes, chunkBytes, rcvbufBytes } = given
  const opening: Opening = { id: 7, sizeBytes, chunkBytes }
  const payload = bytesOf(sizeBytes)
  const chunks = datagramCount(opening)
  const slots = selective ? Math.min(given.slots, chunks) : 1
  const control = selective ? new NewReno() : ONE_AT_A_TIME
  const sent = new SendWindow(chunks, slots, control, selective, 0)
  const reception = new Reception(undefined, new HeldMemory(0), false)
  const into = { reception, hold: () => true }
  const assembly = new ArqAssembly(opening, rcvbufBytes, given.ahead)
  const network = new Network()
  const [there, back] = [[...given.there], [...given.back]]
  const strange = [...given.strange]
  const seen = new Set<number>()
  let [accepted, repeated, mostUnderWay] = [0, 0, 0]

  const arrive = (memory: Buffer) => {
    const open = {
      announcedBytes: sizeBytes,
      id: 7,
      assembly,
      bytes: 0,
      longestBytes: 0,
      tail: undefined,
      isFresh: true,
    }
    if (ARQ_FORMAT.meaning(memory, 0, memory.length, open, undefined).kind !== 'payload') return
    const transmission = memory.readUInt32BE(12)
    if (seen.has(transmission)) repeated++
    seen.add(transmission)
    const before = memory.length
    assembly.take(memory, 0, memory.length, into)
    if (!assembly.unanswered) return
    const answer = assembly.answer()
    assert.ok(answer.length <= before, 'an answer is longer than what it answers')
    network.carry(answer, back.shift() ?? PERFECT, hear)
  }
  const hear = (memory: Buffer) => {
    const answer = readAnswer(memory, 0, memory.length)
    if (answer?.id === 7) sent.acknowledge(answer, selected(answer, memory, 0, memory.length), network.now)
  }
  const send = () => {
    for (let run = sent.take(64, network.now); run; run = sent.take(64, network.now)) {
      accepted += run.count
      for (let offset = 0; offset < run.count; offset++) {
        const memory = datagramOf(opening, payload, run.first + offset, run.transmission + offset)
        network.carry(memory, there.shift() ?? PERFECT, arrive)
      }
      mostUnderWay = Math.max(mostUnderWay, sent.unsent - sent.base)
    }
  }

  for (send(); !sent.over; send()) {
    assert.ok(network.now < LONGEST_MS, `not over after ${sent.transmissions} transmissions`)
    const noise = strange.shift()
    if (noise) {
      arrive(Buffer.from(noise))
      hear(Buffer.from(noise))
    }
    network.step(sent.deadline)
    sent.expire(network.now)
  }
  const endedAt = network.now
  // What is still under way arrives, as in the drain of a trial.
  network.finish()
  assert.ok(mostUnderWay <= slots, `${mostUnderWay} chunks under way in ${slots} slots`)
  const { complete } = assembly
  return {
    sent,
    received: reception,
    complete,
    accepted,
    arrived: seen.size,
    repeated,
    endedAt,
  }
}

test('whatever the network does, the bytes are right, and every datagram is accounted for', () => {
  fc.assert(
    fc.property(world, given => {
      const { sent, received, complete, accepted, arrived, repeated } = run(given)
      assert.ok(complete && sent.whole)
      assert.deepEqual(Buffer.concat(received.held?.parts ?? []), bytesOf(given.sizeBytes))
      assert.equal(received.bytes, given.sizeBytes)
      const { delivered, duplicated, corrupt } = received.counts
      // accepted = delivered + lost: exactly those transmissions of which nothing arrived.
      assert.deepEqual(
        { delivered, duplicated, corrupt },
        { delivered: arrived, duplicated: repeated, corrupt: 0 },
      )
      assert.ok(delivered <= accepted)
      assert.equal(accepted, datagramCount(given) + sent.resent)
    }),
    { numRuns: 1500 },
  )
})

test('on a perfect network nothing is sent twice', () => {
  fc.assert(
    fc.property(world, given => {
      const { sent, received } = run({ ...given, there: [], back: [], strange: [] })
      assert.equal(sent.resent, 0)
      assert.equal(received.counts.delivered, datagramCount(given))
      assert.equal(received.counts.reordered, 0)
    }),
    { numRuns: 300 },
  )
})

test('answers that make no sense change nothing, and no answer makes a sender skip or repeat a byte', () => {
  const claim = fc.record({
    next: fc.nat({ max: 300 }),
    highest: fc.nat({ max: 300 }),
    windowChunks: fc.oneof(fc.nat({ max: 100 }), fc.constant(2 ** 32 - 1)),
    bitmap: fc.uint8Array({ maxLength: 40 }),
  })
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 32 }),
      fc.array(claim),
      (chunks, slots, claims) => {
        const window = new SendWindow(chunks, slots, new NewReno(), true, 0)
        const acknowledged = new Set<number>()
        let now = 0
        for (const { bitmap, ...answer } of claims) {
          now += 7
          const run = window.take(64, now)
          if (run) assert.ok(run.first + run.count <= Math.min(chunks, window.base + slots))
          const { unsent, transmissions } = window
          const found = [
            ...selected(
              { id: 1, ...answer },
              Buffer.from([...Buffer.alloc(20), ...bitmap]),
              0,
              20 + bitmap.length,
            ),
          ]
          const taken = window.acknowledge({ id: 1, ...answer }, found, now)
          assert.equal(taken, answer.next <= unsent && answer.highest < transmissions)
          if (taken)
            for (const index of [...Array(answer.next).keys(), ...found])
              if (index < unsent) acknowledged.add(index)
          assert.ok(window.acknowledgedChunks <= acknowledged.size)
          assert.ok(window.base <= window.unsent && window.unsent <= chunks)
          window.expire(now)
        }
        assert.equal(window.whole, acknowledged.size === chunks)
      },
    ),
  )
})

test('a receiver takes hostile data for what it is, in bounded memory', () => {
  const opening: Opening = { id: 7, sizeBytes: 100_000, chunkBytes: 10 }
  const number = fc.oneof(fc.nat({ max: 9999 }), fc.nat({ max: 50 }), fc.nat({ max: 4 }))
  const transmission = fc.oneof(
    { weight: 300, arbitrary: fc.nat({ max: 900 }) },
    // After one of these, all those before are too old to be told apart.
    { weight: 1, arbitrary: fc.nat({ max: 2 ** 31 - 1 }) },
    { weight: 1, arbitrary: fc.constant(2 ** 32 - 1) },
  )
  const payload = bytesOf(opening.sizeBytes)
  fc.assert(
    fc.property(fc.array(fc.tuple(number, transmission), { size: 'max', maxLength: 400 }), datagrams => {
      const reception = new Reception(undefined, new HeldMemory(0), false)
      const assembly = new ArqAssembly(opening, 100_000, 16)
      for (const [index, transmission] of datagrams) {
        const memory = datagramOf(opening, payload, index, transmission)
        assembly.take(memory, 0, memory.length, { reception, hold: () => true })
        if (assembly.unanswered) assert.ok(assembly.answer().length <= memory.length)
      }
      const held = Buffer.concat(reception.held?.parts ?? [])
      assert.deepEqual(held, payload.subarray(0, held.length))
      const { delivered, duplicated } = reception.counts
      assert.ok(delivered + duplicated <= datagrams.length)
      assert.ok(delivered <= new Set(datagrams.map(([, each]) => each)).size)
    }),
  )
  assert.ok(slotsFor(1, 1) <= 8192)
})

/** Datagrams on their way; time passes from one arrival to the next. */
class Network {
  now = 0
  #underWay: { readonly at: number; readonly arrive: () => void }[] = []

  carry(memory: Buffer, { afterMs, cutTo }: Fate, arrive: (memory: Buffer) => void): void {
    if (cutTo !== undefined && cutTo < memory.length)
      this.#underWay.push({ at: this.now, arrive: () => arrive(Buffer.from(memory.subarray(0, cutTo))) })
    for (const ms of afterMs)
      this.#underWay.push({ at: this.now + ms, arrive: () => arrive(Buffer.from(memory)) })
  }

  /** Goes on to what happens first: an arrival, or this time. */
  step(until: number): void {
    const at = Math.min(until, ...this.#underWay.map(each => each.at))
    this.now = Math.max(this.now, at)
    const due = this.#underWay.filter(each => each.at <= this.now)
    this.#underWay = this.#underWay.filter(each => each.at > this.now)
    for (const each of due.toSorted((a, b) => a.at - b.at)) each.arrive()
  }

  finish(): void {
    while (this.#underWay.length > 0) this.step(Number.POSITIVE_INFINITY)
  }
}

function datagramOf(opening: Opening, payload: Buffer, index: number, transmission: number): Buffer {
  const from = index * opening.chunkBytes
  const chunk = payload.subarray(from, from + opening.chunkBytes)
  const memory = Buffer.alloc(HEADER_BYTES + chunk.length)
  writeData(memory, 0, opening)
  writeNumbers(memory, 0, index, transmission)
  chunk.copy(memory, HEADER_BYTES)
  return memory
}

/** Each place has a byte of its own as far as possible, so none is taken for another. */
const bytesOf = (sizeBytes: number) =>
  Buffer.from(Array.from({ length: sizeBytes }, (_, at) => (at * 31 + (at >> 8)) & 0xff))
