/** Rows of a fleet's run in the stream of a NATS server: a run goes on from them, and they become a file. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import { NatsServer, withoutNats } from '../support/nats.ts'
import { test } from '../support/patient.ts'
import { SimulatedHosts } from '../support/simulated-hosts.ts'
import { assertRefused, bench, folder, startBench } from './cli.ts'
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

    // A run whose file cannot be written never is one.
    writeFileSync(join(cwd, 'taken.csv'), '')
    assertRefused(await fleet('run', ...SMALL, '--out', 'taken.csv'), 'taken.csv: it exists')

    const words = ['fleet', 'run', ...SMALL, '--hosts', server.url, '--round', '5s', '--out', 'f.csv']
    await using running = startBench(words, { cwd })
    await running.until('the rows of a round', () => rowsIn(join(cwd, 'f.csv')) >= 4)
    running.kill('SIGINT')
    const first = await running.ended
    const [runId = ''] = /\d{8}T\d{6}Z-[a-z]{4}$/m.exec(first.stderr) ?? []
    assert.match(first.stderr, new RegExp(`^after a crash, go on with --resume ${runId}$`, 'm'))
    const begun = readCsv(join(cwd, 'f.csv'))
    const { length } = begun
    assert.deepEqual([length < 24, begun[0]?.run_id], [true, runId])
    assert.equal((await fleet('rows')).stdout, `${runId}  ${length} rows\n`)

    // The disk of whoever measured is gone.
    rmSync(join(cwd, 'f.csv'))
    const resumed = await fleet('run', ...SMALL, '--resume', runId, '--out', 'g.csv')
    assert.equal(resumed.code, 0, resumed.stderr)
    const rows = readCsv(join(cwd, 'g.csv'))
    assert.match(resumed.stderr, /^rows in the stream of 127\.0\.0\.1:\d+$/m)
    assert.deepEqual(rows.slice(0, length), begun)
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

  test('go on with the hosts that the run began with: one that is away is named, and one more left out', async context => {
    const server = await NatsServer.start()
    context.after(() => server[Symbol.asyncDispose]())
    const cwd = folder(context)
    const fleet = (...words: readonly string[]) =>
      bench(['fleet', 'run', ...SMALL, '--hosts', server.url, ...words], { cwd })
    const begin = async () => {
      await using _hosts = await SimulatedHosts.join(server, 4)
      return await fleet('--out', 'f.csv')
    }
    const first = await begin()
    assert.equal(first.code, 0, first.stderr)
    // As if killed when no pair of the last host had been measured.
    const lines = readFileSync(join(cwd, 'f.csv'), 'utf8').split('\r\n')
    const manifest = readFileSync(join(cwd, 'f.run.json'), 'utf8')
    writeFileSync(join(cwd, 'g.csv'), lines.filter(line => !line.includes('host-4')).join('\r\n'))
    writeFileSync(join(cwd, 'g.run.json'), manifest)
    const another = await NatsServer.start()
    context.after(() => another[Symbol.asyncDispose]())
    const resume = ['--hosts', another.url, '--resume', 'g.csv', '--out']
    const goOn = async (count: number, out: string) => {
      await using _hosts = await SimulatedHosts.join(another, count)
      return await bench(['fleet', 'run', ...SMALL, ...resume, out], { cwd })
    }
    const away = await goOn(3, 'away.csv')
    assert.equal(away.code, 1, away.stderr)
    assert.match(away.stderr, /^note: not there now, and of the run: host-4$/m)
    assert.match(away.stderr, /^not measured: .*host-4.*: host-4: it has left /m)
    assert.equal(readCsv(join(cwd, 'away.csv')).length, 12)
    const more = await goOn(5, 'more.csv')
    assert.equal(more.code, 0, more.stderr)
    assert.match(more.stderr, /^note: not of the run, and left out: host-5$/m)
    const pairs = readCsv(join(cwd, 'more.csv')).map(
      row => `${row.pair_from} ${row.pair_to} ${row.transport}`,
    )
    assert.deepEqual([pairs.length, new Set(pairs).size], [24, 24])
  })

  test('that the server has no room for cost neither trials nor rows of the file', async context => {
    const store = folder(context)
    const config = `jetstream { store_dir: ${JSON.stringify(store)}, max_file_store: 200MB }`
    const server = await NatsServer.start({ jetstream: false, config })
    context.after(() => server[Symbol.asyncDispose]())
    await using _hosts = await SimulatedHosts.join(server, 2)
    const cwd = folder(context)
    const words = ['fleet', 'run', ...SMALL, '--hosts', server.url, '--out', 'f.csv']
    const { code, stderr } = await bench(words, { cwd })
    assert.equal(code, 1)
    assert.match(stderr, /^bench: \S+, stream bench-rows: insufficient storage resources available; /m)
    assert.doesNotMatch(stderr, /go on with --resume|^rows in the stream/m)
    assert.equal(readCsv(join(cwd, 'f.csv')).length, 4)
  })
})

function rowsIn(path: string): number {
  return existsSync(path) ? readFileSync(path, 'utf8').split('\r\n').length - 2 : 0
}
