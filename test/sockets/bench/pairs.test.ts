/** Two sides measured by real agents: what rows say, who is alive and who works. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { UsageError } from '../../../base/errors.ts'
import { Flow, flowHere } from '../../../bench/fleet/flow.ts'
import { LocalHost } from '../../../bench/fleet/local/local.ts'
import { OUR_PROGRAM } from '../../../bench/fleet/local/spawn.ts'
import { runPairs } from '../../../bench/index.ts'
import { type Block, blocksOf, canShareAgents, narrowed, type Work } from '../../../bench/measure/blocks.ts'
import { type Measured, measureRun, type RunOptions } from '../../../bench/measure/run.ts'
import { BUILT_IN } from '../../../bench/workloads/catalog.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import type { Case } from '../../../scenarios/plan.ts'
import { test } from '../../support/patient.ts'
import { planOf } from '../../support/plans.ts'
import { leavesNothingOpen, NEVER } from '../../support/transfers.ts'

const HANG = { timeout: 60_000 }
const EXISTS = { ...HANG, skip: process.platform === 'linux' ? false : 'children are found in /proc' }

function side(...plan: Parameters<typeof planOf>): Work {
  return { plan: planOf(...plan), flows: [flowHere('node')] }
}

/** The same of agents that pass for another program's, since their path is another one. */
function elsewhere(each: Work): Work {
  const program = { ...OUR_PROGRAM, main: OUR_PROGRAM.main.replace('/agent/', '/./agent/') }
  return { ...each, flows: [flowHere('node', { program })] }
}

async function measured(
  a: Work,
  b: Work,
  options: Partial<RunOptions> = {},
  each: (record: TrialRecord) => void = () => {},
  chosen: (blocks: readonly Block[]) => readonly Block[] = blocks => blocks,
): Promise<Measured[]> {
  const records: Measured[] = []
  const blocks = chosen(
    blocksOf([
      [
        { ...a, side: 'a' },
        { ...b, side: 'b' },
      ],
    ]),
  )
  for await (const paired of measureRun(blocks, { catalog: BUILT_IN, signal: NEVER, ...options })) {
    records.push(paired)
    each(paired.record)
  }
  return records
}

test('rows of a round and case are a pair, one of each side, one after the other', EXISTS, () =>
  leavesNothingOpen(async () => {
    const cases = [{}, { transport: 'tcp' }]
    const pids = new Set<number>()
    const records = await measured(
      side(cases, { warmup: 1, repeat: 4 }),
      side(cases.map(each => ({ ...each, sizeBytes: 30_000 }))),
      {},
      () => children().forEach(pid => void pids.add(pid)),
    )
    assert.equal(pids.size, 2, 'both sides share their agents')
    assert.deepEqual(children(), [])
    assert.ok(records.every(({ record }) => record.process === 1))
    assert.deepEqual(
      records.map(({ record }) => record.trial),
      Array.from({ length: 16 }, (_, index) => index + 1),
    )
    for (let at = 0; at < records.length; at += 2) {
      const [one, other] = [records[at], records[at + 1]]
      assert.ok(one && other)
      assert.deepEqual([one.record.side, other.record.side].sort(), ['a', 'b'])
      assert.equal(one.pair, other.pair)
      assert.equal(one.record.round, other.record.round)
      assert.equal(one.record.round, Math.floor(at / 4) + 1)
      assert.equal(one.record.transport, cases[one.pair]?.transport ?? 'udp-header')
    }
    for (const { record } of records) {
      assert.equal(record.size_bytes, record.side === 'a' ? 20_000 : 30_000)
      assert.equal(record.outcome, 'completed', record.error_message)
    }
    assert.equal(new Set(records.map(({ record }) => record.run_id)).size, 1)
  }),
)

test('fresh processes come for both sides at once, and rows say which', EXISTS, () =>
  leavesNothingOpen(async () => {
    const one = side([{}], { repeat: 6, processes: 3, warmup: 0 })
    for (const [other, perRound] of [
      [side([{ sizeBytes: 30_000 }]), 1],
      [elsewhere(one), 2],
    ] as const) {
      const alive = new Map<number, Set<number>>()
      const records = await measured(one, other, {}, ({ process: number = 0 }) => {
        alive.set(number, new Set([...(alive.get(number) ?? []), ...children()]))
      })
      assert.deepEqual(children(), [])
      assert.equal(records.length, 12)
      for (let round = 1; round <= 6; round++) {
        const block = Math.ceil(round / 2)
        const numbers = records.flatMap(({ record }) => (record.round === round ? [record.process ?? 0] : []))
        // Numbers are given as processes begin: those of either side may be first.
        const expected = perRound === 1 ? [block, block] : [2 * block - 1, 2 * block]
        assert.deepEqual(
          numbers.sort((x, y) => x - y),
          expected,
        )
      }
      assert.equal(alive.size, 3 * perRound)
      const pids = [...alive.values()].flatMap(each => [...each])
      assert.equal(new Set(pids).size, 6 * perRound, 'each pair of processes is another one')
    }
  }),
)

