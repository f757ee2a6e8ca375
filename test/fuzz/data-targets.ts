/** Whatever comes over the data sockets and from the kernel, as properties: the counts hold, and nobody gets more than came. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { writeData, writeNumbers } from '../../transports/arq/wire.ts'
import type { Endpoint } from '../../transports/contract/socket-facts.ts'
import type { Payload } from '../../transports/contract/transport.ts'
import { HEADER_BYTES } from '../../transports/datagram/openings.ts'
import { controlData } from '../../transports/engines/native/control.ts'
import { GeneratedPayload } from '../../transports/payload/generated.ts'
import { tcp } from '../../transports/protocols/tcp.ts'
import { isFarewell, readSizeHeader } from '../../transports/stream/messages.ts'
import { CARRIERS } from '../support/carriers.ts'
import { MemorySockets } from '../support/memory-sockets.ts'
import { NEVER, receiveOptions } from '../support/transfers.ts'
import { bytes, type Target } from './arbitraries.ts'

const PEER: Endpoint = { host: '127.0.0.1', port: 7, family: 4 }
const OTHER: Endpoint = { host: '127.0.0.2', port: 7, family: 4 }

/** Any datagrams at a receiver with one peer: answers go to the peer, with no more bytes than came from it; the counts hold. */
export const anyDatagrams: Target = () => {
  const payload = new GeneratedPayload(40, 10, 1)
  const [chunks] = [...payload.windows()]
  const real = [0, 10, 20, 30].map(at => Buffer.from(chunks?.bytes.subarray(at, at + 10) ?? []))
  const length = Buffer.alloc(8)
  length.writeBigInt64LE(40n)
  const datagram = fc.oneof(
    bytes(70),
    fc.constantFrom(
      ...real,
      length,
      length.subarray(0, 4),
      Buffer.from('bin'),
      Buffer.from('end'),
      payload.whole(),
      ...reliable(payload),
    ),
  )
  const arrivals = fc.array(fc.tuple(datagram, fc.boolean()), { maxLength: 30 })
  const names = CARRIERS.filter(each => each.traits.socket === 'datagram')
  return fc.asyncProperty(
    arrivals,
    fc.constantFrom(...names),
    fc.boolean(),
    async (arrivals, transport, checked) => {
      const sent: { bytes: number; to: Endpoint }[] = []
      const sockets = new MemorySockets((bytes, from, to) => {
        if (from.port === PEER.port) return [{ bytes }]
        sent.push({ bytes: bytes.length, to })
        return []
      })
      await using receiver = await transport.transfer.receive(
        sockets,
        receiveOptions(4, {
          peer: PEER.host,
          maxSizeBytes: 1000,
          ...(checked ? { expected: payload } : { holdBytes: 40 }),
        }),
      )
      let fromPeer = 0
      let fromOthers = 0
      for (const [bytes, ours] of arrivals) {
        if (ours) fromPeer += bytes.length
        else fromOthers++
        sockets.carry(bytes, ours ? PEER : OTHER, receiver.endpoint)
      }
      await new Promise(resolve => setImmediate(resolve))
      const report = await receiver.settle({ bytesAccepted: 0, datagramsAccepted: arrivals.length }, 0, 0)
      assert(sent.every(({ to }) => to.host === PEER.host))
      assert(sent.reduce((sum, each) => sum + each.bytes, 0) <= fromPeer)
      assert((report.datagrams?.stray ?? 0) >= fromOthers)
      assert(report.bytesDelivered <= fromPeer)
      if (checked) assert(report.bytesDelivered <= payload.sizeBytes)
    },
  )
}

/** Datagrams of udp-arq, and one that is cut off. */
function reliable(payload: Payload): readonly Buffer[] {
  const { sizeBytes, chunkBytes } = payload
  const opening = { id: 7, sizeBytes, chunkBytes }
  const datagrams = [0, 1, 2].map(index => {
    const header = Buffer.alloc(HEADER_BYTES)
    writeData(header, 0, opening)
    writeNumbers(header, 0, index, index)
    return Buffer.concat([header, payload.whole().subarray(index * chunkBytes, (index + 1) * chunkBytes)])
  })
  return [...datagrams, ...datagrams.map(each => each.subarray(0, 29))]
}

/** A header of TCP is whole only when it is one, and never reaches into what follows it. */
export const anySizeHeader: Target = () =>
  fc.property(
    fc.oneof(
      bytes(60),
      fc
        .tuple(
          fc.constantFrom('SIZE ', 'SIZE\t', 'SIZ', 'size ', 'SIZE'),
          fc.bigInt({ min: 0n, max: 10n ** 17n }),
          bytes(5),
        )
        .map(([start, digits, rest]) => Buffer.concat([Buffer.from(`${start}${digits}`), rest])),
    ),
    arrived => {
      const header = readSizeHeader(arrived)
      isFarewell(arrived.toString('latin1'))
      if (header.kind !== 'whole') return
      assert(header.length <= arrived.length)
      assert(Number.isSafeInteger(header.sizeBytes) && header.sizeBytes >= 0)
      assert.match(arrived.toString('latin1', 0, header.length), /^SIZE[ \t]+\d+(\r\n|[ \t\n])$/)
    },
  )

/** What is found among control messages of the kernel lies within them. */
export const anyControlMessages: Target = () =>
  fc.property(
    bytes(200),
    fc.nat({ max: 64 }),
    fc.nat({ max: 250 }),
    fc.nat({ max: 20 }),
    (memory, start, length, data) => {
      const level = memory.length >= start + 16 ? memory.readInt32LE(start + 8) : 0
      const type = memory.length >= start + 16 ? memory.readInt32LE(start + 12) : 0
      const at = controlData(memory, start, length, level, type, data)
      if (at !== undefined) assert(at >= start + 16 && at + data <= Math.min(start + length, memory.length))
    },
  )

/** Bytes of a client at a receiver of TCP: never more is told than came, and an announced length is no claim to memory. */
export const anyStream: Target = () => {
  const piece = fc.oneof(
    bytes(50),
    fc
      .constantFrom(
        'SIZE 40\n',
        'SIZE 40',
        'SIZE 9007199254740991\n',
        'SIZE 0\n',
        'BYE ',
        'BYE BYE ',
        '\r\n',
        'SIZE 1e9\n',
      )
      .map(text => Buffer.from(text)),
  )
  return fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 6 }), async pieces => {
    const sockets = new MemorySockets()
    await using receiver = await tcp.transfer.receive(
      sockets,
      receiveOptions(4, { maxSizeBytes: 1000, holdBytes: 1000 }),
    )
    const stream = await sockets.connect({ signal: NEVER, to: receiver.endpoint })
    stream.read(() => {})
    for (const each of pieces) await stream.write(each, each.length).catch(() => {})
    stream.end()
    const report = await receiver.settle({ bytesAccepted: 0 }, 20, 20)
    const came = pieces.reduce((sum, each) => sum + each.length, 0)
    assert(report.bytesDelivered <= came)
    if (report.announcedBytes !== undefined) assert(report.announcedBytes <= 1000)
    await stream[Symbol.asyncDispose]()
  })
}
