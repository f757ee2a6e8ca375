/** Control messages and completions, as kernels write them and as none does: nothing loops, and nothing beyond the end is read. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  IP_RECVERR,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_RECVERR,
  MMSGHDR,
  SO_EE_ORIGIN_ZEROCOPY,
  SO_RXQ_OVFL,
  SOL_SOCKET,
  SOL_UDP,
  UDP_GRO,
  UDP_SEGMENT,
} from '../../../transports/engines/native/abi.ts'
import { Completions } from '../../../transports/engines/native/completions.ts'
import { controlData, writeNumber } from '../../../transports/engines/native/control.ts'
import { type Libc, loadLibc } from '../../../transports/engines/native/libc.ts'
import { IncomingMessages } from '../../../transports/engines/native/messages.ts'
import { obstacleToNative } from '../../../transports/engines/native/systems.ts'

interface Control {
  readonly level: number
  readonly type: number
  readonly data: Buffer
}

test('whatever the bytes are, what is found lies within them', () => {
  const small = fc.constantFrom(0, 1, 15, 16, 17, 20, 24, 0x7fff_ffff, 0xffff_ffff)
  const words = fc.array(fc.oneof(small, fc.constantFrom(SOL_UDP, UDP_GRO)), { maxLength: 40 })
  fc.assert(
    fc.property(
      words,
      fc.nat({ max: 32 }),
      fc.nat({ max: 200 }),
      fc.nat({ max: 20 }),
      (words, start, length, data) => {
        const memory = Buffer.alloc(4 * words.length)
        for (const [index, word] of words.entries()) memory.writeUInt32LE(word, 4 * index)
        const at = controlData(memory, start, length, SOL_UDP, UDP_GRO, data)
        if (at === undefined) return
        assert.ok(at >= start + 16 && at + data <= Math.min(start + length, memory.length))
      },
    ),
    { numRuns: 2000 },
  )
})

test('the first message of a kind is found behind any others, and not when it is cut off', () => {
  const control = fc.record({
    level: fc.constantFrom(SOL_SOCKET, SOL_UDP),
    type: fc.constantFrom(SO_RXQ_OVFL, UDP_GRO, UDP_SEGMENT),
    data: fc.uint8Array({ minLength: 4, maxLength: 40 }).map(bytes => Buffer.from(bytes)),
  })
  fc.assert(
    fc.property(
      fc.array(control, { maxLength: 5 }),
      fc.nat({ max: 3 }),
      fc.nat(),
      (controls, offset, cut) => {
        const bytes = laidOut(controls)
        const start = 8 * offset
        const memory = Buffer.concat([Buffer.alloc(start, 0xff), bytes, Buffer.alloc(24, 0xff)])
        const wanted = controls.findIndex(each => each.level === SOL_UDP && each.type === UDP_GRO)
        const before = laidOut(controls.slice(0, Math.max(0, wanted))).length
        const found = controlData(memory, start, bytes.length, SOL_UDP, UDP_GRO, 4)
        assert.equal(found, wanted < 0 ? undefined : start + before + 16)
        const length = cut % (bytes.length + 1)
        const whole = wanted >= 0 && before + 16 + (controls[wanted]?.data.length ?? 0) <= length
        assert.equal(controlData(memory, start, length, SOL_UDP, UDP_GRO, 4), whole ? found : undefined)
      },
    ),
    { numRuns: 500 },
  )
})

test('what is written is read back', () => {
  const memory = Buffer.alloc(40, 0xff)
  const length = writeNumber(memory, SOL_UDP, UDP_SEGMENT, 65_507, 2)
  const at = controlData(memory, 0, length, SOL_UDP, UDP_SEGMENT, 2)
  assert.equal(at, 16)
  assert.equal(memory.readUInt16LE(16), 65_507)
  assert.equal(controlData(memory, 0, length, SOL_UDP, UDP_SEGMENT, 3), undefined)
})

describe('messages', { skip: obstacleToNative() ?? false, concurrency: 1 }, async () => {
  if (obstacleToNative()) return
  const real = await loadLibc()

  test('a read is of several datagrams only when the kernel says a length that fits', () => {
    const glued = (control: readonly Control[], length: number, controlLength?: number) => {
      const { libc, memoryAt } = watched(real)
      const incoming = new IncomingMessages(libc)
      const { bytes } = incoming.headers
      const written = laidOut(control)
      written.copy(memoryAt(bytes.readBigUInt64LE(MMSGHDR.control)))
      bytes.writeUInt32LE(controlLength ?? written.length, MMSGHDR.controlLength)
      bytes.writeUInt32LE(length, MMSGHDR.length)
      return { each: incoming.eachBytes(0), overflow: incoming.overflow(0) }
    }
    const gro = (each: number): Control => ({ level: SOL_UDP, type: UDP_GRO, data: int32(each) })
    const overflow: Control = { level: SOL_SOCKET, type: SO_RXQ_OVFL, data: int32(-1) }
    assert.deepEqual(glued([], 5000), { each: undefined, overflow: undefined })
    assert.deepEqual(glued([gro(1000)], 5000), { each: 1000, overflow: undefined })
    assert.deepEqual(glued([overflow, gro(1000)], 1001), { each: 1000, overflow: 0xffff_ffff })
    for (const [each, length] of [
      [0, 5000],
      [-1, 5000],
      [1000, 1000],
      [1001, 1000],
      [1000, 0],
    ] as const)
      assert.equal(glued([gro(each)], length).each, undefined)
    assert.equal(glued([gro(1000)], 5000, 18).each, undefined)
  })

  test('completions: ranges, what was copied, a count that wraps, and errors of other origins', () => {
    const v4 = (first: number, last: number, code = 0, origin = SO_EE_ORIGIN_ZEROCOPY): Control[] => [
      { level: IPPROTO_IP, type: IP_RECVERR, data: extendedError(first, last, code, origin) },
    ]
    const v6 = (first: number, last: number): Control[] => [
      { level: IPPROTO_IPV6, type: IPV6_RECVERR, data: extendedError(first, last, 0, SO_EE_ORIGIN_ZEROCOPY) },
    ]
    const ICMP = 2
    const told = completionsOf(real, [
      v4(0, 0),
      v4(1, 63, 1),
      [],
      v4(7, 9, 0, ICMP),
      v6(64, 64),
      [{ level: IPPROTO_IP, type: IP_RECVERR, data: Buffer.alloc(8) }],
      v4(0xffff_fffe, 1),
    ])
    assert.deepEqual(told, [
      { last: 0, sends: 1, copied: false },
      { last: 63, sends: 63, copied: true },
      { last: 64, sends: 1, copied: false },
      { last: 1, sends: 4, copied: false },
    ])
  })
})

/** All that `Completions` makes of an error queue with these control messages. */
function completionsOf(real: Libc, queue: readonly (readonly Control[])[]) {
  const { libc, memoryAt } = watched(real)
  const left = [...queue]
  const recvmmsg = (_fd: number, messages: number) => {
    const next = left.shift()
    if (!next) return -1
    const header = memoryAt(BigInt(messages))
    const bytes = laidOut(next)
    bytes.copy(memoryAt(header.readBigUInt64LE(MMSGHDR.control)))
    header.writeUInt32LE(bytes.length, MMSGHDR.controlLength)
    return 1
  }
  const completions = new Completions({ ...libc, recvmmsg })
  const told = []
  for (let next = completions.next(0); next; next = completions.next(0)) told.push(next)
  return told
}

