/** What peers say, and what files are called, steers no terminal and no file: neither C0 nor C1 controls, nor marks that turn text round. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import { describe, type TestContext } from 'node:test'
import { test } from '../support/patient.ts'
import { bench, type Ended, folder, PICTURE, startBench } from './cli.ts'

/** Clears a screen: by CSI as one character, as two, and turned round; as UTF-8 in names, as bytes from peers. */
const CLEAR = '\u009b2J\u001b[2J\u202e'
const STEERING = /(?!\n|\r\n|\t)[\p{Cc}\u202e]/u

describe('hostile texts', { concurrency: 3 }, () => {
  test('of a client of bench receive', async context => {
    const cwd = folder(context)
    const receiving = startBench(['receive', '--transport', 'tcp', '--port', '0'], { cwd })
    context.after(() => receiving[Symbol.asyncDispose]())
    const port = await receiving.until('port', ({ stderr }) => /:(\d+)[ ;]/.exec(stderr)?.[1])
    const socket = connect(Number(port), '127.0.0.1')
    socket.on('error', () => {})
    socket.end(Buffer.from(CLEAR, 'latin1'))
    await receiving.until('line', ({ stdout }) => stdout.includes('expected SIZE'))
    assertHarmless(receiving)
  })

  test('of a server that is sent to, in what is shown, in CSV and in JSON', async context => {
    const cwd = folder(context)
    const port = await tcpServer(context, Buffer.from(CLEAR, 'latin1'))
    const sending = await bench(['send', PICTURE, `127.0.0.1:${port}`, '--transport', 'tcp'], { cwd })
    assert.equal(sending.code, 1)
    assertHarmless(sending)
    for (const format of ['table', 'csv', 'json', 'jsonl']) {
      const out = `${format}.csv`
      const words = ['--target', `127.0.0.1:${port}`, '--transport', 'tcp', '--repeat', '1', '--warmup', '0']
      const ended = await bench(['run', ...words, '--format', format, '--out', out], { cwd })
      assert.equal(ended.code, 1, ended.stderr)
      assertHarmless(ended)
      assert.doesNotMatch(readFileSync(join(cwd, out), 'utf8'), STEERING)
    }
  })

  test('in names of files, scenarios, variants, folders and flags', async context => {
    const cwd = folder(context)
    const picture = `p${CLEAR}.png`
    copyFileSync(PICTURE, join(cwd, picture))
    writeFileSync(join(cwd, `s${CLEAR}.yaml`), 'size: 4k\ntransport: tcp\nrepeat: many\n')
    writeFileSync(
      join(cwd, 'variant.yaml'),
      `size: 4k\nrepeat: 1\nwarmup: 0\nvariants:\n  - label: "${CLEAR.replaceAll('\u001b', '\\e')}"\n    chunk: 1k\n`,
    )
    const quick = ['--transport', 'tcp', '--repeat', '1', '--warmup', '0']
    const ran = await bench(['run', '--file', picture, ...quick, '--out', 'r.csv'], { cwd })
    assert.equal(ran.code, 0, ran.stderr)
    assertHarmless(ran)
    assert.doesNotMatch(readFileSync(join(cwd, 'r.csv'), 'utf8'), STEERING)

    mkdirSync(join(cwd, `kept${CLEAR}`))
    copyFileSync(join(cwd, 'r.csv'), join(cwd, `kept${CLEAR}`, `r${CLEAR}.csv`))
    writeFileSync(join(cwd, `kept${CLEAR}`, `damaged${CLEAR}.csv`), `run_id\n${CLEAR}\n`)
    for (const words of [
      ['run', `s${CLEAR}.yaml`],
      ['run', 'variant.yaml'],
      ['run', CLEAR],
      ['run', '--size', CLEAR],
      ['run', `--${CLEAR}`],
      ['run', '--target', `${CLEAR}:1`, '--transport', 'tcp'],
      ['run', '--host', CLEAR],
      ['send', PICTURE, `${CLEAR}:1`, '--transport', 'tcp'],
      ['send', picture, '127.0.0.1:1', '--transport', 'tcp'],
      ['trend', `kept${CLEAR}`],
      ['compare', 'r.csv', `kept${CLEAR}/r${CLEAR}.csv`],
      ['compare', 'r.csv', CLEAR],
      ['check', 'r.csv', '--baseline', `kept${CLEAR}/r${CLEAR}.csv`],
      ['report', `kept${CLEAR}/r${CLEAR}.csv`, '-o', `r${CLEAR}.md`],
      ['doctor', CLEAR],
    ]) {
      const ended = await bench(words, { cwd })
      assertHarmless(ended, words.join(' '))
      assert.notEqual(ended.stdout + ended.stderr, '', words.join(' '))
    }
    assert.doesNotMatch(readFileSync(join(cwd, `r${CLEAR}.md`), 'utf8'), STEERING)
  })
})

/** Says this to whoever comes, and closes. */
async function tcpServer(context: TestContext, bytes: Buffer): Promise<number> {
  const server = createServer(socket => {
    socket.on('error', () => {})
    socket.write(bytes)
    socket.resume()
  }).listen(0, '127.0.0.1')
  context.after(() => server.close())
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

function assertHarmless({ stdout, stderr }: Pick<Ended, 'stdout' | 'stderr'>, what = ''): void {
  assert.doesNotMatch(stdout, STEERING, what)
  assert.doesNotMatch(stderr, STEERING, what)
}
