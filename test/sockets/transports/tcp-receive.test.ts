/** The size handshake with clients that are not ours, byte for byte. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { BUILT_IN } from '../../../transports/catalog.ts'
import type { ReceiveOptions } from '../../../transports/contract/transport.ts'
import { tcp } from '../../../transports/protocols/tcp.ts'
import { Collector } from '../../support/collector.ts'
import { ENGINES } from '../../support/engines.ts'
import { MemorySockets } from '../../support/memory-sockets.ts'
import { test } from '../../support/patient.ts'
import { RawConnection } from '../../support/raw-tcp.ts'
import { heldBytes, leavesNothingOpen, NEVER } from '../../support/transfers.ts'

const HANG = { timeout: 20_000 }
const PICTURE = 'picture\r\nwith SIZE 3 and BYE BYE in it'
const SIZE = PICTURE.length

/** A fresh receiver, and a client that has said `segments`. */
async function talk(segments: readonly string[], over: Partial<ReceiveOptions> = {}) {
  const collector = await Collector.open(tcp, over)
  const client = await RawConnection.open(collector.endpoint)
  await client.say(...segments)
  const dispose = async () => {
    await client[Symbol.asyncDispose]()
    await collector[Symbol.asyncDispose]()
  }
  return { collector, client, [Symbol.asyncDispose]: dispose }
}

async function assertTaken(segments: readonly string[], over: Partial<ReceiveOptions> = {}): Promise<void> {
  await using talking = await talk(segments, over)
  const { collector, client } = talking
  assert.ok(await client.hear('GOT IMAGE'))
  await client.say('BYE BYE ')
  const report = await collector.one()
  await client.ended
  assert.equal(client.text, 'GOT SIZEGOT IMAGE')
  assert.equal(report.failure, undefined)
  assert.equal(report.complete, true)
  assert.equal(report.announcedBytes, SIZE)
  assert.equal(heldBytes(report).toString('latin1'), PICTURE)
}

const whole = {
  'our own client: a line': [`SIZE ${SIZE}\n`, PICTURE],
  'CR and LF': [`SIZE ${SIZE}\r\n`, PICTURE],
  'CR and LF in two segments': [`SIZE ${SIZE}\r`, '\n', PICTURE],
  'SIZE in two segments': ['SI', `ZE ${SIZE}\n`, PICTURE],
  'the digits in two segments': [`SIZE ${String(SIZE)[0]}`, `${String(SIZE).slice(1)}\n`, PICTURE],
  'the terminator in a segment of its own': [`SIZE ${SIZE}`, '\n', PICTURE],
  'a blank as terminator': [`SIZE ${SIZE} `, PICTURE],
  'header and payload glued': [`SIZE ${SIZE}\n${PICTURE}`],
  'header and half of the payload glued': [`SIZE ${SIZE}\n${PICTURE.slice(0, 9)}`, PICTURE.slice(9)],
  'zeros before the size': [`SIZE 0000${SIZE}\n`, PICTURE],
}
for (const [name, segments] of Object.entries(whole)) {
  test(`taken: ${name}`, HANG, () => leavesNothingOpen(() => assertTaken(segments)))
}

test('taken: an existing client, which ends SIZE with nothing and waits', HANG, () =>
  leavesNothingOpen(async () => {
    for (const header of [[`SIZE ${SIZE}`], [`SIZE ${String(SIZE)[0]}`, String(SIZE).slice(1)]]) {
      await using talking = await talk(header)
      const { collector, client } = talking
      assert.ok(await client.hear('GOT SIZE'))
      await client.say(PICTURE)
      assert.ok(await client.hear('GOT IMAGE'))
      await client.say('BYE BYE ')
      const report = await collector.one()
      assert.equal(report.announcedBytes, SIZE)
      assert.equal(heldBytes(report).toString('latin1'), PICTURE)
    }
  }),
)

test('split anywhere, any number of times, a conversation means the same', HANG, async () => {
  const talks = [
    `SIZE ${SIZE}\n${PICTURE}BYE BYE `,
    `SIZE ${SIZE}\r\n${PICTURE}BYE BYE `,
    `SIZE ${SIZE} ${PICTURE}`,
  ]
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: SIZE + 16 }), { maxLength: 12 })
  const everySplit = fc.asyncProperty(fc.constantFrom(...talks), cuts, async (said, at) => {
    const sockets = new MemorySockets()
    await using collector = await Collector.open(tcp, {}, sockets)
    const client = await sockets.connect({ signal: NEVER, to: collector.endpoint })
    const heard: string[] = []
    client.read(bytes => heard.push(bytes.toString('latin1')))
    const borders = [0, ...at.filter(each => each < said.length).sort((a, b) => a - b), said.length]
    for (const [index, from] of borders.slice(0, -1).entries())
      await client.write(Buffer.from(said.slice(from, borders[index + 1]), 'latin1'), 1000)
    client.end()
    const report = await collector.one()
    assert.equal(report.failure, undefined)
    assert.equal(report.announcedBytes, SIZE)
    assert.equal(heldBytes(report).toString('latin1'), PICTURE)
    await client.closed
    assert.equal(heard.join(''), 'GOT SIZEGOT IMAGE')
  })
  await fc.assert(everySplit, { numRuns: 300 })
})

