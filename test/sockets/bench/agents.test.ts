/** A run with its agents: whatever becomes of them, the run goes on or ends, and leaves no process behind. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { flowHere } from '../../../bench/fleet/flow.ts'
import { blocksOf } from '../../../bench/measure/blocks.ts'
import { measureRun, type RunOptions } from '../../../bench/measure/run.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import type { Case, Plan } from '../../../scenarios/plan.ts'
import { BUILT_IN } from '../../../transports/catalog.ts'
import { GeneratedPayload } from '../../../transports/payload/generated.ts'
import { planOf } from '../../support/plans.ts'
import { leavesNothingOpen, NEVER } from '../../support/transfers.ts'

const HANG = { timeout: 60_000 }
const EXISTS = { ...HANG, skip: process.platform === 'linux' ? false : 'children are found in /proc' }

/** Every record of a run; `each` is called with it as it comes. */
async function recordsOf(
  plan: Plan,
  options: Partial<RunOptions> = {},
  each: (record: TrialRecord) => void | Promise<void> = () => {},
): Promise<TrialRecord[]> {
  const records: TrialRecord[] = []
  for await (const { record } of measureRun(blocksOf([[{ plan, flows: [flowHere(plan.engine)] }]]), {
    catalog: BUILT_IN,
    signal: NEVER,
    ...options,
  })) {
    records.push(record)
    await each(record)
  }
  return records
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
  assert.match(lost[0] ?? '', /^the \w+ was lost .*, and fresh ones go on$/)
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
      const failed = records.filter(each => each.outcome !== 'completed')
      assert.equal(failed.length, 1)
      assert.equal(failed[0]?.outcome, 'failed')
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

test(
  'a file that changes or goes away during the run fails its trials, and the run goes on with the same agents',
  EXISTS,
  () =>
    leavesNothingOpen(() =>
      inFolder(async folder => {
        const large = 40 << 20
        const changing = join(folder, 'changing.bin')
        const going = join(folder, 'going.bin')
        await writeFile(changing, Buffer.alloc(1000))
        // Its receiver makes memory ready for longer than its sender takes to miss it.
        const plan = planOf([
          { file: changing, sizeBytes: 999 },
          { file: going, sizeBytes: large },
          { transport: 'tcp', file: going, sizeBytes: large },
          {},
        ])
        const pids = new Set<number>()
        const records = await recordsOf(plan, {}, () => {
          for (const pid of children()) pids.add(pid)
        })
        assert.equal(records.length, 12)
        for (const record of records) {
          assert.equal(record.outcome, record.file === undefined ? 'completed' : 'failed')
          if (record.file === 'going.bin') assert.equal(record.error_code, 'ENOENT')
          if (record.file === 'changing.bin')
            assert.match(record.error_message ?? '', /changed .*1000 B instead of 999 B/)
          if (record.file !== undefined) assert.equal(record.error_phase, 'prepare')
        }
        assert.equal(pids.size, 2, 'an agent that answers is kept')
      }),
    ),
)

test('what arrived is kept, byte for byte, one file for each recorded trial', HANG, () =>
  leavesNothingOpen(() =>
    inFolder(async folder => {
      const keepDir = join(folder, 'kept')
      await mkdir(keepDir)
      const file = join(folder, 'picture.jpg')
      const picture = new GeneratedPayload(30_011, 7, 5).whole()
      await writeFile(file, picture)
      const plan = planOf(
        [
          { file, sizeBytes: picture.length },
          { file, sizeBytes: picture.length, transport: 'tcp' },
          { file, sizeBytes: picture.length, transport: 'udp-marker', chunkBytes: 3 },
          { file, sizeBytes: picture.length, transport: 'udp-datagram' },
          { sizeBytes: 5000 },
        ],
        { repeat: 1, warmup: 1 },
      )
      const records = await recordsOf(plan, { keepDir })
      const names = (await readdir(keepDir)).sort()
      assert.equal(names.length, 5)
      for (const [index, record] of records.entries()) {
        const name = names[index] ?? ''
        const kept = await readFile(join(keepDir, name))
        const extension = record.file === undefined ? 'bin' : 'jpg'
        const counter = String(record.trial).padStart(4, '0')
        assert.equal(name, `${record.run_id}-${counter}-${record.transport}.${extension}`)
        const sent = record.file === undefined ? new GeneratedPayload(5000, 1000, 1).whole() : picture
        // Loss is possible wherever datagrams are; what is whole has to be exact.
        if (record.outcome === 'completed') assert.ok(kept.equals(sent))
        assert.equal(record.payload_intact, kept.equals(sent))
        assert.equal(record.bytes_delivered, kept.length)
      }
      assert.ok(records.some(each => each.outcome === 'completed'))
    }),
  ),
)

test('a folder that is gone ends the run in one line: it would fail every trial', HANG, () =>
  leavesNothingOpen(async () => {
    const keepDir = join(tmpdir(), 'tcp-udp-bench-no-such-folder')
    await assert.rejects(recordsOf(planOf([{}, { transport: 'tcp' }], { repeat: 1 }), { keepDir }), {
      name: 'SetupError',
      message:
        /^cannot save what arrived to .*: it does not exist; make room, or name another folder with --keep$/,
    })
  }),
)

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tcp-udp-bench-'))
  try {
    await work(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Process ids of this process's living children, the oldest first. */
function children(): readonly number[] {
  const { pid } = process
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
    .trim()
    .split(/\s+/)
    .filter(Boolean)
    .map(Number)
}

test('two files of one name are told apart by their folders', HANG, () =>
  inFolder(async folder => {
    const [one, other] = [join(folder, 'one'), join(folder, 'other')]
    for (const each of [one, other]) await mkdir(each)
    await writeFile(join(one, 'p.bin'), Buffer.alloc(2000, 1))
    await writeFile(join(other, 'p.bin'), Buffer.alloc(2000, 2))
    const files = [one, other].map(each => ({ file: join(each, 'p.bin'), sizeBytes: 2000, transport: 'tcp' }))
    const records = await recordsOf(planOf(files, { repeat: 1 }))
    assert.deepEqual(
      records.map(each => each.file).sort(),
      files.map(each => each.file),
    )
    const alone = await recordsOf(planOf(files.slice(0, 1), { repeat: 1 }))
    assert.equal(alone[0]?.file, 'p.bin')
  }),
)
