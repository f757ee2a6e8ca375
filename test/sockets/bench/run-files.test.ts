/** Files of a run: what is sent, what is kept, and what becomes of the run where they change or go away. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GeneratedPayload } from '../../../transports/payload/generated.ts'
import { children, recordsOf } from '../../support/measured-runs.ts'
import { test } from '../../support/patient.ts'
import { planOf } from '../../support/plans.ts'
import { leavesNothingOpen } from '../../support/transfers.ts'

const HANG = { timeout: 60_000 }
const EXISTS = { ...HANG, skip: process.platform === 'linux' ? false : 'children are found in /proc' }

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
      message: /^cannot save what arrived to .*: it does not exist; name another folder with --keep$/,
    })
  }),
)

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

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tcp-udp-bench-'))
  try {
    await work(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}
