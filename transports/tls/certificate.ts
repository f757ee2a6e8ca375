/** A certificate made for a run. node:crypto signs, but writes no X.509 (RFC 5280): this one has a fixed form, in DER (X.690). */
import { generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto'
import type { ServerTls } from '../contract/sockets.ts'

/** Years that it is valid: a clock that is wrong should not end a run, and nobody keeps it. */
const YEARS = 10

/** Self-signed, EC P-256, for no name. */
export function makeCertificate(name = 'tcp-udp-bench', now = new Date()): ServerTls {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const subject = sequence(der(SET, sequence(COMMON_NAME, der(UTF8, Buffer.from(name)))))
  // Version 1, which is the one without extensions.
  const content = sequence(
    // Positive, and not zero.
    der(INTEGER, Buffer.concat([Buffer.of(1), randomBytes(15)])),
    ...[ECDSA_SHA256, subject, sequence(generalizedTime(now, -1), generalizedTime(now, YEARS)), subject],
    publicKey.export({ type: 'spki', format: 'der' }),
  )
  const signature = Buffer.concat([Buffer.of(0), sign('sha256', content, privateKey)])
  const certificate = new X509Certificate(sequence(content, ECDSA_SHA256, der(BIT_STRING, signature)))
  return { cert: certificate.toString(), key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
}

/** SHA-256 of the first certificate of a PEM text: `AB:CD…`. @throws if there is none */
export function fingerprintOf(pem: string): string {
  return new X509Certificate(pem).fingerprint256
}

const [INTEGER, BIT_STRING, UTF8, TIME, SEQUENCE, SET] = [0x02, 0x03, 0x0c, 0x18, 0x30, 0x31]
/** 2.5.4.3 (RFC 5280, appendix A.1), and ecdsa-with-SHA256, 1.2.840.10045.4.3.2 (RFC 5758, section 3.2). */
const COMMON_NAME = Buffer.from('0603550403', 'hex')
const ECDSA_SHA256 = sequence(Buffer.from('06082a8648ce3d040302', 'hex'))

function generalizedTime(now: Date, years: number): Buffer {
  const at = new Date(now)
  at.setUTCFullYear(at.getUTCFullYear() + years)
  return der(TIME, Buffer.from(`${at.toISOString().replaceAll(/\D/g, '').slice(0, 14)}Z`))
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return der(SEQUENCE, Buffer.concat(parts))
}

/** A tag, the length, the content. */
function der(tag: number, content: Buffer): Buffer {
  const { length } = content
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...head), content])
}