/** The library, and the memory that an address belongs to. */
function watched(real: Libc) {
  const known: { address: bigint; bytes: Buffer }[] = []
  const libc: Libc = {
    ...real,
    addressOf(bytes) {
      const address = real.addressOf(bytes)
      known.push({ address: BigInt(address), bytes })
      return address
    },
  }
  const memoryAt = (address: bigint): Buffer => {
    const found = known.find(
      each => address >= each.address && address < each.address + BigInt(each.bytes.length),
    )
    assert.ok(found, 'an address of nobody')
    return found.bytes.subarray(Number(address - found.address))
  }
  return { libc, memoryAt }
}

/** As put_cmsg of the kernel lays them out. */
function laidOut(controls: readonly Control[]): Buffer {
  return Buffer.concat(
    controls.map(({ level, type, data }) => {
      const bytes = Buffer.alloc(16 + Math.ceil(data.length / 8) * 8)
      bytes.writeUInt32LE(16 + data.length, 0)
      bytes.writeInt32LE(level, 8)
      bytes.writeInt32LE(type, 12)
      data.copy(bytes, 16)
      return bytes
    }),
  )
}

function extendedError(first: number, last: number, code: number, origin: number): Buffer {
  const bytes = Buffer.alloc(32)
  bytes.writeUInt8(origin, 4)
  bytes.writeUInt8(code, 6)
  bytes.writeUInt32LE(first, 8)
  bytes.writeUInt32LE(last, 12)
  return bytes
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}
