/** `bench send` and `bench receive`, Windows at one end and Linux at the other. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bench, folder, PICTURE, startBench } from '../e2e/cli.ts'
import { sha256 } from '../e2e/payloads.ts'
import { test } from '../support/patient.ts'
import { benchOnWindows, startOnWindows, windowsFolder, windowsPath } from './product.ts'

const SERVICES = ['tcp', 'tls', 'udp-header', 'udp-datagram', 'udp-arq']
/** Short enough for one datagram. */
const SIZES = [1, 20_000, 60_000]

test('Windows receives what Linux sends, and answers messages', async context => {
  const cwd = windowsFolder(context)
  const names = [...SERVICES, 'messages-udp']
  const count = String(SIZES.length)
  const words = ['receive', ...names.map(name => `${name}:0`), '--dir', 'Empfang ü', '--count', count]
  await using receiver = startOnWindows(words, cwd)
  const portOf = (name: string, text: string) =>
    new RegExp(`(for|answering) ${name} at \\S+:(\\d+) `).exec(text)?.[2]
  await receiver.until('ports', ({ stderr }) => names.every(name => portOf(name, stderr)))
  const at = (name: string) => `127.0.0.1:${portOf(name, receiver.stderr)}`
  const sent = folder(context)
  const files = SIZES.map(bytes => picture(sent, bytes))
  for (const name of SERVICES)
    for (const file of files) {
      const { code, stdout, stderr } = await bench(['send', file, at(name), '--transport', name], {
        cwd: sent,
      })
      assert.deepEqual([code, stderr], [0, ''])
      assert.match(stdout, /acknowledged/)
    }
  const ask = [
    'run',
    '--transport',
    'messages-udp',
    '--target',
    at('messages-udp'),
    '--messages',
    count,
    '--repeat',
    '1',
    '--warmup',
    '0',
  ]
  assert.equal((await bench([...ask, '--out', 'messages.csv'], { cwd: sent })).code, 0)
  const { code, stdout } = await receiver.over()
  assert.equal(code, 0, stdout)
  assert.match(stdout, /Empfang ü\\\d{8}T\d{6}Z-0001\.\w+/)
  assert.deepEqual(hashesIn(join(cwd, 'Empfang ü')), SERVICES.flatMap(() => files.map(hashOf)).sort())
})

test('Linux receives what Windows sends: a folder, a pattern, and one by its path', async context => {
  const cwd = folder(context)
  const words = [
    'receive',
    'tcp:0',
    'udp-header:0',
    'udp-datagram:0',
    '--dir',
    'received',
    '--count',
    String(SIZES.length),
  ]
  await using receiver = startBench(words, { cwd })
  const ports = await receiver.until('ports', ({ stderr }) => {
    const found = [...stderr.matchAll(/ at \S+:(\d+) /g)].map(([, port]) => port)
    return found.length === 3 && found
  })
  const [tcp, header, datagram] = ports.map(port => `127.0.0.1:${port}`)
  assert(tcp && header && datagram)
  const windows = windowsFolder(context)
  const files = SIZES.map(bytes => picture(windows, bytes))
  const [first = '', ...others] = files
  for (const [what, target, transport] of [
    [[windowsPath(windows)], tcp, 'tcp'],
    [['BILD*.png'], header, 'udp-header'],
    [[windowsPath(first)], datagram, 'udp-datagram'],
    [others.map(path => `.\\${path.slice(windows.length + 1)}`), datagram, 'udp-datagram'],
  ] as const) {
    const { code, stdout, stderr } = await benchOnWindows(
      ['send', ...what, target, '--transport', transport],
      windows,
    )
    assert.deepEqual([code, stderr], [0, ''])
    assert.match(stdout, /acknowledged/)
  }
  assert.equal((await receiver.over()).code, 0)
  assert.deepEqual(hashesIn(join(cwd, 'received')), [1, 2, 3].flatMap(() => files.map(hashOf)).sort())
})

/** The beginning of a picture, in a file of its own. */
function picture(folder: string, bytes: number): string {
  const path = join(folder, `Bild ö ${bytes}.png`)
  writeFileSync(path, readFileSync(PICTURE).subarray(0, bytes))
  return path
}

function hashesIn(folder: string): string[] {
  return readdirSync(folder)
    .map(name => hashOf(join(folder, name)))
    .sort()
}

function hashOf(path: string): string {
  return sha256(readFileSync(path))
}
