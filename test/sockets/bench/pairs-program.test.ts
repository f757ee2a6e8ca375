/** Agents of another Node or build: what is none, is too old or does not understand us is known before anything runs. */

import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe } from 'node:test'
import { UsageError } from '../../../base/errors.ts'
import { BENCH_VERSION } from '../../../bench/fleet/facts/environment.ts'
import { checkProgram, findProgram } from '../../../bench/pairs/program.ts'
import type { Plan } from '../../../scenarios/plan.ts'
import { BUILT_IN } from '../../../transports/catalog.ts'
import { test } from '../../support/patient.ts'
import { leavesNothingOpen, NEVER } from '../../support/transfers.ts'

const HANG = { timeout: 60_000 }
/** The program of an agent in a build. */
const MAIN = 'dist/bench/agent/main.js'
const AGENT = new URL('../../../bench/agent/', import.meta.url)
const withoutShell = process.platform === 'win32' ? 'there are no shell scripts on this system' : false

const PLAN: Plan = {
  scenario: 'test',
  engine: 'node',
  notes: [],
  cases: (['tcp', 'udp-header', 'udp-marker'] as const).map(transport => ({
    scenario: 'test',
    transport,
    sizeBytes: 1 << 30,
    chunkBytes: 9216,
    ipFamily: 4,
    seed: 1,
    socket: {},
  })),
  repeat: 1,
  warmup: 0,
  processes: 1,
  seed: 1,
  drainMs: undefined,
  timeoutMs: undefined,
}

