/** A run with its agents: whatever becomes of them, the run goes on or ends, and leaves no process behind. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { AGENT_PROTOCOL } from '../../../bench/fleet/agent/version.ts'
import { flowHere } from '../../../bench/fleet/flow.ts'
import { LocalAgent } from '../../../bench/fleet/local/local.ts'
import { spawnAhead } from '../../../bench/fleet/local/spawn.ts'
import { blocksOf } from '../../../bench/measure/blocks.ts'
import { started } from '../../../bench/measure/fresh-agents.ts'
import { measureRun } from '../../../bench/measure/run.ts'
import { BUILT_IN } from '../../../bench/workloads/catalog.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import type { Case } from '../../../scenarios/plan.ts'
import { children, recordsOf } from '../../support/measured-runs.ts'
import { test } from '../../support/patient.ts'
import { planOf } from '../../support/plans.ts'
import { leavesNothingOpen, NEVER } from '../../support/transfers.ts'

const EXISTS = {
  timeout: 60_000,
  skip: process.platform === 'linux' ? false : 'children are found in /proc',
}

test('a run gives a record for each trial, and no child is left', EXISTS, () =>
  leavesNothingOpen(async () => {
    const plan = planOf([{}, { transport: 'tcp' }, { transport: 'udp-marker', ipFamily: 6 }], { warmup: 1 })
    let during: readonly number[] = []
    const records = await recordsOf(plan, {}, () => {
      during = children()
    })
    assert.equal(during.length, 2)
    assert.deepEqual(children(), [])
    assert.deepEqual(
      records.map(each => [each.outcome, each.error_message]),
      records.map(() => ['completed', undefined]),
    )
    assert.deepEqual(
      records.map(each => each.trial),
      [1, 2, 3, 4, 5, 6, 7, 8, 9],
    )
    assert.ok(records.every(each => each.payload_intact === true && (each.goodput_bps ?? 0) > 0))
  }),
)

test('a run whose program was removed ends, and does not fail trial by trial', async () => {
  const program = { node: '/nonexistent/node', main: '/nonexistent/main.js' }
  const flows = [flowHere('node', { program })]
  const measured = measureRun(blocksOf([[{ plan: planOf([{}], { warmup: 0 }), flows }]]), {
    catalog: BUILT_IN,
    signal: NEVER,
  })
  await assert.rejects(measured.next(), {
    name: 'SetupError',
    message: /process cannot be started: spawn \/nonexistent\/node ENOENT$/,
  })
})

test('an agent that ends in warm-up is told of, and one that a record speaks of is not', EXISTS, async () => {
  const lost: string[] = []
  const options = { lost: (what: string) => void lost.push(what) }
  await recordsOf(planOf([{}], { warmup: 2 }), options)
  assert.deepEqual(lost, [])
  let begun = 0
  const began = () => {
    if (begun++ === 1) process.kill(children()[0] ?? assert.fail(), 'SIGKILL')
  }
  const records = await recordsOf(planOf([{}], { warmup: 2 }), { ...options, began })
  assert(records.every(each => each.outcome === 'completed'))
  assert.equal(lost.length, 1)
  assert.match(lost[0] ?? '', /^the \w+ was lost .* \(.*SIGKILL\), and fresh ones go on$/)
  lost.length = 0
  const after = await recordsOf(planOf([{}], { warmup: 0 }), options, async ({ trial }) => {
    if (trial === 1) process.kill(children()[0] ?? assert.fail(), 'SIGKILL')
  })
  const failed = after.filter(each => each.outcome === 'failed')
  assert.equal(failed.length + lost.length, 1, JSON.stringify([failed, lost]))
})

test('a run that is not read to its end leaves no child', EXISTS, () =>
  leavesNothingOpen(async () => {
    for await (const { record } of measureRun(
      blocksOf([[{ plan: planOf([{}]), flows: [flowHere('node')] }]]),
      {
        catalog: BUILT_IN,
        signal: NEVER,
      },
    )) {
      assert.equal(record.trial, 1)
      break
    }
    assert.deepEqual(children(), [])
  }),
)

test('an agent that started ahead has said hello when it is used, once', EXISTS, () =>
  leavesNothingOpen(async () => {
    spawnAhead()
    const ahead = children()
    // Its second thread: it has said what it has to.
    while (!ahead.every(pid => readdirSync(`/proc/${pid}/task`).length > 7)) await sleep(10)
    await sleep(100)
    for (const pid of [...ahead, undefined]) {
      await using agent = new LocalAgent('agent', {})
      await started(agent, NEVER)
      assert.equal(agent.hello?.protocol, AGENT_PROTOCOL)
      assert.equal(pid === undefined || children().includes(pid), true)
    }
    // Not those that were to be started otherwise.
    spawnAhead()
    process.kill(children()[0] ?? assert.fail(), 'SIGKILL')
    await using pinned = new LocalAgent('agent', { cpus: [0] })
    await started(pinned, NEVER)
    while (children().length > 1) await sleep(10)
  }),
)

for (const index of [0, 1]) {
  test(`an agent that is killed in the middle fails its trial only (child ${index})`, EXISTS, () =>
    leavesNothingOpen(async () => {
      // Long enough to be in the middle of it: at 10 Mbit/s a second.
      const plan = planOf([{ sizeBytes: 1_250_000, rateBps: 10e6 }, { sizeBytes: 1000 }], { repeat: 2 })
      let killed = false
      let victim: number | undefined
      const began = (each: Case) => {
        if (killed || each.sizeBytes !== 1_250_000) return
        killed = true
        setTimeout(() => {
          victim = children()[index]
          if (victim !== undefined) process.kill(victim, 'SIGKILL')
        }, 400)
      }
      const records = await recordsOf(plan, { began })
      assert.ok(victim !== undefined)
      // On a busy machine others may lose a datagram.
      const failed = records.filter(each => !['completed', 'incomplete'].includes(each.outcome))
      assert.deepEqual(
        failed.map(each => each.outcome),
        ['failed'],
      )
      assert.equal(failed[0]?.error_code, 'AGENT_DIED')
      assert.match(failed[0]?.error_message ?? '', /SIGKILL/)
      assert.equal(records.length, 4)
      assert.deepEqual(children(), [])
    }),
  )
}

test('both agents killed between two trials: the run goes on with fresh ones', EXISTS, () =>
  leavesNothingOpen(async () => {
    const before: number[] = []
    const records = await recordsOf(planOf([{}], { repeat: 4 }), {}, async record => {
      if (record.trial !== 2) return
      before.push(...children())
      for (const pid of before) process.kill(pid, 'SIGKILL')
      while (children().length > 0) await new Promise(resolve => setImmediate(resolve))
    })
    assert.equal(before.length, 2)
    assert.equal(records.length, 4)
    assert.equal(records.filter(each => each.outcome === 'completed').length >= 3, true)
  }),
)

test('a run called off rejects with ABORTED, keeps what was recorded, and leaves no child', EXISTS, () =>
  leavesNothingOpen(async () => {
    for (const transport of ['tcp', 'udp-header', 'udp-marker']) {
      const off = new AbortController()
      const seen: TrialRecord[] = []
      // The second trial would take minutes: in the middle of it the run is called off.
      const plan = planOf([
        { transport, sizeBytes: transport === 'tcp' ? 2 ** 40 : 50_000_000, rateBps: 1e6 },
      ])
      const began = () => void setTimeout(() => off.abort(), 300)
      await assert.rejects(
        recordsOf(plan, { signal: off.signal, began }, record => void seen.push(record)),
        { code: 'ABORTED' },
      )
      assert.deepEqual(seen, [])
      assert.deepEqual(children(), [])
    }
  }),
)

test('a run called off beforehand rejects with ABORTED', EXISTS, () =>
  leavesNothingOpen(async () => {
    await assert.rejects(recordsOf(planOf([{}]), { signal: AbortSignal.abort() }), { code: 'ABORTED' })
    assert.deepEqual(children(), [])
  }),
)

test('a trial over its time is timed out, and the run goes on with the same agents', EXISTS, () =>
  leavesNothingOpen(async () => {
    const plan = planOf([{ sizeBytes: 1_000_000, rateBps: 1e5 }], { timeoutMs: 1500 })
    const pids = new Set<number>()
    const records = await recordsOf(plan, {}, () => {
      for (const pid of children()) pids.add(pid)
    })
    assert.deepEqual(
      records.map(each => [each.outcome, each.error_code]),
      records.map(() => ['timed-out', 'TIMEOUT']),
    )
    assert.equal(records.length, 3)
    assert.equal(pids.size, 2)
  }),
)
