/** `bench run` over a path of 1,500 bytes, in a network of its own: what is cut there, what is fragmented, and what is refused. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, describe } from 'node:test'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { obstacleToNative } from '../../transports/engines/native/systems.ts'
import { Namespace, withoutNamespaces } from '../support/namespace.ts'
import { test } from '../support/patient.ts'
import { bench } from './cli.ts'
import { assertLaw, parseRows } from './rows.ts'

const SKIP = obstacleToNative() ?? withoutNamespaces()
const MTU = 1500
/** The longest datagram in one packet: less the headers of IP and UDP. */
const FITS = { 4: MTU - 28, 6: MTU - 48 } as const
/** A whole number of chunks of 2,000 B. */
const SIZE = 100_000
const CHUNKS = SIZE / 2000
/** What is refused whole, and in which words the kernel may be asked to send many datagrams at once. */
const REFUSED = {
  'df do': {},
  'df do, gso': { offload: 'gso' },
  'df do, gso,gro, zerocopy': { offload: 'gso,gro', zerocopy: true },
} as const

describe('over a path of 1,500 bytes', { skip: SKIP }, () => {
  let rows: readonly TrialRecord[] = []
  before(async () => {
    if (SKIP) return
    const cwd = mkdtempSync(join(tmpdir(), 'bench-e2e-'))
    const namespace = new Namespace(MTU)
    try {
      rows = await measured(cwd, namespace.words)
    } finally {
      namespace[Symbol.dispose]()
      rmSync(cwd, { recursive: true })
    }
  })

  for (const family of [4, 6] as const) {
    const fits = FITS[family]

    /** Rows of a variant, over both transports. */
    function rowsOf(variant: string, chunks: number): readonly TrialRecord[] {
      const found = rows.filter(row => row.ip_family === family && row.variant === variant)
      assert.equal(found.length, 2 * chunks, variant)
      return found
    }

    test(`IPv${family}: chunks that fit are cut by the kernel, longer ones are sent one by one, and all arrive`, () => {
      for (const row of rowsOf('cut', 4)) {
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

    for (const variant of Object.keys(REFUSED)) {
      test(`IPv${family}, ${variant}: what does not fit is refused, all of it and exactly`, () => {
        for (const row of rowsOf(variant, 2)) {
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

    test(`IPv${family}: an emulated limit below and above what the path takes`, () => {
      for (const row of rowsOf('limit below', 2)) {
        const told = JSON.stringify(row)
        assert.equal(row.limit_emulated, true, told)
        assert.deepEqual(
          [row.outcome, row.datagrams_refused, row.offload],
          row.chunk_bytes === 1400 ? ['completed', 0, 'gso'] : ['refused', CHUNKS, undefined],
          told,
        )
      }
      for (const row of rowsOf('limit above', 1))
        assert.deepEqual([row.outcome, row.offload, row.limit_emulated], ['completed', undefined, true])
    })

    test(`IPv${family}: zerocopy where nothing is cut: what the kernel refused to cut is no send`, () => {
      for (const row of rowsOf('zerocopy', 2)) {
        const told = JSON.stringify(row)
        assert.deepEqual(
          [row.outcome, row.payload_intact, row.datagrams_refused],
          ['completed', true, 0],
          told,
        )
        if (row.chunk_bytes === 1000) continue
        // The chunks, and a header or two markers: not what the kernel refused to cut.
        assert.equal(row.zerocopy_sends, CHUNKS + (row.transport === 'udp-marker' ? 2 : 1), told)
      }
    })
  }
})

/** All of it in one run: agents take longer to start than it takes. */
async function measured(cwd: string, at: readonly string[]): Promise<readonly TrialRecord[]> {
  const files = ([4, 6] as const).map(family => {
    const fits = FITS[family]
    const variants = [
      { label: 'cut', chunk: [1400, fits, fits + 1, 2000], offload: 'gso' },
      ...Object.entries(REFUSED).map(([label, keys]) => ({ label, chunk: [fits, 2000], df: 'do', ...keys })),
      { label: 'limit below', chunk: [1400, 2000], offload: 'gso', 'max-datagram': 1500 },
      { label: 'limit above', chunk: 2000, offload: 'gso', 'max-datagram': 2000 },
      { label: 'zerocopy', chunk: [1000, 2000], offload: 'gso', zerocopy: true },
    ]
    const common = { size: SIZE, transport: ['udp-header', 'udp-marker'], repeat: 1, warmup: 0, ip: family }
    writeFileSync(join(cwd, `mtu-${family}.yaml`), JSON.stringify({ ...common, variants }))
    return `mtu-${family}.yaml`
  })
  const { code, stdout, stderr } = await bench(['run', ...files, '--quiet', '--format', 'jsonl'], { cwd, at })
  assert.equal(code, 0, stderr)
  const rows = parseRows(stdout)
  assertLaw(rows)
  return rows
}
