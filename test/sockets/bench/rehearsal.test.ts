/** What is done so that a trial measures the system and not V8: rehearsals, waits on the spot, threads that give way. */
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { describe } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FromAgent, Prepare, ToAgent } from '../../../bench/fleet/calls/agent-calls.ts'
import { AgentHandle } from '../../../bench/fleet/calls/handle.ts'
import { LocalAgent } from '../../../bench/fleet/local/local.ts'
import { runTrial } from '../../../bench/measure/trial.ts'
import { BUILT_IN } from '../../../transports/catalog.ts'
import { MSG_DONTWAIT, MSG_WAITFORONE } from '../../../transports/engines/native/abi.ts'
import { type Libc, loadLibc } from '../../../transports/engines/native/libc.ts'
import { createNativeSockets } from '../../../transports/engines/native/native.ts'
import { allowedCpus } from '../../../transports/engines/native/scheduling.ts'
import { obstacleToNative } from '../../../transports/engines/native/systems.ts'
import { carriersOver } from '../../support/carriers.ts'
import { ENGINES } from '../../support/engines.ts'
import { test } from '../../support/patient.ts'
import { leavesNothingOpen, loopback, NEVER } from '../../support/transfers.ts'

const HANG = { timeout: 60_000 }
const LIMIT_MS = 30_000
const LINUX = { skip: obstacleToNative() ?? false }
const CHUNKS = 3
const SCHED_OTHER = 0
const SCHED_IDLE = 5

function prepare(
  over: Pick<Prepare, 'trial' | 'role' | 'transport' | 'engine' | 'rehearse' | 'unrecorded'>,
): Prepare {
  return {
    type: 'prepare',
    payload: { kind: 'generated', sizeBytes: CHUNKS * 1000, chunkBytes: 1000, seed: 1 },
    local: loopback(4),
    socket: {},
    answerTimeoutMs: LIMIT_MS,
    ...over,
  }
}

for (const engine of ENGINES)
  describe(`a rehearsal on ${engine}`, () => {
    test('is no part of the trial, and asked for only where both ends are', HANG, async () => {
      await using sender = new LocalAgent('sender', {})
      await using receiver = new LocalAgent('receiver', {})
      let trial = 0
      for (const { name: transport } of carriersOver(await BUILT_IN.engines.sockets(engine)))
        for (const rehearse of [true, undefined]) {
          trial++
          sender.post(prepare({ trial, role: 'send', transport, engine, rehearse }))
          receiver.post(prepare({ trial, role: 'receive', transport, engine, rehearse }))
          const { endpoint, rehearsal } = await receiver.next(trial, ['ready'], LIMIT_MS, NEVER)
          await sender.next(trial, ['ready'], LIMIT_MS, NEVER)
          assert.ok(endpoint)
          assert.equal(rehearsal !== undefined, rehearse === true)
          assert.notEqual(rehearsal?.port, endpoint.port)
          sender.post({ type: 'go', trial, to: endpoint, rehearsal })
          const { sent } = await sender.next(trial, ['sent'], LIMIT_MS, NEVER)
          receiver.post({ type: 'settle', trial, sent, quietMs: 500, deadlineMs: LIMIT_MS })
          const { report } = await receiver.next(trial, ['receive-report'], LIMIT_MS, NEVER)
          assert.equal(sent.bytesAccepted, CHUNKS * 1000, transport)
          assert.equal(report.bytesDelivered, CHUNKS * 1000)
          assert.equal(report.intact, true)
          assert.equal(report.datagrams?.stray ?? 0, 0)
          sender.post({ type: 'unanswered', trial })
          await sender.next(trial, ['send-report'], LIMIT_MS, NEVER)
        }
    })
  })

