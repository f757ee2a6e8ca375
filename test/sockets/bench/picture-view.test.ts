/** `bench receive --view`: what its server answers, whoever asks, and whatever came. */
import assert from 'node:assert/strict'
import { type IncomingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { hostsAt, PictureView } from '../../../bench/cli/transfers/picture-view.ts'
import { makePayload } from '../../../transports/payload/made.ts'
import { test } from '../../support/patient.ts'
import { leavesNothingOpen } from '../../support/transfers.ts'

const HANG = { timeout: 30_000 }

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

interface Asking {
  readonly host?: string
  readonly method?: string
}

function ask(view: PictureView, path: string, { host, method }: Asking = {}): Promise<Answer> {
  const { hostname, port } = new URL(view.url)
  return new Promise((resolve, reject) => {
    const headers = host === undefined ? {} : { Host: host }
    const asked = request({ hostname, port, path, method, headers, agent: false }, async response => {
      const parts: Buffer[] = []
      for await (const part of response) parts.push(part)
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) })
    })
    asked.on('error', reject)
    asked.end()
  })
}

const listOf = async (view: PictureView) => JSON.parse((await ask(view, '/list')).body.toString())

/** @param work with a view that is closed afterwards, whatever was left open */
const withView = (work: (view: PictureView) => Promise<void>) => () =>
  leavesNothingOpen(async () => {
    await using view = await PictureView.open(0)
    await work(view)
  })

test(
  'a picture is served as what it is, byte for byte, and as nothing else',
  HANG,
  withView(async view => {
    for (const kind of ['png', 'jpeg', 'bmp'] as const) {
      const bytes = makePayload(kind, 5000, 1)
      // It may come in parts, and the memory of these may be used again.
      const parts = [bytes.subarray(0, 4000), bytes.subarray(4000)].map(each => Buffer.from(each))
      view.add(`0001  tcp  ${kind}`, parts)
      for (const part of parts) part.fill(0)
      const [{ id, line, size }] = await listOf(view)
      assert.equal(line, `0001 · tcp · ${kind}`)
      assert.ok(size.width > 0 && size.height > 0)
      const { status, headers, body } = await ask(view, `/picture/${id}`)
      assert.deepEqual([status, headers['content-type']], [200, `image/${kind}`])
      assert.ok(body.equals(bytes))
      assert.equal(headers['x-content-type-options'], 'nosniff')
      assert.equal(headers['content-security-policy'], "default-src 'none'; sandbox")
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin')
      const head = await ask(view, `/picture/${id}`, { method: 'HEAD' })
      assert.deepEqual([head.status, head.headers['content-length'], head.body.length], [200, '5000', 0])
    }
  }),
)

const png = (width: number, height: number) => {
  const bytes = Buffer.from('89504e470d0a1a0a0000000d49484452000000000000000008020000000000000000', 'hex')
  bytes.writeUInt32BE(width, 16)
  bytes.writeUInt32BE(height, 20)
  return bytes
}

for (const [what, bytes, why] of [
  [
    'SVG',
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
    /^not a PNG, JPEG or BMP$/,
  ],
  ['HTML', Buffer.from('<!doctype html><script>alert(1)</script>'), /^not a PNG/],
  ['GIF', Buffer.from('GIF89a<script>alert(1)</script>'), /^not a PNG/],
  ['nothing', Buffer.alloc(0), /^not a PNG/],
  ['a PNG of 60,000 x 60,000', png(60_000, 60_000), /too many pixels/],
  ['a PNG of 2^31 x 2', png(2 ** 31, 2), /too many pixels/],
  ['a PNG without a size', png(0, 1), /the beginning is missing/],
  ['a PNG cut off in its header', png(10, 10).subarray(0, 12), /the beginning is missing/],
  ['a JPEG without a frame', Buffer.from('ffd8ffe000', 'hex'), /^a jpeg of which the beginning is missing/],
  ['a BMP of two bytes', Buffer.from('BM'), /^a bmp/],
  ['too much', Buffer.concat([png(10, 10), Buffer.alloc(17 << 20)]), /^17,825,\d+ B are too many/],
] as const)
  test(
    `${what} is listed, and not served`,
    HANG,
    withView(async view => {
      view.add('0001  <b>tcp</b>', [bytes])
      const [{ id, size, why: said }] = await listOf(view)
      assert.equal(size, undefined)
      assert.match(said, why)
      const { status, body } = await ask(view, `/picture/${id}`)
      assert.deepEqual([status, body.toString()], [404, 'nothing is here\n'])
    }),
  )

