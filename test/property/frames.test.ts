/** Pictures in a row over a network that loses, doubles, reorders and damages datagrams: what is counted of them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { decodePicture } from '../../base/pictures/pictures.ts'
import { seededRandom } from '../../base/random.ts'
import type { FromAgent, Prepare } from '../../bench/fleet/calls/agent-calls.ts'
import { framesColumns, framesOutcome } from '../../bench/workloads/frames/accounting.ts'
import { type Fate, matchFrames } from '../../bench/workloads/frames/matching.ts'
import { digestOf, picturesOf } from '../../bench/workloads/frames/pictures.ts'
import { screenEnd } from '../../bench/workloads/frames/receiving-end.ts'
import { cameraEnd } from '../../bench/workloads/frames/sending-end.ts'
import type { AlignedReports } from '../../bench/workloads/workload.ts'
import type { Case } from '../../scenarios/plan.ts'
import { decodeTimes } from '../../transports/contract/times.ts'
import type { Carrier } from '../../transports/contract/transport.ts'
import { boundsOf, isPicture, MADE_KINDS } from '../../transports/payload/made.ts'
import { tcp } from '../../transports/protocols/tcp.ts'
import { udpArq } from '../../transports/protocols/udp-arq.ts'
import { udpDatagram } from '../../transports/protocols/udp-datagram.ts'
import { udpHeader } from '../../transports/protocols/udp-header.ts'
import { udpMarker } from '../../transports/protocols/udp-marker.ts'
import { type Arrival, type Link, MemorySockets } from '../support/memory-sockets.ts'
import { onceInThree } from '../support/once-in-three.ts'
import { loopback, NEVER } from '../support/transfers.ts'

const CHUNK = 100
const SIZE = 450
const ANSWER_MS = 20

interface Weather {
  readonly seed: number
  readonly lost: number
  readonly doubled: number
  readonly kept: number
  readonly damaged: number
}

const share = () => fc.constantFrom(0, 0.05, 0.3)
const weather = fc.record({
  seed: fc.integer({ min: 1, max: 2 ** 30 }),
  ...{ lost: share(), doubled: share(), kept: share(), damaged: share() },
})
const CALM: Weather = { seed: 1, lost: 0, doubled: 0, kept: 0, damaged: 0 }

/** @param delivered called with each datagram of the camera that arrives as it was sent */
type Path = (delivered: (bytes: Buffer) => void) => Link

function hostile({ seed, lost, doubled, kept, damaged }: Weather, delivered: (bytes: Buffer) => void): Link {
  const random = seededRandom(seed)
  const back: Arrival[] = []
  return (bytes, from, to) => {
    const isThere = from.port !== SCREEN_PORT
    const arrivals: Arrival[] = []
    if (random() >= lost) arrivals.push({ bytes })
    if (arrivals.length > 0 && random() < doubled) arrivals.push({ bytes: Buffer.from(bytes) })
    const late = back.splice(0)
    const last = arrivals.at(-1)
    if (last && random() < kept && to.port === SCREEN_PORT) back.push({ ...(arrivals.pop() ?? last), from })
    const [first] = arrivals
    if (first && bytes.length > 8 && random() < damaged && isThere)
      arrivals[0] = { bytes: Buffer.from(bytes).fill(bytes.readUInt8(9) ^ 0xff, 9, 10) }
    arrivals.push(...late)
    if (isThere) for (const each of arrivals) delivered(each.bytes)
    return arrivals
  }
}

const SCREEN_PORT = 7

for (const transport of [udpHeader, udpMarker, udpDatagram, udpArq, tcp])
  test(`${transport.name}: every picture has one fate, and none is whole whose bytes did not all arrive`, async () => {
    await fc.assert(
      fc.asyncProperty(
        weather,
        fc.integer({ min: 1, max: 10 }),
        fc.constantFrom(undefined, 3, 8),
        async (sky, frames, everyMs) => {
          // Without an answer only a rate paces pictures.
          const every = transport.traits.acknowledged ? everyMs : (everyMs ?? 3)
          const { reports, fates, whole, row } = await filmed(
            transport,
            path => hostile(sky, path),
            frames,
            every,
          )
          const what = JSON.stringify({ sky, every, fates, row, sender: reports.sender?.report })
          const { frames_due: due, frames_on_time: onTime, frames_late: late } = row
          const { frames_damaged: damaged, frames_dropped: dropped, frames_unsent: unsent } = row
          assert.equal(due, (onTime ?? -1) + (late ?? 0) + (damaged ?? 0) + (dropped ?? 0), what)
          if (reports.sender?.report.failure === undefined) assert.equal(due, frames, what)
          assert.ok((unsent ?? 0) <= (dropped ?? 0), what)
          const came = fates.flatMap((fate, frame) => (typeof fate === 'number' ? [frame] : []))
          assert.equal(came.length, (onTime ?? 0) + (late ?? 0), what)
          if (transport.traits.socket === 'datagram') for (const frame of came) assert.ok(whole(frame), what)
          // What is missing of one picture may be made up by the next, whose header was lost.
          if (transport.traits.reliable || sky.lost + sky.damaged + sky.doubled + sky.kept === 0)
            assert.equal(damaged, 0, what)
          const outcome = framesOutcome(transport.traits, reports, row).kind
          assert.equal(outcome, came.length === due ? 'completed' : 'incomplete', what)
        },
      ),
      { numRuns: 25, examples: [[CALM, 10, undefined]] },
    )
  })

