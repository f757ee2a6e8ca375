/** A result file of many realistic rows, written quickly: what reading and comparing are timed on. */
import { closeSync, openSync, writeSync } from 'node:fs'
import { seededRandom } from '../../base/random.ts'
import { COLUMNS, type ColumnName, type TrialRecord } from '../../results/schema/columns.ts'
import { encode } from '../../results/store/formats.ts'
import { datagrams, stream } from '../support/results-samples.ts'

export interface ManyRowsOptions {
  readonly rows: number
  readonly seed?: number
  /** Goodput of a trial is that of its cell times this. */
  readonly factor?: number
  /** Rounds of one run. */
  readonly rounds?: number
}

const SIZES = [65_536, 819_200, 8_388_608]
const CHUNKS = [512, 1024, 1472, 9216, 32_768, 65_507]
/** What differs from row to row; the rest of a row is that of its cell. */
const CHANGING = [
  'run_id',
  'started_at',
  'round',
  'trial',
  'rate_achieved_bps',
  'goodput_bps',
  'delivery_ms',
  'receive_ms',
  'total_ms',
  'transfer_ms',
  'sender_cpu_ms',
  'receiver_cpu_ms',
] as const satisfies readonly ColumnName[]

/** Writes `rows` rows of 54 cells in as many runs as it takes; returns the bytes of the file. Most columns are filled. */
export function writeManyRows(path: string, options: ManyRowsOptions): number {
  const { rows, seed = 1, factor = 1, rounds = 100 } = options
  const random = seededRandom(seed)
  const cells = templates()
  const file = openSync(path, 'w')
  let bytes = writeSync(file, `${COLUMNS.map(({ name }) => name).join(',')}\r\n`)
  let block: string[] = []
  try {
    for (let row = 0; row < rows; row++) {
      const trial = row % (cells.length * rounds)
      const run = Math.floor(row / (cells.length * rounds))
      const template = cells[row % cells.length]
      if (!template) continue
      const startedMs = Date.UTC(2026, 2, 1) + run * 3_600_000 + trial * 20
      const bps = template.goodputBps * factor * Math.exp(0.05 * (random() + random() + random() - 1.5))
      const ms = (8000 * template.sizeBytes) / bps
      const values = [
        `20260301T${String(run).padStart(6, '0')}Z-abcd`,
        new Date(startedMs).toISOString(),
        String(1 + Math.floor(trial / cells.length)),
        String(trial + 1),
        (bps * 1.31).toFixed(3),
        bps.toFixed(3),
        ms.toFixed(6),
        (ms * 0.87).toFixed(6),
        (ms * 1.06).toFixed(6),
        (ms * 0.93).toFixed(6),
        (ms * 0.41).toFixed(3),
        (ms * 0.38).toFixed(3),
      ]
      for (const [index, part] of template.parts.entries()) block.push(part, values[index] ?? '')
      if (block.length > 50_000 || row === rows - 1) {
        bytes += writeSync(file, block.join(''))
        block = []
      }
    }
  } finally {
    closeSync(file)
  }
  return bytes
}

interface Template {
  readonly sizeBytes: number
  readonly goodputBps: number
  /** The row without what changes: one part before each value of it, and one behind the last. */
  readonly parts: readonly string[]
}

function templates(): readonly Template[] {
  return SIZES.flatMap(size_bytes =>
    CHUNKS.flatMap(chunk_bytes =>
      (['tcp', 'udp-header', 'udp-marker'] as const).map((transport, index) => {
        const goodputBps = 4e9 * (chunk_bytes / (chunk_bytes + 6000)) * (1 - 0.2 * index)
        const values = { ...ENVIRONMENT, size_bytes, chunk_bytes, transport }
        const sample =
          transport === 'tcp'
            ? stream(goodputBps, { ...TCP, ...values })
            : datagrams(goodputBps, 0, { ...UDP, ...values })
        const marks = Object.fromEntries(CHANGING.map((name, at) => [name, MARK + at]))
        const [, line = ''] = encode('csv', [
          { ...sample, ...marks, run_id: String(MARK), started_at: String(MARK + 1) },
        ]).split('\r\n')
        return { sizeBytes: size_bytes, goodputBps, parts: `${line}\r\n`.split(MARKED) }
      }),
    ),
  )
}

/** Stands in a template for what changes. */
const MARK = 7_777_777_700
const MARKED = /77777777\d\d/

const END = {
  os: 'linux',
  os_release: '6.8.0-1021-aws',
  arch: 'x64',
  cpu_model: 'Intel(R) Xeon(R) Platinum 8488C CPU @ 2.40GHz',
  node_version: '24.11.1',
  bench_version: '0.1.0',
}
const HOST = 'ip-10-20-30-40.eu-central-1.compute.internal'

const ENVIRONMENT: Partial<TrialRecord> = {
  ...END,
  commit: '0123456789abcdef0123456789abcdef01234567',
  scenario: 'datagram-sizes',
  variant: 'default buffers',
  direction: 'forward',
  pinned_cpus: '0,1',
  cpu_count: 16,
  engine: 'native',
  host: HOST,
  sender_cpu_ms: 1,
  receiver_cpu_ms: 1,
  control_rtt_ms: 0.082,
  sender_host: HOST,
  receiver_host: HOST.replace('40', '41'),
  ...Object.fromEntries(
    ['sender', 'receiver'].flatMap(end => [
      ...Object.entries(END).map(([name, value]) => [`${end}_${name}`, value]),
      [`${end}_engine`, 'native'],
    ]),
  ),
  sndbuf_asked_bytes: 4_194_304,
  sndbuf_bytes: 8_388_608,
  rcvbuf_asked_bytes: 4_194_304,
  rcvbuf_bytes: 8_388_608,
  rcvbuf_forced: false,
  dscp: 0,
  df: 'want',
  path_mtu_bytes: 9001,
}

const UDP: Partial<TrialRecord> = {
  rate_bps: 2_000_000_000,
  rate_achieved_bps: 1,
  receive_ms: 1,
  transfer_ms: 1,
  datagrams_stray: 0,
  socket_drops: 0,
  rxq_overflow: 0,
  host_rcvbuf_errors: 0,
  host_in_errors: 0,
  offload_asked: 'gso,gro',
  offload: 'gso,gro',
}

const TCP: Partial<TrialRecord> = {
  rate_achieved_bps: 1,
  congestion_asked: 'cubic',
  congestion: 'cubic',
  mss_bytes: 8949,
  tcp_retransmits: 0,
  tcp_rtt_ms: 0.068,
  tcp_rttvar_ms: 0.067,
  tcp_min_rtt_ms: 0.004,
  tcp_cwnd_segments: 18,
  tcp_delivery_rate_bps: 37_040_888_888,
  tcp_pacing_rate_bps: 172_875_109_688,
  tcp_busy_ms: 2.5,
  tcp_rwnd_limited_ms: 0,
  tcp_sndbuf_limited_ms: 0,
}
