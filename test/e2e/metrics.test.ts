/** `--out prometheus:FILE`, `influx:FILE`, `otlp:URL`: what the programs that they are for make of them. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe } from 'node:test'
import { test } from '../support/patient.ts'
import { without } from '../support/programs.ts'
import { assertRefused, bench, folder, Running, withoutProc } from './cli.ts'
import { readCsv } from './rows.ts'

const SHORT = [
  '--size',
  '64k',
  '--chunk',
  '1024',
  '--transport',
  'tcp,udp-header',
  '--warmup',
  '0',
  '--processes',
  '1',
]
const SIX = [...SHORT, '--repeat', '6']
const TEN_MIN_MS = 600_000

describe('figures for programs that watch', { concurrency: 3, timeout: TEN_MIN_MS }, () => {
  test('an OpenTelemetry collector is posted every case once, when the run ends', async context => {
    const cwd = folder(context)
    const bodies: string[] = []
    const collector = createServer(async (request, response) => {
      let body = ''
      for await (const part of request) body += part
      bodies.push(body)
      response.setHeader('content-type', 'application/json')
      response.end('{}')
    }).listen(0, '127.0.0.1')
    context.after(() => collector.close())
    await once(collector, 'listening')
    const url = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/v1/metrics`
    const ran = await bench(['run', ...SIX, '-o', 'rows.csv', '-o', `otlp:${url}`], { cwd })
    assert.equal(ran.code, 0, ran.stderr)
    assert.match(ran.stderr, new RegExp(`^12 rows in rows.csv\nmetrics in otlp:${url}$`, 'm'))
    assert.equal(bodies.length, 1)
    const [resource] = JSON.parse(bodies[0] ?? '').resourceMetrics
    const [{ scope, metrics }] = resource.scopeMetrics
    assert.equal(scope.name, 'tcp-udp-bench')
    const pointsOf = (name: string) =>
      metrics.find((each: { name: string }) => each.name === name)?.gauge.dataPoints ?? []
    const transportsOf = (name: string) =>
      pointsOf(name).map(
        ({ attributes }: { attributes: { key: string; value: { stringValue: string } }[] }) =>
          attributes.find(({ key }) => key === 'transport')?.value.stringValue,
      )
    assert.deepEqual(transportsOf('bench_goodput_bytes_per_second').sort(), ['tcp', 'udp-header'])
    assert.deepEqual(transportsOf('bench_loss_ratio'), ['udp-header'])
    const totals = readCsv(join(cwd, 'rows.csv'))
      .filter(({ transport }) => transport === 'tcp')
      .map(({ total_ms }) => Number(total_ms) / 1000)
    const longest =
      pointsOf('bench_total_max_seconds')[transportsOf('bench_total_max_seconds').indexOf('tcp')]
    assert.ok(Math.abs(longest.asDouble - Math.max(...totals)) < 1e-6)
  })

  test('promtool finds nothing wrong, and node_exporter serves it', {
    skip: without('promtool') || without('prometheus-node-exporter'),
  }, async context => {
    const cwd = folder(context)
    mkdirSync(join(cwd, 'textfiles'))
    const out = ['-o', 'rows.csv', '-o', 'prometheus:textfiles/bench.prom']
    const ran = await bench(['run', ...SIX, ...out], { cwd })
    assert.equal(ran.code, 0, ran.stderr)
    const text = readFileSync(join(cwd, 'textfiles/bench.prom'), 'utf8')
    await using checked = new Running('promtool', ['check', 'metrics'], { cwd, input: text })
    assert.deepEqual(await checked.over(), { code: 0, signal: null, stdout: '', stderr: '' })

    const flags = [
      '--collector.disable-defaults',
      '--collector.textfile',
      '--collector.textfile.directory=textfiles',
    ]
    await using exporter = new Running(
      'prometheus-node-exporter',
      ['--web.listen-address=127.0.0.1:0', ...flags],
      { cwd },
    )
    const address = await exporter.until(
      'address',
      ({ stderr }) => /Listening on" address=(\S+)/.exec(stderr)?.[1],
    )
    const served = await (await fetch(`http://${address}/metrics`)).text()
    assert.match(served, /^node_textfile_scrape_error 0$/m)
    assert.match(served, /^bench_trials\{.*outcome="completed".*transport="tcp".*\} 6$/m)
    assert.match(served, /^bench_goodput_low_bytes_per_second\{.*transport="udp-header".*\} [1-9]/m)

    // The next run replaces the file.
    const again = await bench(['run', ...SHORT, '--repeat', '2', '--force', ...out], { cwd })
    assert.equal(again.code, 0, again.stderr)
    const served2 = await (await fetch(`http://${address}/metrics`)).text()
    assert.match(served2, /^bench_trials\{.*outcome="completed".*transport="tcp".*\} 2$/m)
    assert.doesNotMatch(served2, /bench_goodput_low/)
  })

  test('influxd takes a point for each row', { skip: without('influxd', ['version']) }, async context => {
    const cwd = folder(context)
    const ran = await bench(['run', ...SHORT, '--repeat', '3', '-o', 'rows.csv', '-o', 'influx:bench.lp'], {
      cwd,
    })
    assert.equal(ran.code, 0, ran.stderr)
    const config = [
      'reporting-disabled = true\nbind-address = "127.0.0.1:0"',
      '[meta]\ndir = "meta"\n[data]\ndir = "data"\nwal-dir = "wal"',
      '[http]\nbind-address = "127.0.0.1:0"',
    ]
    writeFileSync(join(cwd, 'influx.conf'), config.join('\n'))
    await using database = new Running('influxd', ['-config', 'influx.conf'], { cwd })
    const address = await database.until(
      'address',
      ({ stderr }) => /Listening on HTTP.* addr=(\S+)/.exec(stderr)?.[1],
    )
    const ask = async (path: string, body: string) => {
      const response = await fetch(`http://${address}/${path}`, {
        method: 'POST',
        body,
        headers: { 'content-type': path === 'query' ? 'application/x-www-form-urlencoded' : 'text/plain' },
      })
      assert(response.ok, await response.clone().text())
      return response.text()
    }
    await ask('query', `q=${encodeURIComponent('CREATE DATABASE bench')}`)
    await ask('write?db=bench', readFileSync(join(cwd, 'bench.lp'), 'utf8'))
    const question = 'SELECT count(trial), sum(bytes_delivered) FROM bench GROUP BY transport'
    const answer = JSON.parse(await ask('query', `db=bench&q=${encodeURIComponent(question)}`))
    const rows = readCsv(join(cwd, 'rows.csv'))
    for (const { tags, values } of answer.results[0].series) {
      const own = rows.filter(({ transport }) => transport === tags.transport)
      const bytes = own.reduce((sum, { bytes_delivered }) => sum + Number(bytes_delivered), 0)
      assert.deepEqual(values[0].slice(1), [3, bytes])
      assert.equal(own.length, 3)
    }
    assert.equal(answer.results[0].series.length, 2)
  })

  test('what cannot be written is refused before anything is measured', async context => {
    const cwd = folder(context)
    writeFileSync(join(cwd, 'notes.prom'), 'mine\n')
    for (const [out, what] of [
      ['otlp:localhost', '--out: otlp:localhost names no URL'],
      ['otlp:http://user:secret@127.0.0.1/', 'give it in OTEL_EXPORTER_OTLP_HEADERS'],
      ['promotheus:bench.prom', 'did you mean prometheus:bench.prom?'],
      ['influx:http://127.0.0.1:8086/write', 'is no file'],
      ['prometheus:./rows.csv', 'another output of this run has this name'],
      ['influx:rows.run.json', 'another output of this run has this name'],
      ['prometheus:', '--out: prometheus: names no file'],
      ['prometheus:notes.prom', 'it exists; choose another name or pass --force'],
      ['prometheus:none/bench.prom', 'there is no folder none'],
      ['influx:none/bench.lp', 'there is no folder none'],
      ['more.csv', '--out names more than one file'],
    ] as const) {
      const refused = await bench(['run', ...SHORT, '--repeat', '1', '-o', 'rows.csv', '-o', out], { cwd })
      assertRefused(refused, what)
    }
    assert.equal(readFileSync(join(cwd, 'notes.prom'), 'utf8'), 'mine\n')
  })

  test('what a collector does not take costs no results, and is said', async context => {
    const cwd = folder(context)
    const answers = [
      { status: 200, body: '{"partialSuccess":{"rejectedDataPoints":"5","errorMessage":"too old"}}' },
      { status: 404, body: 'no such path' },
    ]
    const said: { readonly path: string | undefined; readonly body: string }[] = []
    const collector = createServer(async (request, response) => {
      let body = ''
      for await (const part of request) body += part
      const answer = answers[said.length]
      said.push({ path: request.url, body })
      response.writeHead(answer?.status ?? 500, { 'content-type': 'application/json' }).end(answer?.body)
    }).listen(0, '127.0.0.1')
    context.after(() => collector.close())
    await once(collector, 'listening')
    const { port } = collector.address() as AddressInfo
    const closed = await closedPort()
    for (const [at, why, number] of [
      [port, 'cannot send all metrics', 0],
      [port, 'see whether it takes OTLP over HTTP at that path', 1],
      [closed, 'see whether a collector listens there', 2],
    ] as const) {
      const out = ['-o', `rows-${number}.csv`, '-o', `otlp:http://127.0.0.1:${at}`]
      const ran = await bench(['run', ...SHORT, '--repeat', '1', ...out], {
        cwd,
        env: { OTEL_SERVICE_NAME: 'ours', OTEL_EXPORTER_OTLP_TIMEOUT: '2000' },
      })
      assert.equal(ran.code, 1)
      assert.match(ran.stdout, /^tcp /m)
      assert.match(ran.stderr, /^bench: cannot send (?:all|the) metrics to http:.*; the rows are kept; .*$/m)
      assert.ok(ran.stderr.includes(why), ran.stderr)
      assert.equal(readCsv(join(cwd, `rows-${number}.csv`)).length, 2)
    }
    assert.deepEqual(
      said.map(({ path }) => path),
      ['/v1/metrics', '/v1/metrics'],
    )
    assert.match(said[0]?.body ?? '', /"service\.name","value":\{"stringValue":"ours"\}/)
    assert.match(said[0]?.body ?? '', /"key":"sender_host"/)
  })

  test('a place that takes no more costs neither trials nor rows', { skip: withoutProc }, async context => {
    const cwd = folder(context)
    for (const kind of ['influx', 'prometheus']) {
      const out = ['-o', `${kind}.csv`, '-o', `${kind}:/dev/full`]
      const ran = await bench(['run', ...SHORT, '--repeat', '3', ...out], { cwd })
      assert.equal(ran.code, 1)
      assert.match(ran.stdout, /^tcp /m)
      assert.equal(readCsv(join(cwd, `${kind}.csv`)).length, 6)
      assert.match(ran.stderr, /^bench: cannot write .*\/dev\/full: no space left there/m)
    }
  })

  test('a link keeps its place, and nothing else is left', async context => {
    const cwd = folder(context)
    mkdirSync(join(cwd, 'textfiles'))
    symlinkSync('textfiles/real.prom', join(cwd, 'link.prom'))
    const out = ['-o', 'rows.csv', '--force', '-o', 'prometheus:link.prom']
    for (const repeat of ['1', '2'])
      assert.equal((await bench(['run', ...SHORT, '--repeat', repeat, ...out], { cwd })).code, 0)
    assert.match(readFileSync(join(cwd, 'textfiles/real.prom'), 'utf8'), /outcome="completed"\} 2$/m)
    assert.ok(lstatSync(join(cwd, 'link.prom')).isSymbolicLink())
    assert.deepEqual(readdirSync(join(cwd, 'textfiles')), ['real.prom'])
  })
})

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
