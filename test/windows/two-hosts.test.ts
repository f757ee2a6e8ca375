/** Windows and Linux as the two hosts of a run, over loopback, either of them in command. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext } from 'node:test'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { parseRows } from '../e2e/rows.ts'
import { run, startServer } from '../e2e/two-hosts.ts'
import { test } from '../support/patient.ts'
import { benchOnWindows, notInSmoke, ROWS, startOnWindows, windowsFolder } from './product.ts'

const WORDS = [
  '--transport',
  'tcp,tls,udp-header,udp-marker,udp-datagram,udp-stop-and-wait,udp-arq',
  '--engine',
  'node',
]
const SIZES = ['--size', '50000,65507,65508', '--chunk', '1024']
const TRANSPORTS = 7

describe('Windows in command, Linux serves', () => {
  for (const [direction, flags, skip] of [
    ['forward', [], false],
    ['reverse', ['--reverse'], false],
    ['bidir', ['--bidir'], notInSmoke],
  ] as const)
    test(direction, { skip }, async context => {
      await using server = await startServer({ cwd: tmpdir(), listen: '127.0.0.1:0' })
      const host = ['--host', `127.0.0.1:${server.port}`]
      const { code, stdout, stderr } = await benchOnWindows(
        ['run', ...host, ...flags, ...WORDS, ...SIZES, ...ROWS],
        windowsFolder(context),
      )
      assert.deepEqual([code, stderr], [0, ''])
      const rows = parseRows(stdout)
      assertRows(rows, direction === 'bidir' ? ['bidir-forward', 'bidir-reverse'] : [direction])
      assertSystems(rows, 'win32', 'linux')
    })

  test('doctor finds nothing in the way', { skip: notInSmoke }, async context => {
    await using server = await startServer({ cwd: tmpdir(), listen: '127.0.0.1:0' })
    const { code, stdout } = await benchOnWindows(
      ['doctor', `127.0.0.1:${server.port}`],
      windowsFolder(context),
    )
    assert.equal(code, 0, stdout)
    // On a busy machine some datagrams are lost.
    for (const way of ['TCP to there', 'UDP to there', 'TCP to here', 'UDP to here'])
      assert.match(stdout, new RegExp(`^(good|notice) +${way}`, 'm'))
  })
})

test('Linux in command, Windows serves: forward and reverse', async context => {
  const { server, host } = await serveOnWindows(context)
  await using _ended = server
  for (const [direction, flags] of [
    ['forward', []],
    ['reverse', ['--reverse']],
  ] as const) {
    const { code, stderr, rows } = await run(['--host', host, ...flags, ...WORDS, ...SIZES, ...ROWS], {
      cwd: tmpdir(),
    })
    assert.deepEqual([code, stderr], [0, ''])
    assertRows(rows, [direction])
    assertSystems(rows, 'linux', 'win32')
  }
})

test('the best engine of each: native on Linux, node on Windows', { skip: notInSmoke }, async context => {
  const { server, host } = await serveOnWindows(context)
  await using _ended = server
  const { code, rows } = await run(['--host', host, '--transport', 'tcp,udp-header', ...ROWS], {
    cwd: tmpdir(),
  })
  assert.equal(code, 0)
  for (const row of rows)
    assert.deepEqual([row.sender_engine, row.receiver_engine, row.outcome], ['native', 'node', 'completed'])
})

test('a fleet of both, with Windows in command', { skip: notInSmoke }, async context => {
  const { server, host } = await serveOnWindows(context)
  await using _ended = server
  await using linux = await startServer({ cwd: tmpdir(), listen: '127.0.0.1:0' })
  const cwd = windowsFolder(context)
  writeFileSync(join(cwd, 'hosts.yaml'), `hosts:\r\n  lin: 127.0.0.1:${linux.port}\r\n  win: ${host}\r\n`)
  const words = ['--transport', 'tcp,udp-header', '--size', '50000', '--engine', 'node', ...ROWS]
  const { code, stdout, stderr } = await benchOnWindows(
    ['fleet', 'run', '--hosts', 'hosts.yaml', ...words],
    cwd,
  )
  assert.deepEqual([code, stderr], [0, ''])
  const pairs = parseRows(stdout).map(row =>
    [row.pair_from, row.pair_to, row.transport, row.outcome].join(' '),
  )
  assert.deepEqual(pairs.sort(), [
    'lin win tcp completed',
    'lin win udp-header completed',
    'win lin tcp completed',
    'win lin udp-header completed',
  ])
})

async function serveOnWindows(context: TestContext) {
  const server = startOnWindows(['serve', '--listen', '127.0.0.1:0'], windowsFolder(context))
  const port = await server.until('port', ({ stdout }) => /^listening at \S+:(\d+);/.exec(stdout)?.[1])
  return { server, host: `127.0.0.1:${port}` }
}

/** All arrives, but for the datagram that is one byte too long. */
function assertRows(rows: readonly TrialRecord[], directions: readonly string[]): void {
  assert.equal(rows.length, 3 * TRANSPORTS * directions.length)
  assert.deepEqual(new Set(rows.map(row => row.direction)), new Set(directions))
  for (const row of rows) {
    const isOver = row.transport === 'udp-datagram' && row.size_bytes === 65_508
    const expected = isOver ? ['refused', false, 'EMSGSIZE'] : ['completed', true, undefined]
    assert.deepEqual([row.outcome, row.payload_intact, row.error_code], expected, JSON.stringify(row))
  }
}

/** @param here of the command @param there of the server */
function assertSystems(rows: readonly TrialRecord[], here: string, there: string): void {
  for (const row of rows) {
    const isBack = row.direction === 'reverse' || row.direction === 'bidir-reverse'
    const ends = isBack ? [there, here] : [here, there]
    assert.deepEqual([row.sender_os, row.receiver_os], ends, JSON.stringify(row))
  }
}
