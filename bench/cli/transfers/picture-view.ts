/**
 * `bench receive --view`: a page with the pictures that came last, for browsers on this host. It listens on loopback, and answers requests
 * that name it so: a page elsewhere whose name was made to point here (DNS rebinding) sends its own. What came is served as a picture of a
 * fixed type or not at all, and its sender, name and outcome as text in JSON.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { kindOf, type PictureKind, sizeOf } from '../../../base/pictures/pictures.ts'
import { systemError } from '../../../base/system-errors.ts'
import { formatBytes } from '../../../base/units.ts'
import { loadPage } from '../../../results/report/assets.ts'
import { receivedPage } from '../../../results/report/html/received.ts'

const HOST = '127.0.0.1'
const HTTP_PORT = 80
/** What it keeps: the latest, as far as they are that small together. */
const MOST_SHOWN = 12
const MOST_BYTES = 16 << 20
const MOST_TOGETHER_BYTES = 64 << 20
const MOST_CONNECTIONS = 64

interface Shown {
  readonly id: number
  readonly line: string
  readonly size?: { readonly width: number; readonly height: number } | undefined
  /** Why there is nothing to be seen. */
  readonly why?: string
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string | Buffer
  readonly policy?: string
}

export class PictureView implements AsyncDisposable {
  readonly #server = createServer((request, response) => send(this.#answer(request), request, response))
  readonly #page = receivedPage(loadPage('received'))
  #latest: readonly (Shown & { readonly kind?: PictureKind | undefined; readonly bytes: Buffer })[] = []
  #count = 0
  #hosts: readonly string[] = []

  /** @param port 0: a free one @throws SetupError when it cannot be bound */
  static async open(port: number): Promise<PictureView> {
    const view = new PictureView()
    const server = view.#server
    server.maxConnections = MOST_CONNECTIONS
    await new Promise<void>((resolve, reject) => {
      server.once('error', error => {
        const remedies = {
          EADDRINUSE: 'choose another port with --view PORT, or 0 for a free one',
          EACCES: 'choose a port over 1023 with --view PORT',
          otherwise: 'leave --view out',
        }
        reject(systemError(`cannot bind TCP port ${port} at ${HOST}`, error, remedies))
      })
      server.listen(port, HOST, resolve)
    })
    const address = server.address()
    const bound = typeof address === 'object' && address ? address.port : port
    view.#hosts = hostsAt(bound)
    return view
  }

  get url(): string {
    return `http://${this.#hosts[0]}/`
  }

  /** Shows what came, which it copies. @param line what is said of it */
  add(line: string, parts: readonly Buffer[]): void {
    const id = ++this.#count
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    const bytes = Buffer.concat(length <= MOST_BYTES ? parts : [])
    const kind = kindOf(bytes)
    const size = kind && sizeOf(kind, bytes)
    const words = line.trim().split(/ {2,}/).join(' · ')
    const shown: Shown = { id, line: words, ...(size ? { size } : { why: whyNot(length, kind) }) }
    this.#latest = [{ ...shown, kind, bytes: size ? bytes : Buffer.alloc(0) }, ...this.#latest].slice(
      0,
      MOST_SHOWN,
    )
    while (this.#latest.reduce((sum, each) => sum + each.bytes.length, 0) > MOST_TOGETHER_BYTES)
      this.#latest = this.#latest.slice(0, -1)
  }

  #answer({ method, url = '', headers }: IncomingMessage): Answer {
    if (!this.#hosts.includes(headers.host ?? '')) return refusal(421, `this is ${this.url}`)
    if (method !== 'GET' && method !== 'HEAD') return refusal(405, 'only GET is answered')
    if (url === '/') {
      const { page, policy } = this.#page
      return { status: 200, type: 'text/html; charset=utf-8', body: page, policy }
    }
    if (url === '/list') {
      const list: readonly Shown[] = this.#latest.map(({ kind: _, bytes: __, ...shown }) => shown)
      return { status: 200, type: 'application/json', body: JSON.stringify(list) }
    }
    const [, id] = /^\/picture\/(\d{1,15})$/.exec(url) ?? []
    const { kind, bytes, size } = this.#latest.find(each => each.id === Number(id)) ?? {}
    return kind && bytes && size
      ? { status: 200, type: `image/${kind}`, body: bytes }
      : refusal(404, 'nothing is here')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }
}

/** How requests name this server: browsers leave out the usual port. */
export function hostsAt(port: number): readonly string[] {
  const names = [HOST, 'localhost']
  return [...names.map(host => `${host}:${port}`), ...(port === HTTP_PORT ? names : [])]
}

function refusal(status: number, why: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${why}\n` }
}

function send({ status, type, body, policy }: Answer, { method }: IncomingMessage, response: ServerResponse) {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    // Nothing else is a document.
    'Content-Security-Policy': policy ?? "default-src 'none'; sandbox",
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
  })
  response.end(method === 'HEAD' ? undefined : body)
}

function whyNot(length: number, kind: PictureKind | undefined): string {
  if (length > MOST_BYTES) return `${formatBytes(length)} are too many to be shown`
  if (kind) return `a ${kind} of which the beginning is missing, or with too many pixels to be shown`
  return 'not a PNG, JPEG or BMP'
}
