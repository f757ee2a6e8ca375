/** Certificates by openssl, for tests of TLS. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Pem {
  /** Paths. */
  readonly cert: string
  readonly key: string
}

/** An authority that nobody else trusts. */
export class Authority {
  readonly cert: string
  readonly #key: string
  readonly #folder: string
  readonly #name: string

  constructor(folder: string, name: string) {
    this.#folder = folder
    this.#name = name
    this.cert = join(folder, `${name}.pem`)
    this.#key = join(folder, `${name}.key`)
    openssl(
      ...NEW_KEY,
      '-x509',
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      this.#key,
      '-out',
      this.cert,
    )
  }

  /** @param names as in subjectAltName: `IP:127.0.0.1` */
  certify(subject: string, names: string): Pem {
    const base = join(this.#folder, `${this.#name}-${subject}`)
    const [key, request, cert, extensions] = ['key', 'csr', 'pem', 'ext'].map(each => `${base}.${each}`)
    if (!key || !request || !cert || !extensions) throw new Error('no paths')
    writeFileSync(extensions, `subjectAltName=${names}\n`)
    openssl(...NEW_KEY, '-subj', `/CN=${subject}`, '-keyout', key, '-out', request)
    const signed = [
      '-CA',
      this.cert,
      '-CAkey',
      this.#key,
      '-CAcreateserial',
      '-days',
      '2',
      '-extfile',
      extensions,
    ]
    openssl('x509', '-req', '-in', request, '-out', cert, ...signed)
    return { cert, key }
  }
}

const NEW_KEY = ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'] as const

function openssl(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('openssl', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`)
}
