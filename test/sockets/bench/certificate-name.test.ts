/** Names of certificates, also on builds of Node that find no IPv6 address in any. */
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkCertificateName } from '../../../base/certificate-name.ts'
import { Authority } from '../../support/certificates.ts'
import { test } from '../../support/patient.ts'
import { withoutOpenssl } from '../../support/programs.ts'

test('a certificate is of the addresses and names that it lists, and of no other', {
  skip: withoutOpenssl,
}, context => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-names-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const { cert } = new Authority(folder, 'authority').certify('host', 'IP:::1,IP:127.0.0.1,DNS:one.example')
  const certificate = new X509Certificate(readFileSync(cert)).toLegacyObject()
  const isOf = (host: string) => checkCertificateName(host, certificate) === undefined
  for (const host of ['::1', '0:0::1', '127.0.0.1', 'one.example']) assert.ok(isOf(host), host)
  for (const host of ['::2', '::ffff:127.0.0.1', 'fe80::1%eth0', '127.0.0.2', 'two.example'])
    assert.ok(!isOf(host), host)
})