test('cut in two at each position, over the system', HANG, async () => {
  const said = `SIZE ${SIZE}\r\n${PICTURE}`
  await Promise.all(
    Array.from({ length: said.length - 1 }, (_, index) =>
      assertTaken([said.slice(0, index + 1), said.slice(index + 1)]),
    ),
  )
})

test('a client may leave right after BYE, without BYE, or half-close and wait for its answer', HANG, () =>
  leavesNothingOpen(async () => {
    for (const farewell of ['BYE BYE ', 'BYE BYE', '']) {
      await using talking = await talk([`SIZE ${SIZE}\n`, PICTURE])
      const { collector, client } = talking
      assert.ok(await client.hear('GOT IMAGE'))
      client.socket.end(farewell)
      const report = await collector.one()
      assert.equal(report.failure, undefined)
      assert.equal(report.complete, true)
    }
    await using talking = await talk([`SIZE ${SIZE}\n`])
    const { collector, client } = talking
    client.socket.end(PICTURE)
    assert.ok(await client.hear('GOT IMAGE'))
    assert.equal((await collector.one()).complete, true)
  }),
)

test('a client that neither says BYE nor leaves has all the same sent its picture', HANG, () =>
  leavesNothingOpen(async () => {
    for (const segments of [[`SIZE ${SIZE}\n`, PICTURE], [`SIZE ${SIZE}\n${PICTURE}`]]) {
      await using talking = await talk(segments, { quietMs: 100 })
      const { collector, client } = talking
      const report = await collector.one()
      assert.equal(report.failure, undefined)
      assert.equal(report.complete, true)
      // The connection is closed all the same.
      await client.ended
    }
  }),
)

const bad: Record<string, { says: readonly string[]; phase: string; code: string; leaves?: true }> = {
  'a size that is no number': { says: ['SIZE many\n'], phase: 'handshake', code: 'PROTOCOL' },
  'a negative size': { says: ['SIZE -5\n'], phase: 'handshake', code: 'PROTOCOL' },
  'a fraction': { says: ['SIZE 5.5\n'], phase: 'handshake', code: 'PROTOCOL' },
  'a size in another notation': { says: ['SIZE 0x10\n'], phase: 'handshake', code: 'PROTOCOL' },
  'no size at all': { says: ['SIZE \n'], phase: 'handshake', code: 'PROTOCOL' },
  'digits without end': { says: [`SIZE ${'9'.repeat(400)}\n`], phase: 'handshake', code: 'PROTOCOL' },
  'digits without end, one by one': {
    says: ['SIZE 9', ...Array.from({ length: 20 }, () => '9')],
    phase: 'handshake',
    code: 'PROTOCOL',
  },
  'more than an integer can say exactly': {
    says: ['SIZE 9007199254740993\n'],
    phase: 'handshake',
    code: 'PROTOCOL',
  },
  'a size over the limit': { says: ['SIZE 1001\n'], phase: 'handshake', code: 'TOO_LARGE' },
  'another protocol': { says: ['GET / HTTP/1.1\r\n'], phase: 'handshake', code: 'PROTOCOL' },
  'blanks without end': { says: [`SIZE${' '.repeat(500)}`], phase: 'handshake', code: 'PROTOCOL' },
  'SIZE and then nothing': { says: ['SIZE 5\n'], phase: 'transfer', code: 'TIMEOUT' },
  'half a header and then nothing': { says: ['SIZ'], phase: 'handshake', code: 'TIMEOUT' },
  'not a word': { says: [], phase: 'handshake', code: 'TIMEOUT' },
  'fewer bytes than said, and then nothing': { says: ['SIZE 5\nfour'], phase: 'transfer', code: 'TIMEOUT' },
  'fewer bytes than said, and gone': {
    says: ['SIZE 5\nfour'],
    phase: 'transfer',
    code: 'CLOSED',
    leaves: true,
  },
  'gone before SIZE was whole': { says: ['SIZ'], phase: 'handshake', code: 'CLOSED', leaves: true },
  'gone without a word': { says: [], phase: 'handshake', code: 'CLOSED', leaves: true },
  'more bytes than said': { says: ['SIZE 5\n', 'fives and more'], phase: 'transfer', code: 'PROTOCOL' },
  'one byte more than said': { says: ['SIZE 5\n', 'fives', '!'], phase: 'transfer', code: 'PROTOCOL' },
}
for (const [name, { says, phase, code, leaves }] of Object.entries(bad)) {
  test(`turned away: ${name}`, HANG, () =>
    leavesNothingOpen(async () => {
      await using talking = await talk(says, { maxSizeBytes: 1000, quietMs: 150 })
      const { collector, client } = talking
      if (leaves) client.socket.end()
      const report = await collector.one()
      assert.equal(report.failure?.phase, phase)
      assert.equal(report.failure?.code, code)
      await client.ended
    }),
  )
}

