import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { threadFactsSchema } from '../../../bench/fleet/calls/agent-calls.ts'
import {
  datagramColumns,
  givenColumns,
  sentColumns,
  threadColumns,
} from '../../../bench/workloads/report-columns.ts'
import { askedColumns } from '../../../scenarios/asked.ts'
import { socketInfoSchema, socketOptionsSchema } from '../../../transports/contract/socket-facts.ts'
import { received, sent } from '../../support/end-reports.ts'
import { test } from '../../support/patient.ts'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))

/** Names of the columns that have a value. */
function filled(columns: object): readonly string[] {
  return Object.entries(columns).flatMap(([name, value]) => (value === undefined ? [] : [name]))
}

const CASE = { transport: 'tcp', sizeBytes: 1, chunkBytes: 1, ipFamily: 4, seed: 1 } as const
/** Told with the drops of the host. */
const WITHIN_OTHERS = ['drops']
const PLAIN = filled(askedColumns({ ...CASE, socket: {} })).length

test('every option that is asked for, and every count of a socket or thread, reaches the row', () => {
  for (const key of Object.keys(socketOptionsSchema.shape))
    assert.equal(filled(askedColumns({ ...CASE, socket: { [key]: 1 } })).length, PLAIN + 1, key)
  for (const key of Object.keys(socketInfoSchema.shape).filter(each => !WITHIN_OTHERS.includes(each))) {
    const info = { [key]: 7 }
    const columns = givenColumns(sent({ state: {}, info }), received({ state: {}, info }))
    assert.equal(filled(columns).length, 1, key)
  }
  for (const key of Object.keys(threadFactsSchema.shape))
    assert.equal(filled(threadColumns('receiver', { [key]: 1 })).length, 1, key)
})

test('an unknown value leaves no trace, and 0 is a value', () => {
  assert.deepEqual(filled(givenColumns(undefined, undefined)), [])
  assert.deepEqual(filled(threadColumns('sender', undefined)), [])
  assert.equal(sentColumns(sent({ transferMs: 0 })).transfer_ms, 0)
  assert.deepEqual(filled(datagramColumns(undefined, received(), true)), [
    'datagrams_late',
    'datagrams_stray',
  ])
})

test('a counter that is added to the contract does not compile without a column', async context => {
  const scratch = mkdtempSync(join(tmpdir(), 'bench-contract-'))
  context.after(() => rmSync(scratch, { recursive: true }))
  for (const room of ['base', 'transports', 'scenarios', 'results', 'bench'])
    cpSync(join(ROOT, room), join(scratch, room), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(scratch, 'node_modules'))
  writeFileSync(join(scratch, 'package.json'), '{ "type": "module" }')
  const { compilerOptions } = JSON.parse(readFileSync(join(ROOT, 'tsconfig.json'), 'utf8'))
  writeFileSync(
    join(scratch, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: { ...compilerOptions, incremental: false, tsBuildInfoFile: null, noEmit: true },
      files: ['bench/workloads/report-columns.ts'],
    }),
  )
  const compiled = async () => {
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
    const run = promisify(execFile)(process.execPath, [tsc, '-p', scratch])
    return run.then(
      ({ stdout }) => stdout,
      ({ stdout }) => String(stdout),
    )
  }
  assert.equal(await compiled(), '')
  const contract = join(scratch, 'transports/contract/socket-facts.ts')
  const text = readFileSync(contract, 'utf8')
  const more = text.replace('  retransmits: count', '  reinjections: count.optional(),\n  retransmits: count')
  assert.notEqual(more, text)
  writeFileSync(contract, more)
  assert.match(await compiled(), /report-columns\.ts.*error.*'reinjections' is missing/)
})
