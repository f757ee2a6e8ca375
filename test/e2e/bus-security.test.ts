/** Who may do what over a NATS server with the permissions of docs/fleet.md, and what is said to the others. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { nkeys } from '@nats-io/transport-node'
import { parseBusUrl } from '../../bench/fleet/bus/address.ts'
import { busProblem, connectBus } from '../../bench/fleet/bus/connection.ts'
import { Leases } from '../../bench/fleet/bus/leases.ts'
import { openPresence } from '../../bench/fleet/bus/presence.ts'
import { doorOf, INBOXES_OF_RUNS, inboxOfHost, newInboxOfRun } from '../../bench/fleet/bus/subjects.ts'
import { NatsServer, withoutNats } from '../support/nats.ts'
import { test } from '../support/patient.ts'
import { SMALL, startJoined } from './bus-fleet.ts'
import { assertOneLine, assertRefused, bench, benchProcess, folder, startBench } from './cli.ts'
import { TOKEN } from './two-hosts.ts'

const DOCS = new URL('../../../docs/fleet.md', import.meta.url)
const NEAR = ['--listen', '127.0.0.1:0']
const ENV = { BENCH_TOKEN: TOKEN }

/** The documented configuration, with keys for whoever measures and two hosts; their seeds are in files. */
async function guarded(context: TestContext) {
  const cwd = folder(context)
  const keys = Object.fromEntries(
    ['runs', 'a', 'b', 'stranger'].map(name => {
      const pair = nkeys.createUser()
      const seed = new TextDecoder().decode(pair.getSeed())
      writeFileSync(join(cwd, `${name}.nk`), `${seed}\n`)
      return [name, { seed, key: pair.getPublicKey() }]
    }),
  )
  const [, block = ''] = /```\njetstream \{\}\n(.*?)```/s.exec(readFileSync(DOCS, 'utf8')) ?? []
  const host = /^ {2}\{ nkey: "PUBLIC-KEY-OF-a".*?^ {2}\} \}\n/ms.exec(block)?.[0] ?? assert.fail()
  const second = host.replaceAll(/\bhost\.a\b|bench-hosts\.a\b|OF-a\b/g, word => `${word.slice(0, -1)}b`)
  const config = block
    .replace(host, host + second)
    .replaceAll(
      /PUBLIC-KEY-OF-(\w+)/gi,
      (_, name: string) => keys[name.toLowerCase()]?.key ?? assert.fail(name),
    )
  const server = await NatsServer.start({ config })
  context.after(() => server[Symbol.asyncDispose]())
  const as = (name: string, inbox: string) =>
    connectBus({ ...parseBusUrl(server.url), inbox, proof: { kind: 'nkey', text: keys[name]?.seed ?? '' } })
  return { cwd, server, as, join: ['--join', server.url, ...NEAR] }
}