test('nothing is lost, damaged or dropped on a calm day but what was never sent', async () => {
  for (const transport of [udpHeader, udpMarker, udpDatagram, udpArq, tcp])
    for (const everyMs of [undefined, 5]) {
      if (!transport.traits.acknowledged && everyMs === undefined) continue
      await onceInThree(async () => {
        // However long this machine stands still.
        const { row } = await filmed(transport, path => hostile(CALM, path), 8, everyMs, 2000)
        const {
          frames_damaged: damaged,
          frames_dropped: dropped,
          frames_unsent: unsent,
          frames_answered,
        } = row
        assert.deepEqual({ damaged, dropped }, { damaged: 0, dropped: unsent }, transport.name)
        if (everyMs === undefined) assert.deepEqual([unsent, frames_answered], [0, 8], transport.name)
      })
    }
})

test('a transfer is the latest picture of its content that had left, before that of the next transfer', () => {
  const left = Float64Array.of(0, 40, Number.NaN, 120, 160)
  const digests = ['1-a', '1-b']
  const fate = (whole: readonly number[], contents: readonly string[]): readonly Fate[] =>
    matchFrames(
      { left, digests },
      { whole: Float64Array.from(whole), digests: contents.map(each => `1-${each}`) },
      0,
    )
  assert.deepEqual(fate([5, 45, 125, 165], ['a', 'b', 'b', 'a']), [5, 45, 'dropped', 125, 165])
  // The second one was lost: the third transfer is not taken for it.
  assert.deepEqual(fate([5, 125, 165], ['a', 'b', 'a']), [5, 'dropped', 'dropped', 125, 165])
  // All come 100 ms late, the first not at all.
  assert.deepEqual(fate([140, 220, 260], ['b', 'b', 'a']), ['dropped', 140, 'dropped', 220, 260])
  assert.deepEqual(fate([5, 46, Number.NaN, 165], ['a', 'x', '', 'a']), [
    5,
    'damaged',
    'dropped',
    'dropped',
    165,
  ])
  // Nothing left before it.
  assert.deepEqual(fate([-1], ['a']), Array(5).fill('dropped'))
})

/** Each picture is a datagram that comes `behind` others later, if it does not vanish; answers come at once. */
function longPath(behind: number, vanishes: (frame: number) => boolean): Path {
  return () => {
    const way: (readonly Arrival[])[] = []
    let frame = 0
    return (bytes, from) => {
      if (from.port === SCREEN_PORT) return [{ bytes }]
      way.push(vanishes(frame++) ? [] : [{ bytes, from }])
      return way.length > behind ? (way.shift() ?? []) : []
    }
  }
}

test('pictures that come late, after others that vanished, are not taken for those', async () => {
  // Several in a row vanish, and the last five are still on their way.
  const { fates, row } = await filmed(
    udpDatagram,
    longPath(5, frame => frame >= 8 && frame < 12),
    20,
    undefined,
  )
  const came = fates.flatMap((fate, frame) => (typeof fate === 'number' ? [frame] : []))
  assert.deepEqual(came, [0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 14])
  assert.deepEqual([row.frames_on_time, row.frames_late, row.frames_dropped], [0, 11, 9])
})

test('a datagram of a picture that was given up, which comes late, costs the next one and no more', async () => {
  // Of the first picture the last datagram alone arrives, behind the first one of the second.
  const overtaken: Path = () => {
    let sent = 0
    let kept: Arrival[] = []
    return (bytes, from) => {
      if (from.port === SCREEN_PORT || ++sent > 6) return [{ bytes }]
      if (sent === 5) kept = [{ bytes, from }]
      return sent === 6 ? [{ bytes }, ...kept] : []
    }
  }
  await onceInThree(async () => {
    const { fates, reports, row } = await filmed(udpArq, overtaken, 3, undefined)
    assert.deepEqual([fates.slice(0, 2), typeof fates[2]], [['dropped', 'dropped'], 'number'])
    assert.equal(framesOutcome(udpArq.traits, reports, row).kind, 'incomplete')
  })
})

