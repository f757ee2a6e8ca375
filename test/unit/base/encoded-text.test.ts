/** Texts as Windows programs write them. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { decodeText } from '../../../base/encoded-text.ts'
import { readToken } from '../../../bench/cli/secrets.ts'
import { loadScenario } from '../../../scenarios/load.ts'

const ENCODINGS: Readonly<Record<string, (text: string) => Buffer>> = {
  'UTF-8': text => Buffer.from(text),
  'UTF-8 with a mark': text => Buffer.from(`\ufeff${text}`),
  'UTF-16LE with a mark': text => Buffer.from(`\ufeff${text}`, 'utf16le'),
  'UTF-16LE without a mark': text => Buffer.from(text, 'utf16le'),
  'UTF-16BE without a mark': text => Buffer.from(text, 'utf16le').swap16(),
  'UTF-16BE with a mark': text => Buffer.from(`\ufeff${text}`, 'utf16le').swap16(),
}

function written(context: TestContext, name: string, bytes: Buffer): string {
  const folder = mkdtempSync(join(tmpdir(), 'bench-text-'))
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, name), bytes)
  return join(folder, name)
}

for (const [encoding, encode] of Object.entries(ENCODINGS))
  test(`${encoding}: a text, a token and a scenario are read`, context => {
    assert.equal(decodeText(encode('of größe: 1\r\n')), 'of größe: 1\r\n')
    const token = written(context, 'token', encode('0123456789abcdef0123\r\n'))
    assert.equal(readToken(token, undefined), '0123456789abcdef0123')
    const scenario = written(context, 'small.yaml', encode('summary: größe\r\nsize: 64k\r\nchunk: 1024\r\n'))
    assert.deepEqual(
      loadScenario(scenario, { known: { transports: ['tcp'], workloads: [], engines: [] } }).sizesBytes,
      [65_536],
    )
  })
