/** `bench run` over a path of 1,500 bytes, in a network of its own: what is cut there, what is fragmented, and what is refused. */
import assert from 'node:assert/strict'
import { after, before, describe, type TestContext, test } from 'node:test'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { obstacleToNative } from '../../transports/engines/native/systems.ts'
import { Namespace, withoutNamespaces } from '../support/namespace.ts'
import { bench, folder } from './cli.ts'
import { assertLaw, parseRows } from './rows.ts'

const SKIP = obstacleToNative() ?? withoutNamespaces()
const MTU = 1500
/** The longest datagram in one packet: less the headers of IP and UDP. */
const FITS = { 4: MTU - 28, 6: MTU - 48 } as const
/** A whole number of chunks of 2,000 B. */
const SIZE = 100_000
const CHUNKS = SIZE / 2000

describe('over a path of 1,500 bytes', { concurrency: 2, skip: SKIP }, () => {
  let namespace: Namespace | undefined
  before(() => {
    if (!SKIP) namespace = new Namespace(MTU)
  })
  after(() => namespace?.[Symbol.dispose]())

  for (const family of [4, 6] as const) {
    const fits = FITS[family]

    test(`IPv${family}: chunks that fit are cut by the kernel, longer ones are sent one by one, and all arrive`, async context => {
      const words = ['--chunk', `1400,${fits},${fits + 1},2000`, '--offload', 'gso', `-${family}`]
      for (const row of await measured(context, words)) {
        const told = JSON.stringify(row)
        assert.equal(row.outcome, 'completed', told)
        assert.equal(row.datagrams_delivered, Math.ceil(SIZE / row.chunk_bytes), told)
        assert.deepEqual([row.payload_intact, row.datagrams_refused, row.df], [true, 0, 'want'], told)
        assert.deepEqual(
          [row.offload_asked, row.offload],
          ['gso', row.chunk_bytes <= fits ? 'gso' : undefined],
          told,
        )
        assert.equal(row.path_mtu_bytes, MTU, told)
      }
    })

    for (const offload of [[], ['--offload', 'gso'], ['--offload', 'gso,gro', '--zerocopy']]) {
      test(`IPv${family}, ${['--df do', ...offload].join(' ')}: what does not fit is refused, all of it and exactly`, async context => {
        const words = ['--chunk', `${fits},2000`, '--df', 'do', ...offload, `-${family}`]
        for (const row of await measured(context, words)) {
          const told = JSON.stringify(row)
          assert.deepEqual([row.df_asked, row.df, row.path_mtu_bytes], ['do', 'do', MTU], told)
          if (row.chunk_bytes === fits) {
            assert.equal(row.outcome, 'completed', told)
            assert.equal(row.payload_intact, true, told)
            continue
          }
          assert.deepEqual([row.outcome, row.error_code], ['refused', 'EMSGSIZE'], told)
          assert.deepEqual([row.refused_datagram_bytes, row.limit_emulated], [2000, false], told)
          const { datagrams_offered: offered, datagrams_refused: refused, datagrams_accepted: accepted } = row
          assert.deepEqual(
            [offered, refused, accepted, row.datagrams_delivered],
            [CHUNKS, CHUNKS, 0, 0],
            told,
          )
          assert.equal(row.offload, undefined, told)
        }
      })
    }
  }

  test('an emulated limit below and above what the path takes', async context => {
    const emulated = ['--chunk', '1400,2000', '--offload', 'gso', '--max-datagram', '1500']
    for (const row of await measured(context, emulated)) {
      const told = JSON.stringify(row)
      assert.equal(row.limit_emulated, true, told)
      assert.deepEqual(
        [row.outcome, row.datagrams_refused, row.offload],
        row.chunk_bytes === 1400 ? ['completed', 0, 'gso'] : ['refused', CHUNKS, undefined],
        told,
      )
    }
    const above = ['--chunk', '2000', '--offload', 'gso', '--max-datagram', '2000']
    for (const row of await measured(context, above))
      assert.deepEqual([row.outcome, row.offload, row.limit_emulated], ['completed', undefined, true])
  })

  test('zerocopy where nothing is cut: what the kernel refused to cut is no send', async context => {
    for (const row of await measured(context, ['--chunk', '1000,2000', '--offload', 'gso', '--zerocopy'])) {
      const told = JSON.stringify(row)
      assert.deepEqual([row.outcome, row.payload_intact, row.datagrams_refused], ['completed', true, 0], told)
      if (row.chunk_bytes === 1000) continue
      // The chunks, and a header or two markers: not what the kernel refused to cut.
      assert.equal(row.zerocopy_sends, CHUNKS + (row.transport === 'udp-marker' ? 2 : 1), told)
    }
  })

  async function measured(context: TestContext, words: readonly string[]): Promise<TrialRecord[]> {
    const quick = ['--transport', 'udp-header,udp-marker', '--repeat', '1', '--warmup', '0', '--quiet']
    const run = ['run', '--size', String(SIZE), ...quick, ...words, '--format', 'jsonl']
    const at = namespace?.words ?? []
    const { code, stdout, stderr } = await bench(run, { cwd: folder(context), at })
    assert.equal(code, 0, stderr)
    const rows = parseRows(stdout)
    assertLaw(rows)
    return rows
  }
})
