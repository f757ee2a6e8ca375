/** Rows of a run as a stranger reads them, and what must hold of every one. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { parse } from 'csv-parse/sync'
import { COLUMNS, type TrialRecord } from '../../results/schema/columns.ts'
import { manifestSchema } from '../../results/schema/manifest.ts'
import { parseRecord } from '../../results/schema/record.ts'

/** Reads a CSV strictly by RFC 4180, and every row by the schema of a record. */
export function readCsv(path: string): TrialRecord[] {
  return parseCsv(readFileSync(path, 'utf8'))
}

export function parseCsv(text: string): TrialRecord[] {
  const [header, ...rows]: string[][] = parse(text, { record_delimiter: '\r\n', relax_column_count: false })
  assert.deepEqual(
    header,
    COLUMNS.map(column => column.name),
  )
  assert(text.endsWith('\r\n'))
  return rows.map(row => parseRecord(Object.fromEntries(COLUMNS.flatMap((_, at) => cell(row, at)))))
}

/** The lines of `--format jsonl`: how it was measured, and then the rows. */
export function parseRows(text: string): TrialRecord[] {
  const [first = '', ...rows] = text.trimEnd().split('\n')
  assert.equal(manifestSchema.parse(JSON.parse(first)).record, 'run')
  return rows.map(line => parseRecord(JSON.parse(line)))
}

/** The law of counts, and that the outcome says what the counts do. */
export function assertLaw(rows: readonly TrialRecord[]): void {
  for (const row of rows) {
    const what = JSON.stringify(row)
    if (row.outcome === 'failed' || row.outcome === 'timed-out') continue
    if (row.transport === 'tcp' || row.transport === 'tls') {
      assert.equal(row.datagrams_offered, undefined, what)
      assert.equal(row.outcome, 'completed', what)
    } else {
      const { datagrams_offered: offered, datagrams_accepted: accepted, datagrams_refused: refused } = row
      assert(offered !== undefined && accepted !== undefined && refused !== undefined, what)
      assert.equal(offered, accepted + refused, what)
      const chunks = Math.ceil((row.size_bytes ?? 0) / row.chunk_bytes)
      assert(row.transport === 'udp-datagram' ? offered === 1 : offered >= chunks, what)
      if (row.direction === 'local') {
        const { datagrams_delivered: delivered, datagrams_lost: lost } = row
        assert(delivered !== undefined && lost !== undefined, what)
        assert.equal(accepted, delivered + lost, what)
        assert.equal(row.loss_ratio, accepted === 0 ? undefined : Number((lost / accepted).toFixed(9)), what)
      }
      assert.equal(refused > 0, row.outcome === 'refused', what)
    }
    if (row.direction === 'local' && row.outcome === 'completed')
      assert.equal(row.bytes_delivered, row.size_bytes, what)
  }
}

/** Every round visits every case exactly once, and trials are numbered as they ran. */
export function assertRounds(rows: readonly TrialRecord[], rounds: number, cases: number): void {
  assert.equal(rows.length, rounds * cases)
  assert.deepEqual(
    rows.map(row => row.trial),
    rows.map((_, index) => index + 1),
  )
  const orders = Array.from({ length: rounds }, (_, index) =>
    rows.slice(index * cases, (index + 1) * cases).map(row => {
      assert.equal(row.round, index + 1)
      return caseOf(row)
    }),
  )
  for (const order of orders) {
    assert.equal(new Set(order).size, cases)
    assert.deepEqual([...order].sort(), [...(orders[0] ?? [])].sort())
  }
}

/** What tells a case from the others of a run. */
export function caseOf(row: TrialRecord): string {
  const { scenario, transport, size_bytes, chunk_bytes, file, max_datagram_bytes, sndbuf_asked_bytes } = row
  return JSON.stringify([
    scenario,
    transport,
    size_bytes,
    chunk_bytes,
    file,
    max_datagram_bytes,
    sndbuf_asked_bytes,
  ])
}

function cell(row: readonly string[], at: number): [string, unknown][] {
  const column = COLUMNS[at]
  const text = row[at]
  if (!column || text === undefined || text === '') return []
  if (column.type === 'string') return [[column.name, text]]
  if (column.type === 'boolean') {
    assert.match(text, /^(true|false)$/)
    return [[column.name, text === 'true']]
  }
  assert.match(text, /^-?\d+(\.\d+)?(e-?\d+)?$/)
  return [[column.name, Number(text)]]
}

/** On a busy machine an answer may take more than its second, and on one that stands still it comes when nobody waits for it any more. */
export function assertAnswered(row: TrialRecord, expected: number): void {
  const { answered = 0, answers_late: late = 0 } = row
  const what = `${answered} in time and ${late} late of ${expected}`
  assert.ok(isStarved(row) ? answered + late <= expected : answered + late === expected, what)
}

/** More wanted a CPU than could be served: what such a machine says of time is about itself. */
export function isStarved(row: TrialRecord): boolean {
  const {
    sender_load: load = 0,
    cpu_count: cpus,
    receiver_stall_ms: stallMs = 0,
    lateness_max_ms: lateMs = 0,
  } = row
  return load > 4 * cpus || Math.max(stallMs, lateMs) > STALL_MS
}

/** An answer may take a second. */
const STALL_MS = 300
