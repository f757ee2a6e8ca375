/** Rows of a fleet's run in the stream of a NATS server: a run goes on from them, and they become a file. */
import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import { NatsServer, withoutNats } from '../support/nats.ts'
import { test } from '../support/patient.ts'
import { SimulatedHosts } from '../support/simulated-hosts.ts'
import { assertRefused, bench, folder } from './cli.ts'
import { parseRows, readCsv } from './rows.ts'

const SMALL = [
  ...['--size', '20k', '--transport', 'tcp,udp-header'],
  ...['--serial', '0', '--warmup', '0', '--no-chart'],
]

describe('rows in the stream of a NATS server', { skip: withoutNats }, () => {
  test('are listed by run, written as a file, and the start of a run that goes on', async context => {
    const server = await NatsServer.start()
    context.after(() => server[Symbol.asyncDispose]())
    await using hosts = await SimulatedHosts.join(server, 4)
    const cwd = folder(context)
    const fleet = (...words: readonly string[]) => bench(['fleet', ...words, '--hosts', server.url], { cwd })
    const none = await fleet('rows')
    assert.match(none.stdout, /^no run has rows in the stream of 127\.0\.0\.1:\d+$/m)

    const first = await fleet('run', ...SMALL, '--sample', '1', '--out', 'f.csv')
    assert.equal(first.code, 0, first.stderr)
    const [runId = ''] = /\d{8}T\d{6}Z-[a-z]{4}$/m.exec(first.stderr) ?? []
    assert.match(first.stderr, new RegExp(`^after a crash, go on with --resume ${runId}$`, 'm'))
    assert.match(first.stderr, /^rows in the stream of 127\.0\.0\.1:\d+$/m)
    const begun = readCsv(join(cwd, 'f.csv'))
    assert.deepEqual([begun.length, begun[0]?.run_id], [4, runId])
    assert.equal((await fleet('rows')).stdout, `${runId}  4 rows\n`)

    // The disk of whoever measured is gone.
    rmSync(join(cwd, 'f.csv'))
    const resumed = await fleet('run', ...SMALL, '--resume', runId, '--out', 'g.csv')
    assert.equal(resumed.code, 0, resumed.stderr)
    const rows = readCsv(join(cwd, 'g.csv'))
    assert.deepEqual(rows.slice(0, 4), begun)
    const whats = rows.map(row => `${row.pair_from} ${row.pair_to} ${row.transport}`)
    assert.deepEqual([rows.length, new Set(whats).size], [24, 24])
    assert.deepEqual(
      [new Set(rows.map(row => row.run_id)).size, new Set(rows.map(row => row.trial)).size],
      [1, 24],
    )
    assert.equal((await fleet('rows')).stdout, `${runId}  24 rows\n`)

    const written = await fleet('rows', runId, '--out', 'h.jsonl')
    assert.deepEqual([written.code, written.stderr], [0, '24 rows in h.jsonl\n'])
    assert.deepEqual(parseRows(readFileSync(join(cwd, 'h.jsonl'), 'utf8')), rows)
    await fleet('rows', runId)
    assert.deepEqual(readCsv(join(cwd, `bench-results/${runId}.csv`)), rows)

    // What a file that was cut off lacks is taken from the stream, and not measured again.
    const lines = readFileSync(join(cwd, 'g.csv'), 'utf8').split('\r\n')
    writeFileSync(join(cwd, 'g.csv'), `${lines.slice(0, 20).join('\r\n')}\r\n${lines[20]?.slice(0, 90)}`)
    const again = await fleet('run', ...SMALL, '--resume', 'g.csv', '--out', 'i.csv')
    assert.equal(again.code, 0, again.stderr)
    assert.match(again.stderr, /^warning: g\.csv: 1 of 20 rows left out; the first, line 21: it is cut off$/m)
    const byTrial = (all: typeof rows) => all.toSorted((a, b) => a.trial - b.trial)
    assert.deepEqual(byTrial(readCsv(join(cwd, 'i.csv'))), byTrial(rows))
    assert.equal((await fleet('rows')).stdout, `${runId}  24 rows\n`)
    assert.deepEqual(hosts.violations, [])

    const other = await fleet('run', ...SMALL, '--size', '30k', '--resume', runId)
    assertRefused(other, 'it measured something else; give the same words as then')
    assertRefused(
      await fleet('run', '--resume', '20261121T094512Z-kqzv'),
      'run 20261121T094512Z-kqzv: the stream bench-rows of',
    )
    assertRefused(await fleet('rows', 'yesterday'), 'bench fleet rows yesterday: name one run')
    writeFileSync(join(cwd, 'hosts.yaml'), 'hosts: {a: 127.0.0.1, b: 127.0.0.2}\n')
    const file = (...words: readonly string[]) => bench(['fleet', ...words, '--hosts', 'hosts.yaml'], { cwd })
    assertRefused(await file('rows'), '--hosts hosts.yaml: rows are read from the stream of a NATS server')
    assertRefused(await file('run', '--resume', runId), `--resume ${runId}: a run is read from the stream`)
  })
})
