/** `bench run --host` between two hosts with a router between: directions, engines, IP versions, names, files, options, TLS. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext } from 'node:test'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { ENGINES } from '../support/engines.ts'
import { ADDRESSES, withoutLab } from '../support/lab.ts'
import { test } from '../support/patient.ts'
import { folder, PICTURE } from './cli.ts'
import { sha256 } from './payloads.ts'
import { isStarved } from './rows.ts'
import { assertMeasured, PORT, run, startServer, useLab, withoutKoffi } from './two-hosts.ts'

const SKIP = withoutLab()
const ALL = ['--transport', 'tcp,udp-header,udp-marker,udp-datagram', '--chunk', '1024']
const DIRECTIONS = {
  forward: { words: [], names: ['forward'] },
  reverse: { words: ['--reverse'], names: ['reverse'] },
  bidir: { words: ['--bidir'], names: ['bidir-forward', 'bidir-reverse'] },
} as const

describe('between two hosts', { concurrency: 2, skip: SKIP }, () => {
  const hosts = useLab(SKIP)

  for (const { engine, family, words, names } of combinations())
    test(`${names.join(' and ')}, ${engine}, IPv${family}: every transport, everything arrives, and rows tell of both ends`, async context => {
      const host = family === 6 ? `[${ADDRESSES.b[6]}]:${PORT}` : ADDRESSES.b[4]
      const { rows } = await measured(context, ['--host', host, ...words, ...ALL, '--engine', engine])
      assert.equal(rows.length, 4 * names.length)
      assert.deepEqual(new Set(rows.map(row => row.direction)), new Set(names))
      // The flows of a trial are rows of one number.
      const flows = rows.map(row => `${row.trial} ${row.flow} ${row.direction}`).sort()
      const trials = [1, 2, 3, 4].flatMap(trial => names.map((name, at) => `${trial} ${at + 1} ${name}`))
      assert.deepEqual(flows, trials)
      for (const row of rows) {
        const told = JSON.stringify(row)
        assert.deepEqual([row.outcome, row.payload_intact, row.ip_family], ['completed', true, family], told)
        assert.deepEqual([row.engine, row.sender_engine, row.receiver_engine], [engine, engine, engine], told)
        const binding = engine === 'native' ? 'koffi' : undefined
        assert.deepEqual([row.sender_binding, row.receiver_binding], [binding, binding], told)
        assertBothEnds(row)
        assertClocks(row)
      }
    })

  test('inside TLS, resumed or not, both ways: the sender knows the certificate of the receiver, and auto takes an engine that has TLS', async context => {
    for (const [host, flags] of [
      [ADDRESSES.b[4], []],
      [`[${ADDRESSES.b[6]}]:${PORT}`, ['--resumption']],
    ] as const) {
      const words = ['--host', host, '--bidir', '--transport', 'tls', ...flags]
      const { rows } = await measured(context, words)
      assert.equal(rows.length, 2)
      for (const row of rows) {
        const told = JSON.stringify(row)
        assert.deepEqual([row.outcome, row.payload_intact, row.engine], ['completed', true, 'node'], told)
        // Resumed with a ticket of a connection before the clock started: there is no warm-up.
        assert.deepEqual([row.tls_version, row.tls_resumed], ['TLSv1.3', flags.length > 0], told)
        assert.ok((row.tls_ms ?? 0) > 0, told)
      }
    }
  })

  test('a file crosses and is known again by its digests; what arrives here is kept', async context => {
    const file = ['--file', PICTURE, '--transport', 'tcp,udp-header,udp-marker', '--rate', '400M']
    const { rows } = await measured(context, ['--host', ADDRESSES.b[4], ...file])
    for (const row of rows) {
      const told = JSON.stringify(row)
      assert.deepEqual([row.outcome, row.payload_intact], ['completed', true], told)
      assert.deepEqual([row.bytes_delivered, row.file], [readFileSync(PICTURE).length, 'picture.png'], told)
    }

    const kept = folder(context)
    await measured(context, ['--host', ADDRESSES.b[4], '--reverse', ...ALL, '--keep', kept])
    const names = readdirSync(kept)
    assert.equal(names.length, 4)
    const contents = names.map(name => readFileSync(join(kept, name)))
    assert(contents.every(content => content.length === 60_000))
    assert.equal(new Set(contents.map(sha256)).size, 1, names.join(', '))
  })

  test('engines that differ, where the other host has no native one', {
    skip: ENGINES.length < 2,
  }, async context => {
    await using server = await startServer({
      cwd: folder(context),
      at: [...hosts.lab.words('b'), ...withoutKoffi(folder(context))],
      listen: `[::]:${PORT + 1}`,
    })
    const host = ['--host', `${ADDRESSES.b[4]}:${server.port}`]
    for (const [words, engines] of [
      [[], ['native-node', 'native', 'node']],
      [['--reverse'], ['node-native', 'node', 'native']],
    ] as const) {
      const { rows } = await measured(context, [...host, ...words, ...ALL])
      for (const row of rows) {
        assert.deepEqual([row.engine, row.sender_engine, row.receiver_engine], engines)
        assert.equal(row.outcome, 'completed', JSON.stringify(row))
      }
    }
    const { code, stderr } = await hosts.run(context, [...host, '--engine', 'native'])
    assert.deepEqual(
      [code, stderr],
      [2, `bench: --engine native: ${ADDRESSES.b[4]} has only node; choose that, or leave it out\n`],
    )
  })

  test('options of sockets reach both ends, and what one of them cannot have is said before anything runs', {
    skip: ENGINES.length < 2,
  }, async context => {
    const sockets = ['--dscp', 'af41', '--rcvbuf', '256k', '--congestion', 'reno', '--mss', '1000']
    for (const words of [[], ['--reverse']]) {
      const { rows } = await measured(context, ['--host', ADDRESSES.b[4], ...words, ...sockets])
      for (const row of rows) {
        const told = JSON.stringify(row)
        assert.deepEqual([row.outcome, row.dscp], ['completed', 34], told)
        if (row.transport === 'tcp') assert.equal(row.congestion, 'reno', told)
      }
    }
    const refused = await hosts.run(context, ['--host', ADDRESSES.b[4], '--congestion', 'no-such-one'])
    assert.equal(refused.code, 2)
    assert.match(refused.stderr, /^bench: --congestion: .*no-such-one.*\n$/)
  })

  test('datagrams that the kernel cuts and glues', { skip: ENGINES.length < 2 }, async context => {
    for (const direction of [[], ['--reverse']]) {
      const offload = ['--transport', 'udp-header,udp-marker', '--chunk', '1400', '--offload', 'gso,gro']
      const { rows } = await measured(context, ['--host', ADDRESSES.b[4], ...direction, ...offload])
      for (const row of rows) {
        const told = JSON.stringify(row)
        assert.deepEqual([row.outcome, row.payload_intact], ['completed', true], told)
        assert.match(String(row.offload), /gso/, told)
      }
    }
  })

  test('between two other hosts: from the router to b, and neither is here', async context => {
    await using router = await startServer({ cwd: folder(context), at: hosts.lab.words('router') })
    const words = ['--from', `${ADDRESSES.router[4]}:${router.port}`, '--to', ADDRESSES.b[4], ...ALL]
    const { rows } = await measured(context, words)
    assert.equal(rows.length, 4)
    for (const row of rows) {
      assert.deepEqual([row.direction, row.outcome], ['third-party', 'completed'], JSON.stringify(row))
      assertBothEnds(row)
      assertClocks(row)
    }
  })

  async function measured(context: TestContext, words: readonly string[]) {
    const result = await hosts.run(context, words)
    assertMeasured(result)
    return result
  }
})

test('over loopback without a token, by the name localhost', async context => {
  const cwd = folder(context)
  await using server = await startServer({ cwd, listen: '127.0.0.1:0', token: undefined })
  const words = ['--host', `localhost:${server.port}`, '-4']
  const { code, rows, stderr } = await run(words, { cwd, token: undefined })
  assert.equal(code, 0, stderr)
  assert(rows.every(row => row.direction === 'forward' && row.outcome === 'completed'))
})

/** Every direction on every engine, and over both IP versions: the engines take them in turn. */
function combinations() {
  return ENGINES.flatMap((engine, first) =>
    Object.values(DIRECTIONS).map((direction, index) => {
      const family: 4 | 6 = (first + index) % 2 === 0 ? 4 : 6
      return { engine, family, ...direction }
    }),
  )
}

