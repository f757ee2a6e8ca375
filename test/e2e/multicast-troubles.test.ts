/** A group that lacks what it needs: a receiver that dies, an interface, a port, or an address that is heard. */
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import { ENGINES } from '../support/engines.ts'
import { groupNetwork } from '../support/group-network.ts'
import { type Namespace, withoutNamespaces } from '../support/namespace.ts'
import { test } from '../support/patient.ts'
import { withoutPython } from '../support/programs.ts'
import { assertOneLine, assertRefused, bench, childrenOf, folder, PICTURE, startBench } from './cli.ts'
import { assertLaw, readCsv } from './rows.ts'

const SKIP = withoutNamespaces() || withoutPython

describe('a group', { skip: SKIP }, () => {
  let network: Namespace
  before(() => {
    network = groupNetwork()
  })
  after(() => network?.[Symbol.dispose]())

  test('a receiver that dies is an outcome, and the next trial has another', async context => {
    const cwd = folder(context)
    const at = network.words
    const words = [
      'run',
      '--transport',
      'udp-multicast',
      '--receivers',
      '3',
      '--rate',
      '400k',
      '--size',
      '100k',
    ]
    const short = [
      '--repeat',
      '2',
      '--warmup',
      '0',
      '--processes',
      '1',
      '--drain',
      '2s',
      '--no-chart',
      '--out',
      'x.csv',
    ]
    await using running = startBench([...words, ...short], { cwd, at })
    // All have joined, and the sender takes two seconds.
    await running.until('receivers', ({ pid }) => boundToGroup(pid) === 3)
    const receiver = childrenOf(running.pid).at(-1) ?? assert.fail('no agents')
    process.kill(receiver, 'SIGKILL')
    const { code, stderr } = await running.over()
    assert.equal(code, 1, stderr)
    const rows = readCsv(join(cwd, 'x.csv'))
    assert.equal(rows.length, 6)
    assertLaw(rows)
    assert.ok(
      rows.slice(0, 3).some(each => each.outcome === 'failed' && /SIGKILL/.test(each.error_message ?? '')),
    )
    for (const row of rows.slice(3)) assert.equal(row.outcome, 'completed', JSON.stringify(row))
  })

  test('one host and IPv6 without an interface that has multicast: one line says what to do', async context => {
    const cwd = folder(context)
    const words = [
      'run',
      '--transport',
      'udp-multicast',
      '-6',
      '--repeat',
      '1',
      '--warmup',
      '0',
      '-q',
      '--out',
      'x.csv',
    ]
    const { code, stderr } = await bench(words, { cwd, at: network.words })
    assert.equal(code, 2)
    assert.match(
      stderr,
      /^bench: what is sent to ff15::7:7 through lo does not come back .*ENETUNREACH.*--interface.*\n$/,
    )
  })
})

for (const engine of ENGINES)
  test(`bench receive, ${engine}, says of a port that another program has to itself that it is taken`, async context => {
    const taken = createSocket('udp4')
    context.after(() => taken.close())
    taken.bind(0)
    await once(taken, 'listening')
    const { port } = taken.address()
    const words = ['receive', '--transport', 'udp-multicast', '--port', String(port), '--engine', engine]
    const ended = await bench(words, { cwd: folder(context) })
    assert.equal(ended.code, 1)
    assertOneLine(
      ended,
      `cannot bind UDP port ${port} at 239.255.7.7: already in use; stop the other program, or choose another port with --port`,
    )
  })

for (const engine of ENGINES)
  test(`what nobody could hear, or no interface has, is refused in a line, ${engine}`, async context => {
    const cwd = folder(context)
    const of = ['--transport', 'udp-multicast', '--engine', engine]
    const source = ['run', ...of, '--source', '192.0.2.99', '--repeat', '1', '--quiet', '--out', 'x.csv']
    assertRefused(
      await bench(source, { cwd }),
      '--source 192.0.2.99: receivers would hear nothing, since this host sends from 127.0.0.1; give that address',
    )
    for (const words of [['receive'], ['send', PICTURE, '239.255.7.7']])
      assertRefused(
        await bench([...words, ...of, '--interface', 'nope'], { cwd }),
        '--interface: this host has no interface nope; it has lo',
      )
  })

/** How many sockets of its network are bound to the usual group. */
function boundToGroup(pid: number): number {
  return readFileSync(`/proc/${pid}/net/udp`, 'latin1')
    .split('\n')
    .filter(line => / 0707FFEF:/.test(line.slice(0, 20))).length
}
