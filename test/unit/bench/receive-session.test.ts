/** What `bench receive` saves: whole ones under plain names, others as .part, and after Ctrl-C what a moment suffices for. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { AnsweringSession } from '../../../bench/cli/transfers/answering.ts'
import { ReceiveSession } from '../../../bench/cli/transfers/receive-session.ts'
import { saveTransfer } from '../../../bench/cli/transfers/save.ts'
import type { ReceiveReport } from '../../../transports/contract/reports.ts'
import { udpHeader } from '../../../transports/protocols/udp-header.ts'

const FROM = { host: '127.0.0.1', port: 1, family: 4 } as const

test('what is incomplete is saved as .part, and the exit code says so', async context => {
  const { session, dir, said } = sessionIn(context, 2)
  await Promise.all([session.take(report(true)), session.take(report(false))])
  await session.over(new AbortController().signal)
  const names = readdirSync(dir).sort()
  assert.match(names[0] ?? '', /-0001\.bin$/)
  assert.match(names[1] ?? '', /-0002\.bin\.part$/)
  assert.equal(session.exitCode, 1)
  assert.match(said.out, /complete by its length[\s\S]*incomplete/)
})

test('a whole transfer of nothing is an empty file, and nothing of a transfer is none', async context => {
  const { session, dir, said } = sessionIn(context, 2)
  const nothing = { from: FROM, bytesDelivered: 0, held: { parts: [] } }
  await Promise.all([
    session.take({ ...nothing, announcedBytes: 0, complete: true }),
    session.take({ ...nothing, announcedBytes: 5, complete: false }),
  ])
  await session.over(new AbortController().signal)
  const [name, ...others] = readdirSync(dir)
  assert.match(name ?? '', /-0001\.bin$/)
  assert.equal(readFileSync(join(dir, name ?? '')).length, 0)
  assert.deepEqual(others, [])
  assert.match(said.out, /-0001\.bin\n/)
})

test('a file that is being written never looks whole: its program may be ended at any moment', async context => {
  const { dir } = sessionIn(context, 1)
  const seen: string[] = []
  const parts = [Buffer.alloc(5000, 'a'), Buffer.alloc(5000, 'b')]
  const slow = new Proxy(parts, {
    get(target, name, receiver) {
      if (name === '1') seen.push(...readdirSync(dir))
      return Reflect.get(target, name, receiver)
    },
  })
  const path = await saveTransfer(dir, 7, slow, true, () => {})
  assert.equal(seen.length, 1)
  assert.match(seen[0] ?? '', /-0007\.bin\.part$/)
  assert.deepEqual(readdirSync(dir), [basename(path)])
  assert.match(path, /-0007\.bin$/)
  assert.deepEqual(readFileSync(path), Buffer.concat(parts))
})

test('a name that is taken stays as it is', async context => {
  const { dir } = sessionIn(context, 1)
  const save = () => saveTransfer(dir, 7, [Buffer.from('again')], true, () => {})
  const paths = [await save(), await save(), await save()]
  assert.equal(new Set(paths).size, 3)
  assert.deepEqual(readdirSync(dir).sort(), paths.map(path => basename(path)).sort())
})

test('the first Ctrl-C saves what has arrived', async context => {
  const { session, dir, said } = sessionIn(context, undefined)
  for (let index = 0; index < 50; index++) void session.take(report(true))
  await session.over(AbortSignal.abort(), 60_000)
  assert.equal(readdirSync(dir).length, 50)
  assert.equal(said.err, '')
})

test('after a while it ends after the file being written, and says how many are not saved', async context => {
  const { session, dir, said } = sessionIn(context, undefined)
  for (let index = 0; index < 50; index++) void session.take(report(true))
  await session.over(AbortSignal.abort(), 0)
  assert.equal(readdirSync(dir).length, 1)
  assert.match(said.err, /^49 transfers that had arrived are not saved\n$/m)
})

test('what came beyond --count is told of', async context => {
  const { session, dir, said } = sessionIn(context, 2)
  for (let index = 0; index < 3; index++) void session.take(report(true))
  await session.over(new AbortController().signal)
  assert.equal(readdirSync(dir).length, 2)
  assert.equal(said.err, '1 transfer beyond --count is not saved\n')
})

test('a flood of senders without a transfer gets a hundred lines', context => {
  const { session, said } = sessionIn(context, undefined)
  for (let port = 1; port <= 5000; port++) session.note({ ...FROM, port }, 'nonsense')
  assert.equal(said.err.trimEnd().split('\n').length, 101)
})

test('each note on what was not answered names its service among several, the last one too', () => {
  const { terminal, said } = heardTerminal()
  const session = new AnsweringSession(terminal)
  session.name = 'messages-udp:9999'
  for (let note = 0; note < 200; note++) session.noted(FROM, 'no request')
  const lines = said.err.trimEnd().split('\n')
  assert.equal(lines.length, 101)
  assert.ok(lines.every(line => line.startsWith('note: messages-udp:9999: ')))
  assert.equal(lines.at(-1), 'note: messages-udp:9999: further ones like these are not listed')
})

function sessionIn(context: TestContext, count: number | undefined) {
  const dir = mkdtempSync(join(tmpdir(), 'bench-receive-'))
  context.after(() => rmSync(dir, { recursive: true }))
  const { terminal, said } = heardTerminal()
  return { session: new ReceiveSession(terminal, { transport: udpHeader, dir, count }), dir, said }
}

function heardTerminal() {
  const said = { out: '', err: '' }
  const out = (text: string) => {
    said.out += text
  }
  const terminal = {
    out,
    data: out,
    err: (text: string) => {
      said.err += text
    },
    errStream: process.stderr,
    argv: [],
    width: 80,
    color: false,
    live: false,
  }
  return { terminal, said }
}

function report(complete: boolean): ReceiveReport {
  const bytes = Buffer.from('picture')
  return {
    from: FROM,
    announcedBytes: complete ? bytes.length : bytes.length + 1,
    bytesDelivered: bytes.length,
    complete,
    held: { parts: [bytes] },
  }
}