test('the processes of other CPUs, of another program and with an end elsewhere are not shared', () => {
  const here = side([{}])
  assert.ok(canShareAgents([here, side([{ transport: 'tcp' }])]))
  assert.ok(!canShareAgents([here, elsewhere(here)]))
  const pinned = flowHere('node', { pins: { sender: 0, receiver: 1 } })
  assert.ok(!canShareAgents([here, { flows: [pinned] }]))
  const host = new LocalHost('node')
  const away = { ...host, isHere: false, agentsKey: 'another', environment: host.environment }
  const open = () => assert.fail('nothing is measured')
  const elsewhereHost = { ...away, open, [Symbol.asyncDispose]: async () => {} }
  assert.ok(!canShareAgents([here, { flows: [new Flow(host, { host: elsewhereHost })] }]))
  const toTarget = (port: number) => ({
    flows: [flowHere('node', { target: { host: '127.0.0.1', port, family: 4 } })],
  })
  assert.ok(!canShareAgents([here, toTarget(9)]))
  assert.ok(canShareAgents([toTarget(9), toTarget(10)]))
})

test('agents that wait for their turn take no CPU time', EXISTS, () =>
  leavesNothingOpen(async () => {
    // At 10 Mbit/s 400 ms each. The first rounds leave what could keep an agent awake.
    const long = side([{ sizeBytes: 500_000, rateBps: 10e6 }], { warmup: 1, repeat: 1 })
    const idle: number[][] = []
    const began = (_: Case, round: number) => {
      if (round > 0) idle.push([])
      const samples = idle.at(-1)
      if (round > 0 && samples) void sample(samples)
    }
    const sample = async (samples: number[]) => {
      await sleep(80)
      const before = children().map(pid => [pid, cpuMs(pid)] as const)
      await sleep(200)
      samples.push(...before.map(([pid, ms]) => cpuMs(pid) - ms).sort((x, y) => x - y))
    }
    await measured(long, elsewhere(long), { began })
    assert.equal(idle.length, 2)
    for (const [first = Number.NaN, second = Number.NaN] of idle)
      assert.ok(first < 5 && second < 5, `two of four agents are idle, and took ${first} and ${second} ms`)
  }),
)

test('a side that fails stays a row, and the other side and later rounds go on', EXISTS, () =>
  leavesNothingOpen(async () => {
    // Who was there when a side began for the first time is not of that side.
    const before = new Map<string, readonly number[]>()
    let killed = 0
    const began: RunOptions['began'] = (_, round, name = 'a') => {
      if (round === 1) before.set(name, children())
      if (round !== 2 || name !== 'b') return
      const [ofA = [], ofB = []] = ['a', 'b'].map(each => before.get(each))
      const victims = ofB.length === 0 ? ofA : children().filter(pid => !ofB.includes(pid))
      setTimeout(() => {
        for (const pid of victims) process.kill(pid, 'SIGKILL')
        killed = victims.length
      }, 120)
    }
    const slow = side([{ sizeBytes: 500_000, rateBps: 10e6 }], { repeat: 3 })
    const records = await measured(slow, elsewhere(slow), { began })
    assert.equal(records.length, 6)
    assert.equal(killed, 2)
    for (const { record } of records) {
      const died = record.round === 2 && record.side === 'b'
      assert.equal(record.error_code, died ? 'AGENT_DIED' : undefined, record.error_message)
      assert.equal(record.outcome, died ? 'failed' : 'completed')
    }
  }),
)

test('a run called off rejects with ABORTED and leaves no child', EXISTS, () =>
  leavesNothingOpen(async () => {
    const off = new AbortController()
    const slow = side([{ sizeBytes: 50_000_000, rateBps: 1e6 }])
    const began = () => void setTimeout(() => off.abort(), 300)
    await assert.rejects(measured(slow, slow, { signal: off.signal, began }), { code: 'ABORTED' })
    assert.deepEqual(children(), [])
  }),
)

test('only some pairs are measured again, as a run of their own', HANG, () =>
  leavesNothingOpen(async () => {
    const cases = side([{}, { transport: 'tcp' }, { transport: 'udp-marker' }], { repeat: 2 })
    const only = (blocks: readonly Block[]) => narrowed(blocks, (_, pair) => pair === 1)
    const records = await measured(cases, cases, {}, () => {}, only)
    assert.equal(records.length, 4)
    assert.ok(records.every(({ pair, record }) => pair === 1 && record.transport === 'tcp'))
  }),
)

test('cases without a partner are an error before anything runs', HANG, async () => {
  const [two, one] = [side([{}, { transport: 'tcp' }]), side([{}])]
  await assert.rejects(
    measured(two, one),
    error => error instanceof UsageError && /^A has 2 cases and B 1 case, /.test(error.message),
  )
})

test('a program measures two sides of a scenario, and is told which side is wrong', HANG, () =>
  leavesNothingOpen(async () => {
    const rows: TrialRecord[] = []
    const scenario = { size: 10_000, transport: 'udp-header' as const }
    const overrides = { repeat: 2, warmup: 0 }
    await assert.rejects(async () => {
      for await (const row of runPairs(scenario, { a: {}, b: { node: '/nowhere/node' } })) rows.push(row)
    }, /^UsageError: side B: node=\/nowhere\/node: no such program/)
    assert.equal(rows.length, 0)
    const a = { engine: 'node' }
    const b = { engine: 'node', overrides: { transports: ['tcp'] } }
    for await (const row of runPairs(scenario, { a, b }, { overrides })) rows.push(row)
    assert.deepEqual(rows.map(({ side, transport }) => `${side} ${transport}`).sort(), [
      'a udp-header',
      'a udp-header',
      'b tcp',
      'b tcp',
    ])
  }),
)

/** Process ids of this process's living children. */
function children(): readonly number[] {
  const { pid } = process
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
    .trim()
    .split(/\s+/)
    .filter(Boolean)
    .map(Number)
}

/** CPU time of a process so far, by its main thread's own account, which counts ns. */
function cpuMs(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ')[0]) / 1e6
}
