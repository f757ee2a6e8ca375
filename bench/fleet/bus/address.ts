/** Where a NATS server is, as users write it. */
import { UsageError } from '../../../base/errors.ts'

/** Where a NATS server is, and what identifies this program to it. */
export interface BusAddress {
  readonly host: string
  readonly port: number
  /** Nothing is said without TLS. */
  readonly tls: boolean
  /** Authority (PEM) that signed the server's certificate; Node's own without one. */
  readonly ca?: string | undefined
  /** The text of a file of credentials (a JWT and its seed), or of one with the seed of an nkey. */
  readonly proof?: { readonly kind: 'creds' | 'nkey'; readonly text: string } | undefined
  /** Answers come to subjects that begin so: the server permits those alone to this program. */
  readonly inbox?: string | undefined
}

const USUAL_PORT = 4222

/** True if a text names a NATS server, rather than a file. */
export function isBusUrl(text: string): boolean {
  return /^(?:nats|tls):\/\//i.test(text)
}

/** `nats://HOST`, `tls://HOST:PORT`. @throws UsageError */
export function parseBusUrl(text: string): Pick<BusAddress, 'host' | 'port' | 'tls'> {
  const refuse = (why: string) =>
    new UsageError(`${JSON.stringify(text)} ${why}; write nats://HOST:${USUAL_PORT}, or tls://HOST`)
  if (!isBusUrl(text)) throw refuse('does not name a NATS server')
  // Parsed as http, whose rules for a host are those of every URL that Node knows.
  const plain = text.replace(/^\w+/, 'http')
  if (!URL.canParse(plain)) throw refuse('does not name a NATS server')
  const url = new URL(plain)
  if (url.username !== '' || url.password !== '')
    throw refuse('has a password, which others could read in a list of processes: give --nkey or --creds')
  if (!/^\/?$/.test(url.pathname + url.search + url.hash)) throw refuse('has more than a host and a port')
  const port = /:(\d+)\/?$/.exec(text)?.[1]
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === undefined ? USUAL_PORT : Number(port),
    tls: /^tls/i.test(text),
  }
}

/** `HOST:PORT` */
export function busName({ host, port }: BusAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}
