/** More runs at once than there are sessions, and servers that end while runs go on: what each run is told, and what is left. */
import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { describe, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { HostileClient, prepare, SETTLE } from '../support/hostile-client.ts'
import { test } from '../support/patient.ts'
import { allGone, assertOneLine, childrenOf, type Ended, folder, withoutProc } from './cli.ts'
import { eventually, logOf } from './daemon.ts'
import { parseRows } from './rows.ts'
import { measured, run, type Server, startRun, startServer, TOKEN } from './two-hosts.ts'

/** Each is a process, of half a second of CPU: `BENCH_CROWD=100` for as many as there may be. */
const RUNS = Number(process.env['BENCH_CROWD'] ?? 6)
const SESSIONS = RUNS < 50 ? 2 : 8

async function served(
  context: TestContext,
  words: readonly string[] = [],
  token: string | undefined = TOKEN,
) {
  const server = await startServer({ cwd: tmpdir(), listen: '127.0.0.1:0', words, token })
  context.after(() => server[Symbol.asyncDispose]())
  return server
}

function at({ port }: Server): readonly string[] {
  return ['--host', `127.0.0.1:${port}`]
}

describe('a crowd', { skip: withoutProc }, () => {
  test('of 100 clients at once and 8 sessions: 8 are in, the others are busy, nothing is mixed up', async context => {
    const server = await served(context, ['--max-sessions', '8'])
    const clients = await Promise.all(Array.from({ length: 100 }, () => HostileClient.connect(server.port)))
    context.after(() => clients.map(client => client[Symbol.dispose]()))
    const came = await Promise.all(
      clients.map(async (client, index) => {
        try {
          await client.introduce(TOKEN)
          return { client, index }
        } catch {
          return undefined
        }
      }),
    )
    const known = came.flatMap(each => (each ? [each] : []))
    assert.equal(known.length, 8)
    await eventually(
      'the others closed',
      () => clients.filter(({ closedAt }) => closedAt !== undefined).length === 92,
    )
    // Each has its own agent, and answers of its own trials only.
    await Promise.all(
      known.map(async ({ client, index }) => {
        client.tell(prepare({ trial: index + 1000 }))
        assert.equal((await client.hear('ready')).message?.trial, index + 1000)
      }),
    )
    assert.equal(new Set(childrenOf(server.pid)).size, 8)
    const agents = childrenOf(server.pid)
    for (const { client } of known) client[Symbol.dispose]()
    await allGone(agents)
    // Every place is free again, once the server has noticed that the agents are gone.
    for (let tries = 1; ; tries++) {
      try {
        using _again = await HostileClient.enter(server.port, TOKEN)
        break
      } catch (error) {
        if (tries === 50) throw error
        await sleep(100)
      }
    }
  })

  test(`of ${RUNS} runs at once some measure, the others say that it is busy, and each row is of its own run`, async context => {
    const server = await served(context, ['--max-sessions', String(SESSIONS)])
    const cwd = folder(context)
    const runs: Ended[] = []
    const started = Array.from({ length: RUNS }, (_, index) => {
      const size = String(10_000 + index)
      const words = ['--size', size, '--seed', String(index), '--transport', 'tcp', '--out', `${index}.csv`]
      return startRun([...words, ...at(server)], { cwd })
    })
    context.after(() => Promise.all(started.map(each => each[Symbol.asyncDispose]())))
    let measuredRuns = 0
    for (const [index, running] of started.entries()) {
      const ended = measured(await running.ended)
      runs.push(ended)
      if (ended.code === 0) {
        measuredRuns++
        assert.equal(ended.rows.length, 1)
        const [row] = ended.rows
        assert.deepEqual(
          [row?.size_bytes, row?.bytes_delivered, row?.outcome, row?.payload_intact],
          [10_000 + index, 10_000 + index, 'completed', true],
        )
      } else {
        assert.equal(ended.code, 1, ended.stderr)
        assertOneLine(ended, `busy: ${SESSIONS} sessions are under way (--max-sessions); try again later`)
      }
    }
    assert(measuredRuns >= SESSIONS, `${measuredRuns}`)
    context.diagnostic(`${measuredRuns} of ${RUNS} measured`)
    const ids = runs.flatMap(({ stdout }) => (stdout === '' ? [] : parseRows(stdout).map(row => row.run_id)))
    assert.equal(new Set(ids).size, measuredRuns)
    await eventually('every session closed', () => childrenOf(server.pid).length === 0)
    server.kill('SIGTERM')
    assert.equal((await server.over()).code, 0)
    const opened = logOf(server).filter(({ event }) => event === 'session-opened')
    const closed = logOf(server).filter(({ event }) => event === 'session-closed')
    assert.equal(opened.length, measuredRuns)
    assert.equal(closed.length, measuredRuns)
  })

  test('both ways with one session is busy too, and ends', async context => {
    const server = await served(context, ['--max-sessions', '1'])
    const ended = await run(['--bidir', ...at(server)], { cwd: folder(context) })
    assert.equal(ended.code, 1)
    assertOneLine(ended, 'busy: 1 session is under way')
  })
})

describe('a server that ends', { concurrency: 3, skip: withoutProc }, () => {
  const slow = ['--transport', 'udp-header', '--size', '100k', '--repeat', '100']

  test('by SIGTERM in a trial lets it finish, tells its client, and leaves no process', async context => {
    const server = await served(context)
    await using running = startRun([...slow, '--rate', '1M', ...at(server)], { cwd: folder(context) })
    await eventually('a row', () => running.stdout.split('\n').length > 2)
    const agents = childrenOf(server.pid)
    server.kill('SIGTERM')
    const ended = await server.over()
    assert.equal(ended.code, 0, ended.stderr)
    await allGone(agents)
    assert.match(ended.stderr, /"event":"closed"/)
    assert(measured({ ...(await stopped(running)) }).rows.length >= 1)
  })

  test('by SIGTERM begins no other trial, however soon its client asks for one', async context => {
    const server = await served(context)
    using client = await HostileClient.enter(server.port, TOKEN)
    client.tell(prepare({ engine: 'node' }))
    await client.hear('ready')
    server.kill('SIGTERM')
    await new Promise(resolve => setTimeout(resolve, 100))
    client.tell(SETTLE)
    await client.hear('receive-report')
    client.tell(prepare({ trial: 2 }))
    await client.closed()
    assert(!client.heard.some(({ message }) => message?.type === 'ready'), JSON.stringify(client.heard))
    assert.equal(client.heard[0]?.code, 'CLOSING')
  })

  test('by SIGTERM twice ends at once', async context => {
    const server = await served(context)
    using client = await HostileClient.enter(server.port, TOKEN)
    client.tell(prepare({ engine: 'node' }))
    await client.hear('ready')
    const agents = childrenOf(server.pid)
    server.kill('SIGTERM')
    await new Promise(resolve => setTimeout(resolve, 500))
    server.kill('SIGTERM')
    assert.equal((await server.over()).code, 143)
    await allGone(agents)
  })

  test('an agent that is killed in a trial fails that one; the run goes on with another session', async context => {
    const server = await served(context)
    const words = ['--transport', 'udp-header', '--size', '100k', '--rate', '2M', '--repeat', '4']
    await using running = startRun([...words, ...at(server)], { cwd: folder(context) })
    await eventually('a row', () => running.stdout.split('\n').length > 2)
    for (const agent of childrenOf(server.pid)) process.kill(agent, 'SIGKILL')
    const { code, rows, stderr } = measured(await running.over())
    assert.equal(code, 1, stderr)
    assert.equal(rows.length, 4)
    assert.equal(rows.filter(({ outcome }) => outcome === 'failed').length, 1)
    assert.equal(rows.at(-1)?.outcome, 'completed')
  })

  async function stopped(running: ReturnType<typeof startRun>): Promise<Ended> {
    running.kill('SIGINT')
    return running.over()
  }
})
