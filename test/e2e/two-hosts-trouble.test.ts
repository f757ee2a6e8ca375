/** Runs through a relay that loses, doubles, reorders and delays, and that cuts connections; servers and agents that are killed. */
import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { after, before, describe, type TestContext } from 'node:test'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { ENGINES } from '../support/engines.ts'
import { onceInThree } from '../support/once-in-three.ts'
import { test } from '../support/patient.ts'
import { loopbackHosts, Relay } from '../support/relay.ts'
import { childrenOf, folder, type Running } from './cli.ts'
import { assertLaw, isStarved } from './rows.ts'
import { assertMeasured, measured, run, type Server, startRun, startServer } from './two-hosts.ts'

/** Other systems have one address of loopback. */
const SKIP = process.platform === 'linux' ? false : 'this wants several addresses of loopback'
const FIRST_PORT = 6100
const PORTS: [number, number] = [FIRST_PORT, FIRST_PORT + 15]
const UDP = ['--chunk', '1000', '--rate', '50M']
/** As many as the smallest receive buffer holds: nothing is lost but what the relay loses. */
const CHUNKS = 80

describe('through a relay', { concurrency: 2, skip: SKIP }, () => {
  const hosts = loopbackHosts()
  let server: Server | undefined
  let relays = 0
  before(async () => {
    if (!SKIP) server = await serve(hosts.server, tmpdir())
  })
  after(() => server?.[Symbol.asyncDispose]())

  for (const engine of ENGINES) {
    test(`${engine}: 30 % of the datagrams are lost, and as many counted`, async context => {
      await using relay = await relayTo(server)
      relay.fate = (_, bytes) => (bytes.length === 1000 && Math.random() < 0.3 ? [] : [0])
      relay.fateBack = () => (Math.random() < 0.3 ? [] : [0])
      for (const transport of ['udp-header', 'udp-marker']) {
        const row = await one(context, relay, ['--transport', transport, '--engine', engine])
        const told = JSON.stringify(row)
        assert.equal(row.outcome, 'incomplete', told)
        assert.deepEqual([row.datagrams_accepted, row.datagrams_duplicated], [CHUNKS, 0], told)
        assert.equal(row.datagrams_delivered, distinct(relay.passed), told)
        // Unknown on the node engine, where other sockets have that port at other addresses.
        assert.deepEqual([row.loss_cause, row.socket_drops ?? 0], ['elsewhere', 0], told)
      }
      const stream = await through(context, relay, ['--transport', 'tcp,udp-header', '--engine', engine])
      assertMeasured(stream)
      assert(stream.rows.some(row => row.transport === 'tcp' && row.outcome === 'completed'))
    })

    test(`${engine}: doubled, late and out of order: all of it is counted, and nothing is lost`, async context => {
      await using relay = await relayTo(server)
      // The first is a marker or header, and the last may be one.
      relay.fate = (index, bytes) => {
        if (bytes.length < 1000) return index === 0 ? [0, 0] : [40]
        return index % 10 === 3 ? [0, 5] : index % 10 === 7 ? [15] : [0]
      }
      for (const transport of ['udp-header', 'udp-marker']) {
        const row = await one(context, relay, ['--transport', transport, '--engine', engine])
        const told = JSON.stringify(row)
        assert.deepEqual(
          [row.outcome, row.datagrams_lost, row.datagrams_delivered],
          ['completed', 0, CHUNKS],
          told,
        )
        // One that is doubled after the last may come when everything is settled already.
        assert((row.datagrams_duplicated ?? 0) >= CHUNKS / 10 - 3, told)
        assert((row.datagrams_reordered ?? 0) > 0, told)
        assert.equal(row.payload_intact, false, told)
      }
    })
  }

  test('a way of 60 ms and back: the round trip is a column, and the drain waits for what takes its time', context =>
    onceInThree(async () => {
      await using relay = await relayTo(server)
      relay.delayMs = 30
      // Of what is lost now and then, so that the drain comes to its end by itself; the last ones take three round trips.
      relay.fate = (index, bytes) =>
        bytes.length < 1000 ? [30] : index === 5 ? [] : index > CHUNKS - 10 ? [190] : [30]
      relay.fateBack = () => [30]
      for (const transport of ['udp-header', 'udp-marker']) {
        const row = await one(context, relay, ['--transport', transport])
        const told = JSON.stringify(row)
        // A timer may come a hair early.
        assert((row.control_rtt_ms ?? 0) >= 59, told)
        // The relay is late itself where this machine is busy.
        if (isStarved(row)) assert((row.datagrams_lost ?? 0) >= 1, told)
        else assert.deepEqual([row.datagrams_lost, row.datagrams_late], [1, 0], told)
        assert((row.delivery_ms ?? 0) >= 30 - (row.clock_error_ms ?? 0), told)
        assert((row.clock_error_ms ?? 0) >= 30, told)
      }
      relay.fate = () => [30]
      const rest = await through(context, relay, [
        '--transport',
        'tcp,udp-datagram,udp-header',
        '--size',
        '60000',
      ])
      assertMeasured(rest)
      assert(rest.rows.every(row => row.outcome === 'completed'))
    }))

  test('a control connection that breaks in the middle: that trial has failed, and the run goes on over another one', context =>
    onceInThree(async () => {
      await using relay = await relayTo(server)
      const rows = await disturbed(context, relay.host, () => relay.cutControl(), server)
      assertFailedOnce(rows)
      assert.equal(relay.connections, 2)
    }))

  test('no way back: data for the client are not sent elsewhere, and that is said soon', async context => {
    await using relay = await relayTo(server)
    const { code, rows } = await through(context, relay, ['--reverse', '--transport', 'udp-header,tcp'])
    assert.equal(code, 1)
    for (const row of rows) {
      assert.equal(row.outcome, 'failed')
      assert.match(row.error_message ?? '', /this server sends only to \S+,/)
    }
  })

  async function relayTo(to: Server | undefined): Promise<Relay & { readonly host: string }> {
    assert(to)
    const host = hosts.relay.replace(/\d+$/, String(3 + relays++))
    const setting = { host, server: { host: hosts.server, port: to.port }, ports: PORTS }
    return Object.assign(await Relay.open(setting), { host })
  }

  function through(context: TestContext, relay: { readonly host: string }, words: readonly string[]) {
    return run(['--host', `${relay.host}:${server?.port}`, ...withUdp(words)], { cwd: folder(context) })
  }

  /** The only row of a run, of which the relay took everything. */
  async function one(
    context: TestContext,
    relay: Relay & { readonly host: string },
    words: readonly string[],
  ): Promise<TrialRecord> {
    relay.taken.length = 0
    relay.passed.length = 0
    const result = await through(context, relay, words)
    assertMeasured(result)
    const [row] = result.rows
    assert(row)
    assert.equal(relay.taken.filter(({ length }) => length === 1000).length, row.datagrams_accepted)
    return row
  }
})