describe('a receiver elsewhere that asks for one', () => {
  test('is not followed', async () => {
    const elsewhere = { host: '192.0.2.1', port: 9, family: 4 } as const
    const went: ToAgent[] = []
    class Answering extends AgentHandle {
      constructor(answer: FromAgent) {
        super('agent')
        this.put(answer)
        // It says nothing else.
        this.close('gone')
      }

      post(message: ToAgent): void {
        went.push(message)
      }

      async readClock() {
        return { offsetMs: 0, errorMs: 0, rttMs: undefined }
      }

      async [Symbol.asyncDispose]() {}
    }
    const ready = { type: 'ready', trial: 1 } as const
    const common = { engine: 'node', route: { bind: loopback(4) } }
    await runTrial(
      {
        scenario: 'x',
        transport: 'tcp',
        sizeBytes: 1,
        chunkBytes: 1,
        socket: {},
        ipFamily: 4,
        seed: 1,
      },
      {
        trial: 1,
        transport: BUILT_IN.transports.get('tcp') ?? assert.fail(),
        timeoutMs: LIMIT_MS,
        answerTimeoutMs: LIMIT_MS,
        drainMs: 1,
        graceMs: 1,
        signal: NEVER,
      },
      { ...common, agent: new Answering(ready) },
      [{ ...common, agent: new Answering({ ...ready, endpoint: loopback(4), rehearsal: elsewhere }) }],
    )
    const [go, ...others] = went.filter(message => message.type === 'go')
    assert.ok(go)
    assert.deepEqual(others, [])
    assert.equal(go.rehearsal, undefined)
  })
})

describe('threads of an agent', LINUX, () => {
  test('those of V8 give way to the ones that measure, once they do', HANG, async context => {
    const { sched_setscheduler, addressOf } = await loadLibc()
    // To what it is already: a sandbox may forbid even that.
    if (sched_setscheduler(0, SCHED_OTHER, addressOf(Buffer.alloc(4096))) < 0)
      return context.skip('this system lets nobody choose a scheduling policy')
    const before = children()
    await using agent = new LocalAgent('agent', {})
    for (const [trial, idle] of [0, 4, 4].entries()) {
      const asked = { trial, role: 'send', transport: 'tcp', engine: 'native', rehearse: undefined } as const
      agent.post(prepare({ ...asked, unrecorded: idle === 0 }))
      await agent.next(trial, ['ready'], LIMIT_MS, NEVER)
      const [pid, ...others] = children().filter(each => !before.includes(each))
      assert.ok(pid !== undefined && others.length === 0)
      const policies = readdirSync(`/proc/${pid}/task`).map(tid => policyOf(pid, tid))
      assert.equal(policies.filter(policy => policy === SCHED_IDLE).length, idle)
      assert.equal(policyOf(pid, String(pid)), SCHED_OTHER, 'the thread that answers to the parent')
      assert.ok(policies.filter(policy => policy === SCHED_OTHER).length >= 2, 'and the end')
    }
  })
})

describe('the end of an agent that is pinned', LINUX, () => {
  test('shares its CPU with no thread of V8, if there is another CPU', HANG, async () => {
    const cpus = allowedCpus(await loadLibc())
    const [own = assert.fail(), ...others] = cpus
    const before = children()
    await using agent = new LocalAgent('agent', { cpus: [own, own] })
    agent.post(prepare({ trial: 1, role: 'send', transport: 'tcp', engine: 'native', rehearse: undefined }))
    await agent.next(1, ['ready'], LIMIT_MS, NEVER)
    const pid = children().find(each => !before.includes(each)) ?? assert.fail()
    const allowed = readdirSync(`/proc/${pid}/task`).map(tid => cpusOf(pid, tid))
    const on = (some: readonly number[]) => allowed.filter(each => each.join() === some.join()).length
    // Where there is one CPU only, all threads share it.
    assert.equal(on([own]), others.length > 0 ? 1 : allowed.length, 'the end')
    if (others.length > 0) assert.equal(on(others), 4, 'those of V8')
  })
})

