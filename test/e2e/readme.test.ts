/** Every command of the README does what it says there: each is run as it stands, but for fewer rounds and less time. */
import assert from 'node:assert/strict'
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import { isBusy, test } from '../support/patient.ts'
import { bench, PICTURE, startBench } from './cli.ts'
import { TOKEN } from './two-hosts.ts'

const README = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8')
/** Once each, as words. */
const COMMANDS = [...new Set([...README.matchAll(/npx bench ([^`\n]+)/g)].map(([, words = '']) => words))]
const ROUNDS = ['--repeat', '1', '--warmup', '0', '--processes', '1', '--quiet']
const SIDES = ['--repeat', '6', '--warmup', '0', '--processes', '1', '--quiet', '--size', '20k']
const SHORTER: Readonly<Record<string, readonly string[]>> = {
  run: ROUNDS,
  ab: SIDES,
  check: ['--repeat', '6', '--warmup', '0', '--no-remeasure', '--quiet'],
  responsiveness: ['--max-time', '3s'],
  fleet: ['--size', '20k', '--warmup', '0', '--quiet'],
}
const TIMES: Readonly<Record<string, string>> = {
  '--duration 3s': '--duration 200ms',
  '--duration 10s': '--duration 200ms',
  '--max-time 20m': '--max-time 3s --duration 200ms --warmup 0 --quiet',
  '--path loadero-4g,geo': '--path loadero-4g,geo --size 20k',
  '--fps 25,50': '--fps 25,50 --frames 5',
  '--keep kept': '--keep kept --size 20k',
}
/** Those that go on until they are ended. */
const SERVICES = /^(serve|receive) /

describe('the README', { concurrency: 2 }, () => {
  const cwd = mkdtempSync(join(tmpdir(), 'bench-readme-'))
  after(() => rmSync(cwd, { recursive: true }))
  const wordsOf = (line: string) => {
    const short = Object.entries(TIMES).reduce((text, [long, less]) => text.replace(long, less), line)
    const words = short.split(' ')
    return [...words, ...(SHORTER[words[0] ?? ''] ?? [])]
  }
  before(async () => {
    copyFileSync(PICTURE, join(cwd, 'photo.png'))
    cpSync(new URL('../../../examples/results', import.meta.url), join(cwd, 'examples/results'), {
      recursive: true,
    })
    writeFileSync(join(cwd, 'token'), TOKEN)
    mkdirSync(join(cwd, 'history'))
    for (const out of ['before.csv', 'after.csv', 'results.csv', 'history/a.csv']) {
      const { code, stderr } = await bench(['run', ...SIDES, '--out', out], { cwd })
      assert.equal(code, 0, stderr)
    }
  })

  test('has commands', () => assert(COMMANDS.length > 20))

  for (const line of COMMANDS.filter(each => !SERVICES.test(each) && !/192\.0\.2|^send|^fleet/.test(each)))
    test(`bench ${line}`, async () => {
      const { code, stderr } = await bench(wordsOf(line), { cwd })
      // Beside much else, this machine may well be proven slower than a minute ago.
      if (line.startsWith('check') && code === 3 && isBusy()) return
      assert.equal(code, 0, stderr)
    })

  test('two hosts: bench serve, and what is said to it', async () => {
    const [serve = ''] = COMMANDS.filter(each => each.startsWith('serve '))
    await using server = startBench([...serve.split(' '), '--listen', '127.0.0.1:0'], { cwd })
    await using other = startBench([...serve.split(' '), '--listen', '127.0.0.1:0'], { cwd })
    const portOf = (each: typeof server) =>
      each.until('port', ({ stdout }) => /^listening at \S+:(\d+);/.exec(stdout)?.[1])
    const port = await portOf(server)
    const lines = COMMANDS.filter(each => each.includes('192.0.2.7'))
    assert.equal(lines.length, 2)
    for (const line of lines) {
      const { code, stderr } = await bench(wordsOf(line.replace('192.0.2.7', `127.0.0.1:${port}`)), { cwd })
      assert.equal(code, 0, `${line}: ${stderr}`)
    }
    writeFileSync(
      join(cwd, 'hosts.yaml'),
      `hosts: {a: "127.0.0.1:${port}", b: "127.0.0.1:${await portOf(other)}"}\n`,
    )
    const [fleet = ''] = COMMANDS.filter(each => each.startsWith('fleet '))
    const { code, stderr } = await bench(wordsOf(fleet), { cwd })
    assert.equal(code, 0, stderr)
  })

  test('bench receive, and bench send to it', async () => {
    const [receive = ''] = COMMANDS.filter(each => each.startsWith('receive '))
    const [send = ''] = COMMANDS.filter(each => each.startsWith('send '))
    await using receiver = startBench([...receive.split(' '), '--port', '0', '--count', '1'], { cwd })
    const port = await receiver.until('port', ({ stderr }) => /at 127\.0\.0\.1:(\d+)/.exec(stderr)?.[1])
    const { code, stderr } = await bench(send.replace('9999', port).split(' '), { cwd })
    assert.equal(code, 0, stderr)
    assert.equal((await receiver.over()).code, 0)
  })
})