describe('a fleet over NATS with permissions', { skip: withoutNats, concurrency: 2 }, () => {
  test('each host speaks for itself alone', async context => {
    const { cwd, server, as, join: words } = await guarded(context)
    await using a = await startJoined([...words, '--name', 'a', '--nkey', 'a.nk'], { cwd })
    await using b = await startJoined([...words, '--name', 'b'], { cwd, env: { ...ENV, NATS_NKEY: 'b.nk' } })
    const serve = (more: readonly string[]) => benchProcess(['serve', ...words, ...more], { cwd, env: ENV })
    const stranger = await serve(['--name', 'a', '--nkey', 'stranger.nk'])
    assert.equal(stranger.code, 1)
    assert.match(stranger.stderr, /^bench: \S+: this NATS server rejects these credentials \(--nkey\); .+$/m)
    const nobody = await serve(['--name', 'a'])
    assert.match(nobody.stderr, /^bench: \S+: this NATS server needs credentials; give --nkey or --creds$/m)
    const claiming = await serve(['--name', 'b', '--nkey', 'a.nk'])
    assert.equal(claiming.code, 1)
    assert.match(
      claiming.stderr,
      /^bench: \S+: cannot join as b: the NATS server permits these credentials no subscription of bench\.host\.b\.open; see docs\/fleet\.md/m,
    )
    const taken = await serve(['--name', 'a', '--nkey', 'a.nk'])
    assert.equal(taken.code, 1)
    assert.match(
      taken.stderr,
      /^bench: --name a: another bench serve \(at 127\.0\.0\.1, port \d+\) has that name; /m,
    )

    await using hostile = await as('a', inboxOfHost('a'))
    const denied = (act: Promise<unknown>, what: RegExp) =>
      assert.rejects(act, error => {
        assert.match(busProblem(error), what)
        return true
      })
    const presence = await openPresence(hostile)
    await denied(presence.kv.put('b', '{}'), /no publish of \$KV\.bench-hosts\.b;/)
    await denied(
      hostile.nats.request(doorOf('b'), '{}', { timeout: 30_000 }),
      /no publish of bench\.host\.b\.open;/,
    )
    await denied((await Leases.open(hostile)).hold(['b'], 'mine'), /no publish of \$KV\.bench-leases\.b;/)

    // An answer that nobody asked this host for.
    const answered = new Promise<unknown>(resolve => {
      const watch = async () => {
        for await (const status of hostile.nats.status()) if (status.type === 'error') resolve(status.error)
      }
      void watch()
    })
    hostile.nats.publish(`${INBOXES_OF_RUNS}x`, 'no')
    assert.match(busProblem(await answered), /no publish of bench\.run\.inbox\.x;/)

    await presence.kv.put('a', JSON.stringify({ name: 'a', address: '10.0.0.1; reboot' }))
    const hosts = ['--hosts', server.url, '--nkey', 'runs.nk']
    const listed = await bench(['fleet', 'hosts', ...hosts], { cwd, env: ENV })
    assert.equal(listed.code, 0, listed.stderr)
    assert.equal(listed.stderr, 'note: a: 1 host with an impossible description, left out\n')
    assert.match(listed.stdout, /^b +127\.0\.0\.1:\d+ /m)
    assert.doesNotMatch(listed.stdout, /^a /m)
    // The one whose description was overwritten by its own key finds out, and ends.
    const { code, stderr } = await a.over()
    assert.equal(code, 1)
    assert.match(stderr, /^bench: --name a: another bench serve has taken that name; choose another$/m)
    b.kill('SIGTERM')
    assert.equal((await b.over()).code, 0)
  })

  test('a host that another run measures with is waited for at the end', async context => {
    const { cwd, server, as, join: words } = await guarded(context)
    await using _a = await startJoined([...words, '--name', 'a', '--nkey', 'a.nk'], { cwd })
    await using _b = await startJoined([...words, '--name', 'b', '--nkey', 'b.nk'], { cwd })
    await using other = await as('runs', newInboxOfRun())
    const lease = await (await Leases.open(other)).hold(['a'], 'another-run')
    const hosts = ['--hosts', server.url, '--nkey', 'runs.nk']
    const listed = await bench(['fleet', 'hosts', ...hosts], { cwd, env: ENV })
    assert.match(listed.stdout, /^a .* run another-run/m)
    const command = ['fleet', 'run', ...SMALL, ...hosts, '--out', 'f.csv']
    await using run = startBench(command, { cwd, env: ENV })
    await run.until('begin', ({ stderr }) => /--resume/.test(stderr))
    // All pairs are refused at once in their turn, and wait at the end.
    await sleep(3000)
    await lease[Symbol.asyncDispose]()
    const { code, stderr } = await run.over()
    assert.equal(code, 1)
    assert.doesNotMatch(stderr, /busy/)
    // Two servers of one host could reach what that host alone may reach.
    assert.match(stderr, /^not measured: .*belongs to this host/m)
  })

  test('says what is wrong with flags, in one line', async context => {
    const cwd = folder(context)
    writeFileSync(join(cwd, 'no.nk'), 'nothing\n')
    const run = (...words: readonly string[]) => bench(words, { cwd })
    assertRefused(
      await run('serve', '--join', 'nats://192.0.2.1'),
      'give a token',
      'or tls:// and --nkey or --creds',
    )
    // It may listen at more than loopback.
    assertRefused(await run('serve', '--join', 'nats://127.0.0.1'), 'give a token')
    assertRefused(await run('serve', '--join', 'bus'), '--join: "bus" does not name a NATS server')
    assertRefused(await run('serve', '--name', 'a'), '--name is for a NATS server; add --join nats://HOST')
    assertRefused(
      await run('serve', '--nkey', 'no.nk'),
      '--nkey is for a NATS server; add --join nats://HOST',
    )
    assertRefused(
      await run('serve', '--join', 'nats://127.0.0.1', '--name', 'a.b*'),
      '--name a.b*: not a name for a host',
    )
    assertRefused(
      await run('serve', '--join', 'nats://127.0.0.1', '--labels', 'zone'),
      '--labels: not a label: "zone"',
    )
    const both = ['--nkey', 'no.nk', '--creds', 'no.nk']
    assertRefused(await run('serve', '--join', 'nats://127.0.0.1', ...both), 'give one of them')
    assertRefused(
      await run('fleet', 'run', '--hosts', 'nats://127.0.0.1', '--nkey', 'none.nk'),
      '--nkey: cannot read none.nk',
    )
    assertRefused(
      await run('fleet', 'run', '--hosts', 'nats://127.0.0.1', '--nkey', 'no.nk'),
      'does not hold the seed of a user',
    )
    assertRefused(await run('fleet', 'run', '--hosts', 'nats://u:p@127.0.0.1'), 'has a password')
    assertRefused(
      await run('fleet', 'run', '--hosts', 'hosts.yaml', '--nkey', 'no.nk'),
      '--nkey is for a NATS server',
    )
    const gone = await run('fleet', 'hosts', '--hosts', 'nats://127.0.0.1:1')
    assert.equal(gone.code, 1)
    assertOneLine(gone, '127.0.0.1:1: nothing listens there; start nats-server -js')
  })
})
