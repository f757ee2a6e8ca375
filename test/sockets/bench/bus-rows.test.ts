/** Rows in a stream of a real NATS server: each once, whatever is sent twice, and what is said where it takes none. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext } from 'node:test'
import { DiscardPolicy, jetstream, jetstreamManager, type StreamConfig } from '@nats-io/jetstream'
import { SetupError } from '../../../base/errors.ts'
import { type Bus, connectBus } from '../../../bench/fleet/bus/connection.ts'
import { openRows, ROWS_STREAM, readRun, type StoredRun, storedRuns } from '../../../bench/fleet/bus/rows.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { NatsServer, type NatsSetting, withoutNats } from '../../support/nats.ts'
import { test } from '../../support/patient.ts'
import { asWritten } from '../../support/result-files.ts'
import { manifest, stream } from '../../support/results-samples.ts'

const RUN = '20260301T120000Z-abcd'
const never = new AbortController().signal

async function busOf(context: TestContext, setting: NatsSetting = {}) {
  const server = await NatsServer.start(setting)
  context.after(() => server[Symbol.asyncDispose]())
  const bus = await connectBus({ host: server.host, port: server.port, tls: false })
  context.after(() => bus[Symbol.asyncDispose]())
  return { server, bus }
}

function open(bus: Bus, more: { readonly stored?: StoredRun; readonly awayMs?: number } = {}) {
  const options = { runId: RUN, manifest: manifest('fleet run'), signal: never }
  return openRows(bus, { ...options, ...more })
}

/** Trials of pairs of hosts, one each. */
function trialsOf(count: number, values: Partial<TrialRecord> = {}): readonly TrialRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const pair = { pair_from: `host-${index}`, pair_to: `host-${index + 1}` }
    return stream(1e9, { ...pair, trial: index + 1, flow: 1, ...values })
  })
}

async function write(bus: Bus, rows: readonly TrialRecord[], stored?: StoredRun): Promise<void> {
  const sink = await open(bus, stored ? { stored } : {})
  for (const each of rows) await sink.write(each)
  await sink.end()
}

async function messagesIn(bus: Bus): Promise<number> {
  const manager = await jetstreamManager(bus.nats)
  return (await manager.streams.info(ROWS_STREAM)).state.messages
}

/** A stream that an administrator has made. */
async function byHand(bus: Bus, config: Partial<StreamConfig>): Promise<void> {
  const manager = await jetstreamManager(bus.nats)
  await manager.streams.add({ name: ROWS_STREAM, subjects: ['bench.rows.*'], ...config })
}