for (const engine of ENGINES)
  test(`of one who resets it is known who it was: ${engine}`, HANG, async () => {
    const sockets = await BUILT_IN.engines.loaded(engine)
    assert.ok(sockets)
    await using collector = await Collector.open(tcp, {}, sockets)
    await using client = await RawConnection.open(collector.endpoint)
    await client.say('SIZE 100\n')
    assert.ok(await client.hear('GOT SIZE'))
    const { port } = client
    client.socket.resetAndDestroy()
    const report = await collector.one()
    assert.equal(report.failure?.code, 'ECONNRESET')
    assert.deepEqual([report.from?.host, report.from?.port], ['127.0.0.1', port])
  })

test('what comes in one piece with more than was announced is not acknowledged', HANG, () =>
  leavesNothingOpen(async () => {
    await using talking = await talk(['SIZE 5\n', '0123456789'], { maxSizeBytes: 1000, quietMs: 150 })
    const { collector, client } = talking
    const report = await collector.one()
    assert.equal(report.failure?.code, 'PROTOCOL')
    await client.ended
    assert.ok(!(await client.hear('GOT IMAGE')))
  }),
)

test('fifty clients at once each get their own, and a bad one among them disturbs none', HANG, () =>
  leavesNothingOpen(async () => {
    await using collector = await Collector.open(tcp, { maxSizeBytes: 1 << 20 })
    const clients = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const client = await RawConnection.open(collector.endpoint)
        if (index === 17) await client.say('SIZE -1\n')
        else {
          const bytes = Buffer.alloc(1000 + 777 * index, index)
          await client.say(`SIZE ${bytes.length}\n`, bytes.subarray(0, 500), bytes.subarray(500))
          assert.ok(await client.hear('GOT IMAGE'))
          await client.say('BYE BYE ')
        }
        return client
      }),
    )
    const reports = await collector.ended(50)
    for (const [index, client] of clients.entries()) {
      const report = reports.find(each => each.from?.port === client.port)
      assert.ok(report)
      if (index === 17) assert.equal(report.failure?.code, 'PROTOCOL')
      else assert.deepEqual(heldBytes(report), Buffer.alloc(1000 + 777 * index, index))
    }
    for (const client of clients) await client[Symbol.asyncDispose]()
    await collector[Symbol.asyncDispose]()
  }),
)

test('a receiver that closes while clients are in the middle leaves nothing behind', HANG, () =>
  leavesNothingOpen(async () => {
    await using talking = await talk(['SIZE 5000\n', 'some'])
    const { collector, client } = talking
    await using idle = await RawConnection.open(collector.endpoint)
    await client.hear('GOT SIZE')
    await collector[Symbol.asyncDispose]()
    await Promise.all([client.ended, idle.ended])
    assert.equal(collector.reports.length, 0)
  }),
)

test('transfers under way hold no more together than one may: the one too many is told', HANG, () =>
  leavesNothingOpen(async () => {
    const collector = await Collector.open(tcp, { maxSizeBytes: 1000 })
    const first = await RawConnection.open(collector.endpoint)
    const second = await RawConnection.open(collector.endpoint)
    await first.say('SIZE 900\n', 'a'.repeat(600))
    assert.ok(await first.hear('GOT SIZE'))
    await second.say('SIZE 900\n', 'b'.repeat(600))
    const refused = await collector.one()
    assert.equal(refused.failure?.code, 'BUSY')
    await first.say('a'.repeat(300), 'BYE BYE ')
    const [, whole] = await collector.ended(2)
    assert.equal(whole?.complete, true)
    assert.equal(whole?.bytesDelivered, 900)
    await using third = await RawConnection.open(collector.endpoint)
    await third.say('SIZE 900\n', 'c'.repeat(900), 'BYE BYE ')
    const [, , next] = await collector.ended(3)
    assert.equal(next?.complete, true, 'what a transfer held is free again when it has ended')
    for (const client of [first, second]) await client[Symbol.asyncDispose]()
    await collector[Symbol.asyncDispose]()
  }),
)