/** System, version and engine of both ends: here the same machine. */
function assertBothEnds(row: TrialRecord): void {
  const told = JSON.stringify(row)
  assert.deepEqual([row.sender_os, row.receiver_os], [row.os, row.os], told)
  assert.deepEqual([row.sender_host, row.receiver_host], [row.host, row.host], told)
  assert.deepEqual(
    [row.sender_bench_version, row.receiver_bench_version],
    [row.bench_version, row.bench_version],
  )
  for (const name of ['os_release', 'arch', 'cpu_model', 'node_version', 'engine'] as const) {
    assert(row[`sender_${name}`] !== undefined, told)
    assert(row[`receiver_${name}`] !== undefined, told)
  }
}

/** All these hosts read one clock: what is measured between them is right within the error that is told. */
function assertClocks(row: TrialRecord): void {
  const told = JSON.stringify(row)
  const { control_rtt_ms: rtt, clock_error_ms: error, delivery_ms: delivery, receive_ms: receive } = row
  assert(rtt !== undefined && rtt > 0, told)
  assert(error !== undefined && error > 0 && (error <= rtt + 1 || isStarved(row)), told)
  assert(receive !== undefined, told)
  // Unknown where clocks that are compared badly say that it arrived before it was sent.
  assert((delivery ?? 0) + error >= receive, told)
  if (row.total_ms !== undefined && row.ack_ms !== undefined)
    assert((delivery ?? 0) <= row.total_ms + error, told)
}
