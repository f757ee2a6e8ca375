/** What V8 may compile while a trial runs: nothing, once both ends have practised it and it is short. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { describe } from 'node:test'
import { promisify } from 'node:util'
import { AgentPair } from '../../../bench/fleet/agent-pair.ts'
import type { Prepare, ToAgent } from '../../../bench/fleet/calls/agent-calls.ts'
import { AgentHandle } from '../../../bench/fleet/calls/handle.ts'
import { LocalAgent } from '../../../bench/fleet/local/local.ts'
import { practise } from '../../../bench/measure/fresh-agents.ts'
import type { TrialSetting } from '../../../bench/measure/prepare.ts'
import { runTrial } from '../../../bench/measure/trial.ts'
import type { Case } from '../../../scenarios/plan.ts'
import { BUILT_IN } from '../../../transports/catalog.ts'
import { test } from '../../support/patient.ts'
import { loopback, NEVER } from '../../support/transfers.ts'

const HANG = { timeout: 60_000 }
const PRACTICE_TRIALS = 10
const V8_FLAGS = new URL('../../../bench/fleet/agent/v8-flags.js', import.meta.url).href

/** Three functions of the same kind become hot one after the other: while V8 may not optimize, while it may, while it may not. */
const PROGRAM = `
  import { optimize } from ${JSON.stringify(V8_FLAGS)}
  const add = name => Function('n', 'return function ' + name + '(a, b) { let s = a; for (let i = 0; i < 9; i++) s += b ^ i; return s }')()
  for (const [name, allowed] of [['frozen', false], ['free', true], ['again', false]]) {
    optimize(allowed)
    const work = add(name)
    let sum = 0
    for (let i = 0; i < 3e5; i++) sum += work(i, sum & 7)
    await new Promise(resolve => setTimeout(resolve, 50))
    for (let i = 0; i < 3e5; i++) sum += work(i, sum & 7)
  }`

const CASE: Case = {
  scenario: 'x',
  transport: 'udp-marker',
  sizeBytes: 3000,
  chunkBytes: 1000,
  socket: {},
  ipFamily: 4,
  seed: 1,
}
const SETTING: TrialSetting = {
  trial: 1000,
  transport: BUILT_IN.transports.get(CASE.transport) ?? assert.fail(),
  timeoutMs: 30_000,
  answerTimeoutMs: 5000,
  drainMs: 500,
  graceMs: 500,
  rehearse: true,
  signal: NEVER,
}

const endOf = (agent: AgentHandle, engine = 'node') => ({ agent, engine, route: { bind: loopback(4) } })

/** An agent, with what it has to prepare. */
class Heard extends AgentHandle {
  readonly prepared: Prepare[] = []
  readonly #agent: AgentHandle

  constructor(agent: AgentHandle) {
    super('heard')
    this.#agent = agent
  }

  override next: AgentHandle['next'] = (...asked) => this.#agent.next(...asked)

  post(message: ToAgent): void {
    if (message.type === 'prepare') this.prepared.push(message)
    this.#agent.post(message)
  }

  readClock(signal: AbortSignal) {
    return this.#agent.readClock(signal)
  }

  [Symbol.asyncDispose]() {
    return this.#agent[Symbol.asyncDispose]()
  }
}

describe('code', () => {
  test('is optimized only while V8 may', HANG, async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--trace-opt',
      '--input-type=module',
      '--eval',
      PROGRAM,
    ])
    const optimized = (name: string) => new RegExp(`^\\[completed .*<JSFunction ${name}\\b`, 'm').test(stdout)
    assert.deepEqual(['frozen', 'free', 'again'].map(optimized), [false, true, false], stdout)
  })

  test(
    'of a trial is practised once in a pair of processes, that of other options as well',
    HANG,
    async () => {
      await using from = new LocalAgent('sender', {})
      await using to = new LocalAgent('receiver', {})
      await using pair = new AgentPair()
      const [sender, receiver] = [new Heard(from), new Heard(to)]
      const practised = (each: Case) => practise(each, SETTING, pair, endOf(sender), [endOf(receiver)])
      assert.equal(await practised(CASE), true)
      assert.equal(await practised({ ...CASE, sizeBytes: 500, chunkBytes: 100 }), true)
      assert.equal(sender.prepared.length, PRACTICE_TRIALS)
      assert.equal(await practised({ ...CASE, socket: { rcvbufBytes: 100_000 } }), true)
      assert.equal(receiver.prepared.length, 2 * PRACTICE_TRIALS)
      assert.ok([...sender.prepared, ...receiver.prepared].every(message => !message.practised))

      const setting = { ...SETTING, practised: true }
      const [reports] = await runTrial(CASE, setting, endOf(sender), [endOf(receiver)])
      assert.ok(reports)
      assert.equal(reports.problem, undefined)
      assert.equal(sender.prepared.at(-1)?.practised, true)
      assert.equal(receiver.prepared.at(-1)?.practised, true)
    },
  )

  test('that could not be practised may still be optimized', HANG, async () => {
    await using from = new LocalAgent('sender', {})
    await using to = new LocalAgent('receiver', {})
    await using pair = new AgentPair()
    const [sender, receiver] = [new Heard(from), new Heard(to)]
    const unknown = (agent: AgentHandle) => endOf(agent, 'none')
    for (let again = 0; again < 2; again++)
      assert.equal(await practise(CASE, SETTING, pair, unknown(sender), [unknown(receiver)]), false)
    assert.equal(sender.prepared.length, 1)
  })
})
