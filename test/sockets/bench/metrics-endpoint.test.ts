/** /metrics as clients of all kinds meet it. */
import assert from 'node:assert/strict'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { EventEmitter, once } from 'node:events'
import { connect } from 'node:net'
import { describe, type TestContext } from 'node:test'
import { Gauge, Registry } from 'prom-client'
import { SetupError } from '../../../base/errors.ts'
import { MetricsEndpoint } from '../../../bench/watch/endpoint.ts'
import { it } from '../../support/patient.ts'

const HERE = { host: '127.0.0.1', port: 0 }

async function open(context: TestContext, longestMs?: number) {
  const registry = new Registry()
  const gauge = new Gauge({
    name: 'bench_example',
    help: 'An example',
    labelNames: ['n'],
    registers: [registry],
  })
  gauge.set({ n: '0' }, 7)
  const endpoint = await MetricsEndpoint.open(HERE, registry, longestMs)
  context.after(() => endpoint[Symbol.asyncDispose]())
  return { endpoint, gauge, port: Number(new URL(endpoint.url).port) }
}

/** What comes back until the connection is closed; Node 24 and later may reset it behind an answer, when more was sent than they read. */
async function exchange(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  socket.on('error', () => {})
  let answer = ''
  socket.on('data', part => {
    answer += part
  })
  socket.write(text)
  await new Promise(resolve => socket.once('close', resolve))
  return answer
}

describe('/metrics', () => {
  it('is what the registry has at that moment', async context => {
    const { endpoint, gauge } = await open(context)
    const first = await fetch(endpoint.url)
    assert.equal(first.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
    assert.match(await first.text(), /^bench_example\{n="0"\} 7$/m)
    gauge.set({ n: '0' }, 8)
    assert.match(await (await fetch(`${endpoint.url}?name=x`)).text(), /^bench_example\{n="0"\} 8$/m)
    const head = await fetch(endpoint.url, { method: 'HEAD' })
    assert.deepEqual([head.status, await head.text()], [200, ''])
  })

  it('is all there is, and only to be read', async context => {
    const { endpoint, port } = await open(context)
    for (const path of ['/', '/metrics/', '/metricsx', '//metrics', '/../metrics.json'])
      assert.equal(
        (await exchange(port, `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`)).slice(9, 12),
        '404',
        path,
      )
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
      const { status, headers } = await fetch(endpoint.url, { method })
      assert.deepEqual([status, headers.get('allow')], [405, 'GET, HEAD'])
    }
    // It is not read: the answer comes before its end.
    const long = 'POST /metrics HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000000\r\n\r\n'
    assert.match(await exchange(port, `${long}${'x'.repeat(1000)}`), /^HTTP\/1\.1 405 /)
    assert.match(await exchange(port, 'SSH-2.0-OpenSSH_9.2\r\n\r\n'), /^HTTP\/1\.1 400 /)
    assert.match(
      await exchange(port, `GET /metrics HTTP/1.1\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`),
      /^HTTP\/1\.1 431 /,
    )
  })

  it('lets go of those that say nothing, that never end what they say, and that do not read', async context => {
    const { endpoint, gauge, port } = await open(context, 300)
    assert.equal(await exchange(port, ''), '')
    assert.doesNotMatch(await exchange(port, 'GET /metrics HTTP/1.1\r\nx'), /bench_example/)
    // More than the system's buffers hold.
    for (let n = 0; n < 200_000; n++) gauge.set({ n: `${n}-${'x'.repeat(100)}` }, n)
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.pause()
    socket.write('GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n')
    await new Promise(resolve => setTimeout(resolve, 1000))
    const closed = once(socket, 'close')
    socket.resume()
    await closed
    assert.ok(socket.bytesRead < 200_000 * 100, `${socket.bytesRead}`)
    gauge.reset()
    assert.equal((await fetch(endpoint.url)).status, 200)
  })

  it('those that hold many connections keep nobody out', async context => {
    const { endpoint, port } = await open(context)
    const held = Array.from({ length: 40 }, () => connect(port, '127.0.0.1').on('error', () => {}))
    await Promise.all(held.map(each => once(each, 'connect')))
    assert.equal((await fetch(endpoint.url)).status, 200)
    for (const each of held) each.destroy()
  })

  it('a connection that the system cannot give ends nothing', async context => {
    const { endpoint } = await open(context)
    let server: EventEmitter | undefined
    const onStart = (message: unknown) => {
      const { server: own } = message as { readonly server?: unknown }
      if (own instanceof EventEmitter) server = own
    }
    subscribe('http.server.request.start', onStart)
    await fetch(endpoint.url)
    unsubscribe('http.server.request.start', onStart)
    // As Node does it when accept fails.
    server?.emit('error', new Error('accept EMFILE'))
    assert(server)
    assert.equal((await fetch(endpoint.url)).status, 200)
  })

  it('a port that is taken is one line with a remedy', async context => {
    const { port } = await open(context)
    await assert.rejects(MetricsEndpoint.open({ ...HERE, port }, new Registry()), (error: unknown) => {
      assert.ok(error instanceof SetupError)
      assert.match(
        error.message,
        new RegExp(
          `^cannot serve metrics at 127.0.0.1, port ${port}: .*choose another port with --metrics-listen$`,
        ),
      )
      return true
    })
  })
})