describe('another program', () => {
  let folder = ''
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'bench-program-'))
  })
  after(() => rmSync(folder, { recursive: true }))

  /** A program that is a shell script. */
  function script(name: string, text: string): string {
    const path = join(folder, name)
    writeFileSync(path, `#!/bin/sh\n${text}\n`)
    chmodSync(path, 0o755)
    return path
  }

  /** A build of this tool whose agents do what `main` says. */
  function build(name: string, main: string, version = '0.0.9', at = MAIN): string {
    const root = join(folder, name)
    mkdirSync(dirname(join(root, at)), { recursive: true })
    writeFileSync(
      join(root, 'package.json'),
      JSON.stringify({ name: 'tcp-udp-bench', version, type: 'module' }),
    )
    writeFileSync(join(root, 'dist/bench/cli.js'), '')
    writeFileSync(join(root, at), main)
    return root
  }

  async function problemOf(cli: string, plan = PLAN): Promise<string> {
    const program = await findProgram({ cli })
    assert.ok(program)
    const error = await checkProgram({ cli }, program, plan, BUILT_IN, NEVER).then(
      () => assert.fail('taken'),
      (thrown: unknown) => thrown,
    )
    assert.ok(error instanceof UsageError, String(error))
    assert.doesNotMatch(error.message, /\n/)
    assert.ok(
      error.message.startsWith(
        `cli=${cli} (bench 0.0.9 on Node ${process.versions.node}) cannot be controlled`,
      ),
      error.message,
    )
    return error.message
  }

  test('a Node by a link, and by a script that starts it', { ...HANG, skip: withoutShell }, () =>
    leavesNothingOpen(async () => {
      const link = join(folder, 'other-node')
      rmSync(link, { force: true })
      symlinkSync(process.execPath, link)
      for (const node of [link, script('wrapper', `exec '${process.execPath}' "$@"`)]) {
        const program = await findProgram({ node })
        assert.equal(program?.node, node)
        assert.deepEqual(program.versions, {
          node_version: process.versions.node,
          bench_version: BENCH_VERSION,
        })
        await checkProgram({ node }, program, PLAN, BUILT_IN, NEVER)
      }
    }),
  )

  test('not Node, or too old', { ...HANG, skip: withoutShell }, async () => {
    for (const [text, message] of [
      ['echo 18.20.4', /is Node 18\.20\.4; give Node 20\.19 or later$/],
      ['echo 20.18.9', /is Node 20\.18\.9; give Node 20\.19 or later$/],
      ['echo hello', /is not Node: .*"hello"; give the path of a Node$/],
      ['exit 3', /is not Node: asked for its version, it fails; /],
    ] as const)
      await assert.rejects(findProgram({ node: script('no-node', text) }), message)
    await assert.rejects(findProgram({ node: join(folder, 'nothing') }), /no such program/)
    await assert.rejects(findProgram({ node: 'no-program-of-this-name' }), /no such program/)
    await assert.rejects(findProgram({ node: folder }), /may not be executed \(EACCES\)/)
  })

  test('a build by its folder, its cli.js, and a link to that', async () => {
    const root = build('whole', '')
    const link = join(folder, 'bench')
    symlinkSync(join(root, 'dist/bench/cli.js'), link)
    for (const cli of [root, join(root, 'dist/bench/cli.js'), link]) {
      const program = await findProgram({ cli })
      assert.equal(program?.node, process.execPath)
      assert.equal(program.main, join(root, MAIN))
      assert.equal(program.versions?.bench_version, '0.0.9')
    }
    assert.equal(await findProgram({}), undefined)
    const older = 'dist/bench/fleet/agent/main.js'
    const cli = build('older', '', '0.0.8', older)
    assert.equal((await findProgram({ cli }))?.main, join(cli, older))
  })

  test('not a build', async () => {
    const refused = (cli: string, message: RegExp) => assert.rejects(findProgram({ cli }), message)
    await refused(join(folder, 'nowhere'), /no such file or folder; give the folder of a build/)
    await refused(folder, /is not a build of this tool; /)
    const other = build('other', '')
    writeFileSync(join(other, 'package.json'), '{"name":"other","version":"1.0.0"}')
    await refused(other, /is not a build of this tool; /)
    await refused(join(other, 'package.json'), /is not a build of this tool; /)
    const unbuilt = build('unbuilt', '')
    rmSync(join(unbuilt, 'dist'), { recursive: true })
    await refused(unbuilt, /\(bench 0\.0\.9\) has no .*main\.js; build it there/)
  })

  test('agents that end, that talk nonsense, or that follow other rules', HANG, () =>
    leavesNothingOpen(async () => {
      assert.match(
        await problemOf(build('broken', 'throw new TypeError("of another time")')),
        /tcp with its agents: the \w+'s process ended with 1: TypeError: of another time; choose another one$/,
      )
      const nonsense = "process.send({ type: 'ready', trial: 'one' }); setInterval(() => {}, 1000)"
      assert.match(await problemOf(build('nonsense', nonsense)), /process sent an unknown message/)
      const elsewhere = `
        import { environment } from ${url('../fleet/facts/environment.js')}
        process.send({ type: 'hello', protocol: 999, environment: environment() })
        ${plainMain()}`
      assert.match(
        await problemOf(build('later', elsewhere)),
        /its agents speak version 999 of the agents’ messages/,
      )
      // It knows other workloads, and answers the trials that it is probed with.
      const before = elsewhere.replace('999', '4')
      const film = { ...PLAN, cases: PLAN.cases.map(each => ({ ...each, workload: 'frames', frames: 2 })) }
      assert.match(await problemOf(build('before', before), film), /its agents do not know --frames/)
      const without = plainMain().replace(
        'await agent.take',
        "if (message.transport !== 'udp-marker') await agent.take",
      )
      assert.match(
        await problemOf(
          build(
            'fewer',
            `${without}\nprocess.on('message', message => { if (message.transport === 'udp-marker') process.send({ type: 'failed', trial: message.trial, failure: { phase: 'prepare', code: 'INTERNAL', message: 'this agent has no transport udp-marker' } }) })`,
          ),
        ),
        /udp-marker with its agents: this agent has no transport udp-marker; choose another one$/,
      )
    }),
  )

  test('agents of a build that says nothing of itself are taken, and known by its files', HANG, () =>
    leavesNothingOpen(async () => {
      const cli = build('silent', plainMain())
      const program = await findProgram({ cli })
      assert.ok(program)
      await checkProgram({ cli }, program, PLAN, BUILT_IN, NEVER)
      // It would ignore what it does not know.
      for (const [over, flag] of [
        [{ verify: 'index' as const }, '--verify'],
        [{ socket: { batch: 1 } }, '--batch'],
        [{ workload: 'transfer,a=1' }, '--workload'],
        [{ workload: 'frames', frames: 2 }, '--frames'],
        [{ workload: 'frames', frames: 2, fps: 5 }, '--fps'],
      ] as const) {
        const plan = { ...PLAN, cases: PLAN.cases.map(each => ({ ...each, ...over })) }
        await assert.rejects(checkProgram({ cli }, program, plan, BUILT_IN, NEVER), {
          message: new RegExp(`its agents do not know ${flag}; choose another one$`),
        })
      }
      const plugin = {
        name: 'other',
        version: '1',
        module: 'file:///other.js',
        workloads: [],
        engines: [],
        sinks: ['.x'],
      }
      const withPlugin = (transports: readonly string[]) => ({
        ...BUILT_IN,
        plugins: [{ ...plugin, transports }],
      })
      await assert.rejects(checkProgram({ cli }, program, PLAN, withPlugin(['udp-other']), NEVER), {
        message: /its agents do not know --plugin; choose another one$/,
      })
      // Agents have nothing to do with sinks.
      await checkProgram({ cli }, program, PLAN, withPlugin([]), NEVER)
    }),
  )

  function url(path: string): string {
    return JSON.stringify(new URL(path, AGENT).href)
  }

  /** Agents as they were before they said what they are. */
  function plainMain(): string {
    return `
      import { Agent } from ${url('../fleet/agent/agent.js')}
      import { BUILT_IN } from ${url('../workloads/catalog.js')}
      const agent = new Agent(BUILT_IN, BUILT_IN.workloads, message => process.send(message))
      process.on('message', async message => { await agent.take(message) })
      process.on('disconnect', () => process.exit(0))`
  }
})
