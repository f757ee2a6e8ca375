/** Names, IP versions, zones, special addresses, `--bind` and `--interface`, between networks of their own. */
import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { after, before, describe } from 'node:test'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { obstacleToNative } from '../../transports/engines/native/systems.ts'
import { codes } from '../support/found-warnings.ts'
import { ADDRESSES, Lab, NAME_OF_B, withoutLab, withoutNat } from '../support/lab.ts'
import { test } from '../support/patient.ts'
import { assertOneLine, bench, folder, startBench } from './cli.ts'
import { sample } from './payloads.ts'
import { assertMeasured, PORT, run, type Server, startServer, TOKEN } from './two-hosts.ts'

const SKIP = withoutLab()
const SKIP_NATIVE = obstacleToNative() ?? false
const ENGINES = SKIP_NATIVE === false ? (['native', 'node'] as const) : (['node'] as const)
const BOTH = ['--transport', 'tcp,udp-header', '--chunk', '1024', '--rate', '100M', '--rcvbuf', 'default']

let lab: Lab | undefined
/** At all addresses of `b`. */
let server: Server | undefined

describe('addresses', { skip: SKIP }, () => {
  before(async () => {
    if (SKIP !== false) return
    lab = new Lab()
    server = await startServer({ cwd: tmpdir(), at: lab.words('b') })
  })
  after(async () => {
    await server?.[Symbol.asyncDispose]()
    lab?.[Symbol.dispose]()
  })

  describe('names and IP versions', { skip: SKIP }, () => {
    test('IPv4 comes first; -6 asks for the other; TCP tries each in turn', async context => {
      const cwd = folder(context)
      const at = hosts().words('a')
      for (const [flags, family] of [
        [[], 4],
        [['-4'], 4],
        [['-6'], 6],
      ] as const) {
        const measured = await run(['--host', NAME_OF_B, ...BOTH, ...flags], { cwd, at })
        assertMeasured(measured)
        for (const row of measured.rows) {
          assert.deepEqual([row.ip_family, row.receiver_address], [family, ADDRESSES.b[family]])
          assert.equal(row.sender_address, ADDRESSES.a[family])
        }
      }
      // Nobody is at this port of the IPv4 address.
      const listen = `[${ADDRESSES.b[6]}]:${PORT + 1}`
      await using _ = await startServer({ cwd, at: hosts().words('b'), listen })
      const measured = await run(['--host', `${NAME_OF_B}:${PORT + 1}`, ...BOTH], { cwd, at })
      assertMeasured(measured)
      for (const row of measured.rows)
        assert.deepEqual([row.ip_family, row.receiver_address], [6, ADDRESSES.b[6]])
    })

    test('send and --target over TCP find the address that is listened at; a receiver listens at a name', async context => {
      const cwd = folder(context)
      const { path } = sample(cwd, 'sent', Buffer.alloc(5000, 7))
      await using receiver = await listen(cwd, ['--transport', 'tcp', '--host', ADDRESSES.b[6]])
      const sent = await at('a', ['send', path, `${NAME_OF_B}:9999`, '--transport', 'tcp'], cwd)
      assert.equal(sent.code, 0, sent.stderr)
      assert.match(sent.stdout, new RegExp(`to \\[${ADDRESSES.b[6]}\\]:9999 `))
      const target = ['--target', `${NAME_OF_B}:9999`, '--transport', 'tcp', '--size', '5000']
      const measured = await run(target, { cwd, at: hosts().words('a'), token: undefined })
      assertMeasured(measured)
      assert.deepEqual(
        measured.rows.map(row => [row.ip_family, row.receiver_address]),
        [[6, ADDRESSES.b[6]]],
      )
      receiver.kill('SIGINT')
      assert.equal((await receiver.over()).code, 130)
      await using named = await listen(cwd, ['--transport', 'udp-header', '--host', 'localhost'])
      assert.match(named.stderr, /at 127\.0\.0\.1:9999 /)
    })

    test('answers leave from the address that was asked, at a receiver of all addresses', async context => {
      const cwd = folder(context)
      hosts().run('b', 'ip', 'address', 'add', '10.77.2.22/24', 'dev', 'near')
      hosts().run('b', ...'ip address add fd77:2::22/64 dev near nodad preferred_lft 0'.split(' '))
      const { path } = sample(cwd, 'sent', Buffer.alloc(900, 7))
      for (const [host, ...targets] of [
        ['0.0.0.0', '10.77.2.22'],
        ['::', '10.77.2.22', '[fd77:2::22]'],
      ] as const)
        for (const transport of ['udp-header', 'udp-datagram']) {
          await using _ = await listen(cwd, ['--transport', transport, '--host', host])
          for (const target of targets) {
            const ended = await at('a', ['send', path, `${target}:9999`, '--transport', transport], cwd)
            assert.equal(ended.code, 0, `${host} ${target} ${transport}: ${ended.stderr}`)
            assert.match(ended.stdout, /acknowledged/)
          }
        }
    })

    test('the last address of a network of this host is one of broadcast', async context => {
      const ended = await at(
        'a',
        ['send', '/etc/hostname', '10.77.1.255:9', '--transport', 'udp-marker'],
        folder(context),
      )
      assert.equal(ended.code, 2)
      assertOneLine(ended, 'broadcast')
    })
  })

  describe('link-local addresses', { skip: SKIP }, () => {
    let router: Server | undefined
    before(async () => {
      if (SKIP === false) router = await startServer({ cwd: tmpdir(), at: hosts().words('router') })
    })
    after(() => router?.[Symbol.asyncDispose]())

    for (const engine of ENGINES)
      test(`${engine}: runs both ways, each row with the zones of its own host`, async context => {
        const host = ['--host', `[${hosts().linkLocal('router', 'to-a')}%near]`, ...BOTH, '--engine', engine]
        // Both ways at once are both ways; one at a time on the engine that is the default.
        for (const words of engine === ENGINES[0] ? [[], ['--reverse'], ['--bidir']] : [['--bidir']]) {
          const measured = await run([...host, ...words], { cwd: folder(context), at: hosts().words('a') })
          assertMeasured(measured)
          for (const { sender_address: from = '', receiver_address: to = '', ...row } of measured.rows) {
            const told = JSON.stringify([from, to, row])
            assert.deepEqual([row.outcome, row.ip_family], ['completed', 6], told)
            // As the receiver's host has it, and as the sender is told.
            const forward = row.direction.endsWith('forward')
            assert.match(from, forward ? /^fe80:.*%to-a$/ : /^fe80:.*%near$/, told)
            assert.match(to, /^fe80:.*%near$/, told)
          }
        }
      })

    test('doctor, send and receive', async context => {
      const cwd = folder(context)
      const address = hosts().linkLocal('router', 'to-a')
      const doctor = await at('a', ['doctor', `[${address}%near]`, '--quick'], cwd)
      assert.equal(doctor.code, 0, doctor.stdout)
      const { path } = sample(cwd, 'sent', Buffer.alloc(5000, 7))
      for (const transport of ['tcp', 'udp-header'])
        for (const host of ['::', `${address}%to-a`]) {
          await using _ = await listen(cwd, ['--transport', transport, '--host', host], 'router')
          const ended = await at('a', ['send', path, `[${address}%near]:9999`, '--transport', transport], cwd)
          assert.equal(ended.code, 0, `${host} ${transport}: ${ended.stderr}`)
        }
    })

    test('another host cannot be sent to one: it would mean something else there', async context => {
      const address = hosts().linkLocal('router', 'to-a')
      const words = ['run', '--from', ADDRESSES.router[4], '--to', `[${address}%near]`, '--out', 'x.csv']
      const ended = await at('a', words, folder(context))
      assert.equal(ended.code, 2, ended.stderr)
      assertOneLine(ended, 'link-local', 'on one host only')
    })
  })

  describe('--bind and --interface', { skip: SKIP }, () => {
    before(() => {
      if (SKIP === false) hosts().run('a', 'ip', 'address', 'add', '10.77.1.77/24', 'dev', 'near')
    })

    for (const engine of ENGINES)
      test(`${engine}: data go by the address that was given, each way and within the host`, async context => {
        const cwd = folder(context)
        const local = ['--bind', '10.77.1.77', '--engine', engine, ...BOTH]
        for (const [words, from, to] of [
          [['--host', ADDRESSES.b[4]], '10.77.1.77', ADDRESSES.b[4]],
          [['--host', ADDRESSES.b[4], '--reverse'], ADDRESSES.b[4], '10.77.1.77'],
          [[], '10.77.1.77', '10.77.1.77'],
        ] as const)
          assertWays(await run([...words, ...local], { cwd, at: hosts().words('a') }), from, to)
      })

    test('of an interface both ends say it, the other one by its own flag', {
      skip: SKIP_NATIVE,
    }, async context => {
      const cwd = folder(context)
      const words = ['--interface', 'near']
      const listen = `[::]:${PORT + 1}`
      await using _ = await startServer({ cwd, at: hosts().words('b'), words, listen })
      const host = ['--host', `${ADDRESSES.b[4]}:${PORT + 1}`, ...BOTH]
      const measured = await run([...host, '--bidir', ...words], { cwd, at: hosts().words('a') })
      assertMeasured(measured)
      assert.deepEqual(
        new Set(measured.rows.map(row => row.direction)),
        new Set(['bidir-forward', 'bidir-reverse']),
      )
      for (const row of measured.rows)
        assert.deepEqual(
          [row.interface_asked, row.sender_interface, row.receiver_interface],
          ['near', 'near', 'near'],
        )
      // A client chooses nothing there, and its engine of node could not.
      for (const way of [[], ['--reverse']]) {
        const other = await run([...host, ...way, '--engine', 'node'], { cwd, at: hosts().words('a') })
        assert.equal(other.code, 1)
        for (const row of other.rows)
          assert.match(row.error_message ?? '', /--interface.* node engine cannot; /)
      }
      const within = await at('a', ['run', ...words, '--out', 'x.csv', '-q'], cwd)
      assert.equal(within.code, 2, within.stderr)
      assertOneLine(within, '--interface near', 'both ends are on this host')
      const unknown = await at('a', ['run', '--interface', 'far', '--out', 'x.csv', '-q'], cwd)
      assertOneLine(unknown, 'no interface far', 'near')
    })

    test('a server with --bind takes data by that address only, and says which', async context => {
      const cwd = folder(context)
      hosts().run('b', 'ip', 'address', 'add', '10.77.2.33/24', 'dev', 'near')
      const [listen, words] = [`[::]:${PORT + 1}`, ['--bind', '10.77.2.33']]
      await using _ = await startServer({ cwd, at: hosts().words('b'), words, listen })
      const there = { cwd, at: hosts().words('a') }
      const bound = await run(['--host', `10.77.2.33:${PORT + 1}`, ...BOTH], there)
      assertWays(bound, ADDRESSES.a[4], '10.77.2.33')
      const other = await run(['--host', `${ADDRESSES.b[4]}:${PORT + 1}`, ...BOTH], there)
      assert.equal(other.code, 1)
      for (const row of other.rows) assert.match(row.error_message ?? '', /at 10\.77\.2\.33 only/)
    })

    test('send: from the address and the interface that were given', async context => {
      const cwd = folder(context)
      const { path } = sample(cwd, 'sent', Buffer.alloc(900, 7))
      await using receiver = await listen(cwd, ['--transport', 'udp-header', '--host', '0.0.0.0'])
      const device = SKIP_NATIVE === false ? ['--interface', 'near'] : []
      const words = ['send', path, `${ADDRESSES.b[4]}:9999`, '--transport', 'udp-header']
      const ended = await at('a', [...words, '--bind', '10.77.1.77', ...device], cwd)
      assert.equal(ended.code, 0, ended.stderr)
      await receiver.until('sender', ({ stdout }) => stdout.includes('from 10.77.1.77 '))
    })

    function assertWays(measured: Awaited<ReturnType<typeof run>>, from: string, to: string): void {
      assertMeasured(measured)
      for (const row of measured.rows)
        assert.deepEqual([row.outcome, row.sender_address, row.receiver_address], ['completed', from, to])
    }
  })

  // The last one: from then on the router does.
  describe('a router that rewrites the source of UDP only', { skip: SKIP || withoutNat() }, () => {
    test('the row says from where the data came; without it nothing is said', async context => {
      const cwd = folder(context)
      const words = [
        '--host',
        ADDRESSES.b[4],
        '--transport',
        'tcp,udp-header,udp-marker',
        '--chunk',
        '1024',
        '--rate',
        '50M',
      ]
      const there = { cwd, at: hosts().words('a') }
      const before = await run(words, there)
      assertMeasured(before)
      assert.deepEqual(sources(before.rows), [undefined, undefined])
      for (const rule of [
        'add table ip bench',
        'add chain ip bench out { type nat hook postrouting priority 100 ; }',
        'add rule ip bench out oifname to-b ip protocol udp masquerade',
      ])
        hosts().run('router', 'nft', ...rule.split(' '))
      const after = await run(words, there)
      assert.deepEqual(sources(after.rows), ['10.77.2.1', '10.77.2.1'])
      // Requests, and what waits for answers to each datagram.
      const host = ['--host', ADDRESSES.b[4], '--size', '1k']
      for (const others of [
        ['--transport', 'echo-udp,messages-udp', '--messages', '5', '--interval', '20ms'],
        ['--transport', 'udp-arq,udp-stop-and-wait', '--timeout', '6s'],
        ['--transport', 'udp-header,udp-arq', '--frames', '3', '--fps', '20'],
      ]) {
        const { rows } = await run([...host, ...others], there)
        assert.deepEqual(sources(rows), ['10.77.2.1', '10.77.2.1'])
        assert.deepEqual(codes(rows), ['another-source'])
      }
    })

    function sources(rows: readonly TrialRecord[]) {
      return rows.filter(row => row.transport !== 'tcp').map(row => row.datagrams_stray_from)
    }
  })
})

function hosts(): Lab {
  assert(lab)
  return lab
}

/** A command at a host, to its end. */
async function at(host: 'a' | 'b' | 'router', words: readonly string[], cwd: string) {
  return await bench(words, { cwd, at: hosts().words(host), env: { BENCH_TOKEN: TOKEN } })
}

/** A receiver that listens at port 9999. */
async function listen(cwd: string, words: readonly string[], host: 'b' | 'router' = 'b') {
  const running = startBench(['receive', '--port', '9999', ...words], { cwd, at: hosts().words(host) })
  await running.until('greeting', ({ stderr }) => stderr.includes('listening'))
  return running
}
