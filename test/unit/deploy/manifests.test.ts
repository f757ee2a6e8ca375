/** The formula and the manifest of a release, rendered for files of this machine. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { ran } from '../../support/ran.ts'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
const PROGRAM = join(ROOT, 'dist/deploy/release/manifests.js')
const REPOSITORY = 'https://git.example/someone/bench'
const TARGETS = ['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64', 'win32-x64.exe']
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

function rendered(context: { after(done: () => void): void }): Map<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-manifests-'))
  context.after(() => rmSync(folder, { recursive: true }))
  for (const target of TARGETS) writeFileSync(join(folder, `bench-${target}`), target)
  ran(process.execPath, [PROGRAM, REPOSITORY, folder])
  const made = join(folder, 'manifests')
  return new Map(readdirSync(made).map(name => [name, readFileSync(join(made, name), 'utf8')]))
}

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')
const addressOf = (target: string) => `${REPOSITORY}/releases/download/v${version}/bench-${target}`

test('the formula has the address and the hash of each executable of macOS and Linux', context => {
  const formula = rendered(context).get('tcp-udp-bench.rb') ?? ''
  const pairs = [...formula.matchAll(/url "(.+)"\n\s+sha256 "(.+)"/g)].map(([, ...pair]) => pair)
  const expected = TARGETS.slice(0, 4).map(target => [addressOf(target), hashOf(target)])
  assert.deepEqual(pairs, expected)
  assert.match(formula, new RegExp(`version "${version}"`))
  assert.equal(
    formula.match(/^ *(?:class|def|on_\w+ do|test do)\b/gm)?.length,
    formula.match(/^ *end$/gm)?.length,
  )
})

test('the manifest of winget has its three files, and the executable of Windows', context => {
  const files = rendered(context)
  const documents = [...files].filter(([name]) => name.endsWith('.yaml')).map(([, text]) => parse(text))
  assert.deepEqual(documents.map(each => each.ManifestType).sort(), ['defaultLocale', 'installer', 'version'])
  for (const each of documents)
    assert.deepEqual([each.PackageIdentifier, each.PackageVersion], ['TcpUdpBench.TcpUdpBench', version])
  const { Installers } = documents.find(each => each.ManifestType === 'installer')
  const [InstallerUrl, InstallerSha256] = [addressOf('win32-x64.exe'), hashOf('win32-x64.exe')]
  assert.deepEqual(Installers, [{ Architecture: 'x64', InstallerUrl, InstallerSha256 }])
})

test('nothing is left to fill in, and a missing executable is an error', context => {
  for (const [name, text] of rendered(context)) assert.doesNotMatch(text, /\{\{|undefined/, name)
  const { status, stderr } = spawnSync(process.execPath, [PROGRAM, REPOSITORY, tmpdir()], {
    encoding: 'utf8',
  })
  assert.notEqual(status, 0)
  assert.match(stderr, /ENOENT.*bench-/)
})