describe('rows in a stream', { skip: withoutNats, concurrency: 2 }, () => {
  test('come back whole, with what was measured', async context => {
    const { bus } = await busOf(context)
    assert.deepEqual(await storedRuns(bus), new Map())
    assert.deepEqual((await readRun(bus, RUN, never)).records, [])
    const rows = trialsOf(1200)
    await write(bus, rows)
    const stored = await readRun(bus, RUN, never)
    assert.deepEqual(stored.records, asWritten(rows))
    assert.deepEqual(stored.manifest, manifest('fleet run'))
    assert.deepEqual([stored.ids.size, stored.lastTrial, stored.problems], [1201, 1200, []])
    assert.deepEqual(await storedRuns(bus), new Map([[RUN, 1201]]))
  })

  test('are there once, sent again within the time in which the server remembers them', async context => {
    const { bus } = await busOf(context)
    const rows = trialsOf(20)
    await write(bus, rows)
    await write(bus, rows)
    assert.equal(await messagesIn(bus), 21)
    assert.deepEqual((await readRun(bus, RUN, never)).records, asWritten(rows))
  })

  test('are read once, sent again later, and not sent again by who knows them', async context => {
    const { bus } = await busOf(context)
    await byHand(bus, { duplicate_window: 100e6 })
    const rows = trialsOf(20)
    await write(bus, rows)
    await new Promise(resolve => setTimeout(resolve, 1000))
    await write(bus, rows)
    assert.equal(await messagesIn(bus), 42)
    const stored = await readRun(bus, RUN, never)
    assert.deepEqual(stored.records, asWritten(rows))
    await write(bus, [...stored.records, ...trialsOf(1, { trial: 21 })], stored)
    assert.equal(await messagesIn(bus), 43)
  })

  test('of trials that lack a flow, or were measured twice, are left out', async context => {
    const { bus } = await busOf(context)
    const [whole = [], partial = []] = [7, 8].map(trial =>
      [1, 2].map(flow => stream(1e9, { streams: 2, trial, flow, pair_from: 'a', pair_to: `${trial}` })),
    )
    const again = { ...trialsOf(1)[0], ...stream(2e9), pair_from: 'host-0', pair_to: 'host-1', trial: 6 }
    await write(bus, [...trialsOf(2), ...whole, ...partial.slice(1), again])
    const stored = await readRun(bus, RUN, never)
    assert.deepEqual(stored.records, asWritten([...trialsOf(2), ...whole]))
    assert.equal(stored.lastTrial, 8)
  })

  test('that are none are named, and the others used', async context => {
    const { bus } = await busOf(context)
    const rows = trialsOf(3)
    await write(bus, rows)
    const client = jetstream(bus.nats)
    for (const text of ['{', '\u001b[2J', '', '[]', '{"run_id":"x"}', '{"record":"run"}'])
      await client.publish(`bench.rows.${RUN}`, text)
    const { records, problems } = await readRun(bus, RUN, never)
    assert.deepEqual(records, asWritten(rows))
    assert.match(
      problems.join('\n'),
      /^run 20260301T120000Z-abcd: 4 of 7 rows left out; the first, line 5: it is not JSON/m,
    )
  })

  test('survive a server that is killed while they are written', async context => {
    const { server, bus } = await busOf(context)
    const rows = trialsOf(300)
    const writing = write(bus, rows)
    for (let time = 0; time < 3; time++) {
      await new Promise(resolve => setTimeout(resolve, 50))
      await server.kill()
      await server.start()
    }
    await writing
    assert.equal(await messagesIn(bus), 301)
    assert.deepEqual((await readRun(bus, RUN, never)).records, asWritten(rows))
  })

  test('are not waited for forever', async context => {
    const { server, bus } = await busOf(context)
    const sink = await open(bus, { awayMs: 1500 })
    await server.kill()
    await assert.rejects(
      async () => sink.write(stream(1e9)),
      new SetupError(
        `${bus.name}, stream bench-rows: no row taken for 1.5 s: the NATS server does not answer; see whether the server runs; the file has all rows`,
      ),
    )
  })

  test('need room in the store of the server', async context => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-store-'))
    context.after(() => rmSync(folder, { recursive: true }))
    const config = `jetstream { store_dir: ${JSON.stringify(folder)}, max_file_store: 200KB }`
    const { bus } = await busOf(context, { jetstream: false, config })
    await assert.rejects(
      () => open(bus),
      /stream bench-rows: insufficient storage resources available; give the server a larger store \(max_file_store\), or make that stream smaller by hand \(max_bytes\)$/,
    )
    await byHand(bus, {})
    await assert.rejects(
      () => write(bus, trialsOf(1000)),
      /stream bench-rows: .*; give the server a larger store \(max_file_store\), or make that stream smaller by hand \(max_bytes\); the file has all rows$/,
    )
    assert((await readRun(bus, RUN, never)).records.length > 10)
  })

  test('say where a stream with limits of its own is full', async context => {
    const { bus } = await busOf(context)
    await byHand(bus, { max_bytes: 50_000, discard: DiscardPolicy.New })
    await assert.rejects(
      () => write(bus, trialsOf(100)),
      /maximum bytes exceeded; .*; the file has all rows$/,
    )
    const manager = await jetstreamManager(bus.nats)
    await manager.streams.delete(ROWS_STREAM)
    await byHand(bus, { max_bytes: 50_000 })
    await assert.rejects(
      () => write(bus, trialsOf(100)),
      /it was full, and dropped the first rows of this run; make it larger \(max_bytes\); the file has all rows$/,
    )
    assert.equal((await readRun(bus, RUN, never)).manifest, undefined)
  })
})