test('a picture that comes twice counts once, and moves no other', async () => {
  const doubled: Path = () => bytes => [{ bytes }, { bytes: Buffer.from(bytes) }]
  const { fates, reports } = await filmed(udpDatagram, doubled, 10, undefined)
  const times = fates.map(fate => (typeof fate === 'number' ? fate : assert.fail(JSON.stringify(fates))))
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  )
  assert.equal(reports.receiver?.report.bytesDelivered, reports.sender?.report.bytesAccepted)
})

test('generated pictures differ, and are what their digests say', async () => {
  for (const sizeBytes of [2, 3, 1000, 5000])
    for (const made of [undefined, ...MADE_KINDS]) {
      if (made && sizeBytes < boundsOf(made).leastBytes) continue
      const of = { sizeBytes, chunkBytes: CHUNK, seed: 1 }
      const pictures = await picturesOf(made ? { kind: 'made', made, ...of } : { kind: 'generated', ...of })
      const digests = pictures.digests(600)
      assert.equal(new Set(digests).size, 600)
      for (const frame of [0, 1, 255, 256, 599]) {
        const bytes = pictures.take(frame).whole()
        assert.equal(digestOf([bytes]), digests[frame])
        if (!made || !isPicture(made)) continue
        const found = await decodePicture(made, bytes)
        assert.ok(found && found.decoded === found.width * found.height)
      }
    }
})

async function filmed(
  transport: Carrier,
  path: Path,
  frames: number,
  everyMs: number | undefined,
  quietMs = 5,
) {
  const arrived = new Set<string>()
  const sockets = new MemorySockets(path(bytes => arrived.add(bytes.toString('latin1'))))
  const local = { ...loopback(4), port: SCREEN_PORT }
  const payload = { kind: 'generated', sizeBytes: SIZE, chunkBytes: CHUNK, seed: 1 } as const
  const message: Prepare = {
    ...{ type: 'prepare', trial: 1, role: 'send', workload: 'frames', transport: transport.name },
    ...{ engine: 'memory', payload, local, peer: local.host, socket: {}, answerTimeoutMs: ANSWER_MS },
    frames: { most: frames, everyMs },
  }
  const posted: FromAgent[] = []
  const post = (each: FromAgent) => void posted.push(each)
  const options = { message, wishes: {}, transport, sockets, signal: NEVER, post }
  const pictures = await picturesOf(payload)
  await using screen = await screenEnd({ ...options, message: { ...message, role: 'receive' } })
  await using camera = cameraEnd(options, pictures)
  const to = screen.endpoint ?? assert.fail()
  await camera.go?.({ type: 'go', trial: 1, to })
  const sent = posted.find(each => each.type === 'sent')?.sent ?? assert.fail()
  await screen.settle?.({ type: 'settle', trial: 1, sent, quietMs, deadlineMs: 100 * quietMs })
  const sender = posted.find(each => each.type === 'send-report') ?? assert.fail()
  const receiver = posted.find(each => each.type === 'receive-report') ?? assert.fail()
  const reports: AlignedReports = { sender, receiver, foreign: false, clockErrorMs: 0 }
  const each = {
    chunkBytes: CHUNK,
    frames,
    ...(everyMs === undefined ? {} : { fps: 1000 / everyMs }),
  } as Case
  const { left = '', digests = [] } = sender.report.frames ?? {}
  const came = receiver.report.frames ?? assert.fail()
  const shiftMs = (receiver.report.firstAt ?? 0) - sender.report.startedAt
  const whole = decodeTimes(came.whole).map(at => at + shiftMs)
  const fates = matchFrames({ left: decodeTimes(left), digests }, { whole, digests: came.digests }, 0)
  return {
    ...{ reports, fates, row: framesColumns(each, transport.traits, reports) },
    /** Whether each chunk of a picture arrived at some time. */
    whole(frame: number): boolean {
      const bytes = pictures.take(frame).whole()
      const size = transport.traits.limit === 'one-datagram' ? SIZE : CHUNK
      const parts = Array.from({ length: Math.ceil(SIZE / size) }, (_, index) =>
        bytes.toString('latin1', index * size, (index + 1) * size),
      )
      const all = [...arrived]
      return parts.every(part => all.some(datagram => datagram.endsWith(part)))
    },
  }
}