test(
  'keeps twelve, and of large ones as many as fit into 64 MiB',
  HANG,
  withView(async view => {
    for (let count = 0; count < 20; count++) view.add(`${count}`, [png(10, 10)])
    const list: readonly { readonly id: number; readonly line: string }[] = await listOf(view)
    assert.deepEqual(
      list.map(each => each.line),
      Array.from({ length: 12 }, (_, at) => `${19 - at}`),
    )
    assert.equal((await ask(view, '/picture/1')).status, 404)
    const large = Buffer.alloc(16 << 20)
    png(10, 10).copy(large)
    for (let count = 0; count < 6; count++) view.add('large', [large])
    assert.equal((await listOf(view)).length, 4)
  }),
)

test(
  'answers only who names it as this host, and only to look',
  HANG,
  withView(async view => {
    view.add('0001', [png(10, 10)])
    const { port } = new URL(view.url)
    for (const path of ['/', '/list', '/picture/1']) {
      for (const host of [
        'evil.example',
        `evil.example:${port}`,
        '127.0.0.1',
        'localhost:1',
        `127.0.0.1.:${port}`,
      ])
        assert.equal((await ask(view, path, { host })).status, 421, `${path} ${host}`)
      assert.equal((await ask(view, path, { host: `localhost:${port}` })).status, 200)
      for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
        assert.equal((await ask(view, path, { method })).status, 405, method)
    }
    for (const path of [
      '/picture/../../etc/passwd',
      '/..%2f..%2fetc/passwd',
      '/picture/1/',
      '/picture/-1',
      '//',
      '/list?',
      '/picture/1e0',
      '*',
    ])
      assert.equal((await ask(view, path)).status, 404, path)
    const { headers } = await ask(view, '/')
    const policy = String(headers['content-security-policy'])
    assert.match(policy, /^default-src 'none'; script-src 'sha256-[^']+'; style-src-elem 'sha256-[^']+'/)
    assert.match(policy, /frame-ancestors 'none'/)
    assert.ok(!policy.includes('unsafe'))
  }),
)

test('at the usual port of HTTP, which browsers leave out, it is named without one, too', () => {
  assert.deepEqual(hostsAt(8000), ['127.0.0.1:8000', 'localhost:8000'])
  assert.deepEqual(hostsAt(80), ['127.0.0.1:80', 'localhost:80', '127.0.0.1', 'localhost'])
})

test(
  'is not reached at another address of this host',
  HANG,
  withView(async view => {
    const others = Object.values(networkInterfaces())
      .flatMap(each => each ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4')
    for (const { address } of others) {
      const socket = connect(Number(new URL(view.url).port), address)
      const code = await new Promise(resolve => {
        socket.on('connect', () => resolve('connected'))
        socket.on('error', error => resolve(Reflect.get(error, 'code')))
      })
      socket.destroy()
      assert.equal(code, 'ECONNREFUSED', address)
    }
  }),
)

test('closes, though somebody has sent half a request, and says nonsense', HANG, () =>
  leavesNothingOpen(async () => {
    const view = await PictureView.open(0)
    const socket = connect(Number(new URL(view.url).port), '127.0.0.1')
    const closed = new Promise(resolve => socket.on('close', resolve))
    socket.on('error', () => {})
    socket.write('GET /list HTTP/1.1\r\nHost: ')
    const other = connect(Number(new URL(view.url).port), '127.0.0.1')
    const said = new Promise<string>(resolve => other.on('data', data => resolve(data.toString())))
    other.on('error', () => {})
    other.write('\0\0\0\r\n\r\n')
    assert.match(await said, /^HTTP\/1\.1 400 /)
    await view[Symbol.asyncDispose]()
    await closed
  }),
)
