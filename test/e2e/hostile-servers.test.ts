/** Servers that let a client in and then do as they please: it ends in one line, in little memory, and at Ctrl-C. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { describe, type TestContext } from 'node:test'
import { monotonic } from '../../base/clock.ts'
import { environment } from '../../bench/fleet/facts/environment.ts'
import { Channel } from '../../bench/fleet/link/channel.ts'
import { encodeFrame } from '../../bench/fleet/link/frames.ts'
import { answer } from '../../bench/fleet/link/handshake.ts'
import { test } from '../support/patient.ts'
import { assertOneLine, bench, folder, type Running, startBench, withoutProc } from './cli.ts'
import { memoryOf } from './daemon.ts'

const NEVER = new AbortController().signal
const RUN = ['--size', '16k', '--transport', 'tcp', '--repeat', '1', '--warmup', '0', '--quiet']

describe('a server that is silent after its welcome', { concurrency: 3 }, () => {
  for (const words of [
    ['run', ...RUN],
    ['ab', ...RUN, '--a', 'chunk=1k', '--b', 'chunk=2k'],
  ])
    test(`ends bench ${words[0]} in one line`, async context => {
      const port = await server(context, () => {})
      const ended = await bench([...words, '--host', `127.0.0.1:${port}`], { cwd: folder(context) })
      assert.equal(ended.code, 1, ended.stderr)
      assertOneLine(ended, '127.0.0.1', 'did not answer within', 'bench serve')
    })

  test('ends a run between it and another one in one line', async context => {
    const [from, to] = [await server(context, checked), await server(context, checked)]
    const ends = ['--from', `127.0.0.1:${from}`, '--to', `127.0.0.1:${to}`]
    const ended = await bench(['run', ...RUN, ...ends], { cwd: folder(context) })
    assert.equal(ended.code, 1, ended.stderr)
    assertOneLine(ended, '127.0.0.1', 'did not answer within')
  })

  test('holds nobody who wants to end', async context => {
    let asked = false
    const port = await server(context, socket =>
      socket.on('data', () => {
        asked = true
      }),
    )
    const running = start(context, ['run', ...RUN, '--host', `127.0.0.1:${port}`])
    await running.until('question', () => asked)
    running.kill('SIGINT')
    const { code, stderr } = await running.over()
    assert.equal(code, 130, stderr)
    assert.doesNotMatch(stderr, /internal error/)
  })
})

describe('a server that says more than was asked', { concurrency: 2, skip: withoutProc }, () => {
  const report = { type: 'agent', message: { type: 'ready', trial: 1e9, endpoint: undefined } }
  const noise = { type: 'pong', id: 1e9, now: 1 }
  for (const [what, message, end] of [
    ['of its agent', report, /sent more than was asked|did not answer|is gone/],
    ['of nothing', noise, /did not answer|is gone/],
  ] as const)
    test(`${what} does not fill the memory of a client, and Ctrl-C ends it`, async context => {
      const frame = encodeFrame(Buffer.from(JSON.stringify(message)))
      const frames = Buffer.concat(Array.from({ length: 1000 }, () => frame))
      let sent = 0
      const port = await server(context, socket => {
        const pour = () => {
          while (!socket.destroyed && socket.write(frames)) sent += frames.length
          sent += frames.length
        }
        socket.on('drain', pour)
        pour()
      })
      const running = start(context, ['run', ...RUN, '--host', `127.0.0.1:${port}`])
      let most = 0
      const over = await running.until('flood', ({ pid }) => {
        const ended = /bench: /.test(running.stderr)
        if (!ended) most = Math.max(most, memoryOf(pid))
        return ended || sent > 100e6
      })
      assert.ok(over)
      running.kill('SIGINT')
      const { code, stderr } = await running.over()
      assert(code === 130 || code === 1, `${code} ${stderr}`)
      assert.doesNotMatch(stderr, /internal error/)
      if (code === 1) assert.match(stderr, end)
      assert(most < 250, `${most} MiB`)
    })
})

/** Lets in whoever comes, and does as `then` says. */
async function server(context: TestContext, then: (socket: Socket) => void): Promise<number> {
  const listening = createServer(async socket => {
    context.after(() => socket.destroy())
    socket.on('error', () => {})
    const channel = new Channel(socket)
    const welcome = { environment: environment(), engines: ['node'] }
    const denied = () => ({ denied: 'no' })
    try {
      await answer(channel, undefined, welcome, () => undefined, denied, monotonic() + 5000, NEVER)
    } catch {
      return
    }
    then(socket)
  }).listen(0, '127.0.0.1')
  context.after(() => listening.close())
  await once(listening, 'listening')
  return (listening.address() as AddressInfo).port
}

/** Says that every option can be had, and nothing else. */
function checked(socket: Socket): void {
  let id = 0
  socket.on('data', () =>
    socket.write(encodeFrame(Buffer.from(JSON.stringify({ type: 'checked', id: ++id })))),
  )
}

function start(context: TestContext, words: readonly string[]): Running {
  const running = startBench(words, { cwd: folder(context) })
  context.after(() => running[Symbol.asyncDispose]())
  return running
}