describe('a server that goes away', { concurrency: 2, skip: SKIP }, () => {
  for (const words of [[], ['--reverse']])
    test(`killed and started anew in the middle of a trial ${words.join('')}: the run goes on`, async context => {
      const { server: host } = loopbackHosts()
      const cwd = folder(context)
      const first = await serve(host, cwd)
      let second: Server | undefined
      context.after(() => Promise.all([first, second].map(each => each?.[Symbol.asyncDispose]())))
      const again = async () => {
        first.kill('SIGKILL')
        await first.ended
        second = await serve(host, cwd, first.port)
      }
      const message = assertFailedOnce(await disturbed(context, host, again, first, words))
      assert.match(message, /^the control connection to the server at \S+ is gone: /)
    })

  for (const words of [[], ['--reverse']])
    test(`whose agent is killed ${words.join('')}: that trial has failed, and the run goes on with another one`, async context => {
      const { server: host } = loopbackHosts()
      await using server = await serve(host, folder(context))
      const kill = () => {
        for (const pid of childrenOf(server.pid)) process.kill(pid, 'SIGKILL')
      }
      const rows = await disturbed(context, host, kill, server, words)
      const end = words.length > 0 ? 'sender' : 'receiver'
      assert.match(
        assertFailedOnce(rows),
        new RegExp(`^the ${end} at \\S+ is gone: its process ended by SIGKILL$`),
      )
    })

  test('for good: the run ends with an error, and what was measured is there', async context => {
    const { server: host } = loopbackHosts()
    const cwd = folder(context)
    await using server = await serve(host, cwd)
    await using running = begin(cwd, host, server.port, [])
    await running.until('row', ({ stdout }) => stdout.split('\n').length > 2)
    server.kill('SIGTERM')
    await server.ended
    running.kill('SIGINT')
    const { code, rows } = measured(await running.over())
    assert.equal(code, 130)
    assert(rows.length >= 1)
  })
})

/** What is done to a run of six trials in the middle of its third one. */
async function disturbed(
  context: TestContext,
  host: string,
  disturb: () => unknown,
  server: Server | undefined,
  words: readonly string[] = [],
): Promise<readonly TrialRecord[]> {
  assert(server)
  await using running = begin(folder(context), host, server.port, words)
  await running.until('second row', ({ stdout }) => stdout.split('\n').length > 3)
  // A trial takes 400 ms.
  await new Promise(resolve => setTimeout(resolve, 150))
  await disturb()
  const { code, rows, stderr } = measured(await running.over())
  assert.deepEqual([code, stderr], [1, ''], JSON.stringify(rows))
  assertLaw(rows)
  return rows
}

function begin(cwd: string, host: string, port: number, words: readonly string[]): Running {
  const slow = ['--transport', 'udp-header', '--size', '400000', '--rate', '8M', '--repeat', '6']
  return startRun(['--host', `${host}:${port}`, ...slow, '--timeout', '20s', ...words], { cwd })
}

/** Returns what the row of that trial says. */
function assertFailedOnce(rows: readonly TrialRecord[]): string {
  const told = JSON.stringify(rows.map(row => [row.outcome, row.error_code, row.error_message]))
  const failed = rows.filter(row => row.outcome === 'failed')
  assert.equal(rows.length, 6, told)
  assert.equal(failed.length, 1, told)
  assert.equal(failed[0]?.error_code, 'AGENT_DIED', told)
  assert.equal(rows.filter(row => row.outcome === 'completed').length, 5, told)
  assert.equal(rows.at(-1)?.outcome, 'completed', told)
  return failed[0]?.error_message ?? ''
}

function serve(host: string, cwd: string, port = 0): Promise<Server> {
  return startServer({ cwd, listen: `${host}:${port}`, words: ['--udp-ports', PORTS.join('-')] })
}

function withUdp(words: readonly string[]): string[] {
  return [...words, ...UDP, ...(words.includes('--size') ? [] : ['--size', String(CHUNKS * 1000)])]
}

/** Chunks, not counting doubles. */
function distinct(datagrams: readonly Buffer[]): number {
  return new Set(datagrams.filter(({ length }) => length === 1000).map(bytes => bytes.toString('latin1')))
    .size
}
