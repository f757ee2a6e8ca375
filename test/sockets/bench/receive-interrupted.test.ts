/** `bench receive` that is called off in the middle of transfers: what came is saved as .part and gets its line. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { dispatch } from '../../../bench/cli/dispatch.ts'
import { BUILT_IN } from '../../../transports/catalog.ts'
import type { Endpoint } from '../../../transports/contract/socket-facts.ts'
import type { Transport } from '../../../transports/contract/transport.ts'
import { tcp } from '../../../transports/protocols/tcp.ts'
import { udpHeader } from '../../../transports/protocols/udp-header.ts'
import { udpMarker } from '../../../transports/protocols/udp-marker.ts'
import { test } from '../../support/patient.ts'
import { RawConnection } from '../../support/raw-tcp.ts'
import { RawUdp } from '../../support/raw-udp.ts'

const HANG = { timeout: 30_000 }
const CAME = 'x'.repeat(1024)

function long8(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64LE(BigInt(value))
  return bytes
}

/** What begins a transfer and brings 2,048 of 3,000 bytes; and a whole one of 5 bytes. */
const DATAGRAMS = {
  'udp-header': [
    [long8(3000), CAME, CAME],
    [long8(5), 'whole'],
  ],
  'udp-marker': [
    ['bin', CAME, CAME],
    ['bin', 'whole', 'end'],
  ],
} as const

for (const engine of await BUILT_IN.engines.working()) {
  for (const transport of [udpHeader, udpMarker]) {
    test(
      `${transport.name}, ${engine}: what has come when it is called off is saved as .part`,
      HANG,
      async context => {
        const running = await start(context, transport, engine)
        await using slow = await RawUdp.open()
        await using whole = await RawUdp.open()
        const [part, all] = DATAGRAMS[transport.name === 'udp-header' ? 'udp-header' : 'udp-marker']
        await slow.say(running.endpoint, ...part)
        await whole.say(running.endpoint, ...all)
        await assertPart(running, transport)
        await slow.say(running.endpoint, 'nobody listens')
      },
    )
  }

  test(`tcp, ${engine}: what has come when it is called off is saved as .part`, HANG, async context => {
    const running = await start(context, tcp, engine)
    await using silent = await RawConnection.open(running.endpoint)
    await using slow = await RawConnection.open(running.endpoint)
    await slow.say('SIZE 3000\n', CAME, CAME)
    await slow.hear('GOT SIZE')
    await using whole = await RawConnection.open(running.endpoint)
    await whole.say('SIZE 5\n', 'whole', 'BYE BYE ')
    await assertPart(running, tcp)
    await Promise.all([silent.ended, slow.ended])
    assert.doesNotMatch(slow.text, /GOT IMAGE/)
  })
}

interface Running {
  readonly endpoint: Endpoint
  readonly dir: string
  readonly said: { out: string; err: string }
  /** Resolves when `line` has been printed. */
  printed(line: RegExp): Promise<void>
  callOff(): Promise<number>
}

async function start(context: TestContext, transport: Transport, engine: string): Promise<Running> {
  const dir = mkdtempSync(join(tmpdir(), 'bench-receive-'))
  context.after(() => rmSync(dir, { recursive: true }))
  const said = { out: '', err: '' }
  let wake = () => {}
  const say = (where: 'out' | 'err') => (text: string) => {
    said[where] += text
    wake()
  }
  const terminal = {
    out: say('out'),
    data: say('out'),
    err: say('err'),
    errStream: process.stderr,
    argv: [],
    width: 200,
    color: false,
    live: false,
  }
  const interruption = new AbortController()
  const words = ['receive', '--transport', transport.name, '--engine', engine, '--port', '0', '--dir', dir]
  const limits = ['--max-size', '1M', '--timeout', '60s', '--drain', '60s']
  const over = dispatch([...words, ...limits], terminal, interruption.signal)
  const until = async <T>(look: () => T | undefined | null): Promise<T> => {
    for (;;) {
      const found = look()
      if (found) return found
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
  }
  const port = await until(() => / at 127\.0\.0\.1:(\d+) /.exec(said.err)?.[1])
  return {
    endpoint: { host: '127.0.0.1', port: Number(port), family: 4 },
    dir,
    said,
    printed: async line => void (await until(() => line.exec(said.out))),
    callOff: () => {
      interruption.abort()
      return over
    },
  }
}

async function assertPart(running: Running, transport: Transport): Promise<void> {
  await running.printed(/ 5 B .*\.bin\n/)
  assert.equal(await running.callOff(), 130)
  const { said, dir } = running
  const [first, second, ...others] = said.out.trimEnd().split('\n')
  assert.match(first ?? '', /^0001 .*complete|ended by its marker/)
  const of = transport === udpMarker ? '' : ' of 3,000 B'
  assert.match(
    second ?? '',
    new RegExp(`^0002 {2}${transport.name} .*2,048 B${of} .*incomplete: interrupted .*\\.bin\\.part$`),
  )
  assert.deepEqual(others, [])
  const parts = readdirSync(dir).filter(name => name.endsWith('.part'))
  assert.deepEqual(
    parts.map(name => readFileSync(join(dir, name)).length),
    [2048],
  )
  // The rest was not lost: it had not come yet.
  assert.doesNotMatch(said.err, /lost|not saved/)
}