describe('what is about to come', LINUX, () => {
  test('is waited for in recvmmsg(2), as long as there is more of it', HANG, () =>
    leavesNothingOpen(async () => {
      const flags: number[] = []
      const sockets = createNativeSockets(await spied({ recvmmsg: flag => flags.push(flag) }))
      await using socket = await sockets.bindDatagram({ signal: NEVER, local: loopback(4) })
      const got: string[] = []
      socket.read(
        (memory, start, end) => got.push(memory.toString('latin1', start, end)),
        undefined,
        () => got.length % 2 === 1,
      )
      const plain = createSocket('udp4')
      for (const text of ['one', 'two', 'three', 'four']) {
        plain.send(text, socket.local.port, socket.local.host)
        while (got.at(-1) !== text) await sleep(1)
        await sleep(20)
      }
      plain.close()
      assert.deepEqual(got, ['one', 'two', 'three', 'four'])
      assert.ok(flags.includes(MSG_DONTWAIT))
      assert.ok(flags.includes(MSG_WAITFORONE))
    }),
  )

  test('of a stream is waited for in recv(2), unless somebody else waits', HANG, async () => {
    for (const crowded of [false, true])
      await leavesNothingOpen(async () => {
        const flags: number[] = []
        const sockets = createNativeSockets(await spied({ recv: flag => flags.push(flag) }))
        let got = ''
        await using listener = await sockets.listen({ signal: NEVER, local: loopback(4) }, stream =>
          stream.read(
            bytes => {
              got += bytes.toString('latin1')
            },
            () => 6 - got.length,
          ),
        )
        await using other = await sockets.bindDatagram({ signal: NEVER, local: loopback(4) })
        if (crowded) other.read(() => {})
        const client = connect(listener.local.port, listener.local.host)
        for (const text of ['abc', 'def']) {
          client.write(text)
          while (!got.endsWith(text)) await sleep(1)
          await sleep(20)
        }
        client.destroy()
        await sleep(20)
        assert.equal(got, 'abcdef')
        assert.equal(flags.includes(0), !crowded)
      })
  })

  test('a first connection is waited for in accept4(2), a second one where a message is, too', HANG, () =>
    leavesNothingOpen(async () => {
      let waits = 0
      let came = 0
      const sockets = createNativeSockets(await spied({ accept4: () => void waits++ }))
      await using listener = await sockets.listen({ signal: NEVER, local: loopback(4) }, stream => {
        came++
        void stream[Symbol.asyncDispose]()
      })
      while (waits < 3) await sleep(1)
      for (const number of [1, 2]) {
        connect(listener.local.port, listener.local.host).resume()
        while (came < number) await sleep(1)
        const until = waits
        await sleep(40)
        assert.equal(waits, until)
      }
    }),
  )
})

/** The flags of each call are told. */
async function spied(told: {
  readonly accept4?: (flags: number) => void
  readonly recv?: (flags: number) => void
  readonly recvmmsg?: (flags: number) => void
}): Promise<Libc> {
  const real = await loadLibc()
  return {
    ...real,
    accept4(fd, address, length, flags) {
      told.accept4?.(flags)
      return real.accept4(fd, address, length, flags)
    },
    recv(fd, bytes, length, flags) {
      told.recv?.(flags)
      return real.recv(fd, bytes, length, flags)
    },
    recvmmsg(fd, messages, count, flags, timeout) {
      told.recvmmsg?.(flags)
      return real.recvmmsg(fd, messages, count, flags, timeout)
    },
  }
}

function children(): number[] {
  return readdirSync('/proc/self/task').flatMap(tid =>
    readFileSync(`/proc/self/task/${tid}/children`, 'latin1').trim().split(' ').filter(Boolean).map(Number),
  )
}

function cpusOf(pid: number, tid: string): readonly number[] {
  const status = readFileSync(`/proc/${pid}/task/${tid}/status`, 'latin1')
  const ranges = /^Cpus_allowed_list:\s*(.*)$/m.exec(status)?.[1] ?? ''
  return ranges.split(',').flatMap(range => {
    const [first = 0, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
}

/** Field 41 of proc_pid_stat(5). */
function policyOf(pid: number, tid: string): number {
  const stat = readFileSync(`/proc/${pid}/task/${tid}/stat`, 'latin1')
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[41 - 3])
}
