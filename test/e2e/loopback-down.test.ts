/** The loopback interface goes down, and its addresses stay: what goes within the host is lost in silence, so commands say it beforehand. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import { ADDRESSES, Lab, withoutLab } from '../support/lab.ts'
import { test } from '../support/patient.ts'
import { assertOneLine, bench, folder, PICTURE, startBench } from './cli.ts'

const SKIP = withoutLab()

describe('with the loopback interface down', { skip: SKIP }, () => {
  let lab: Lab | undefined
  before(() => {
    if (SKIP !== false) return
    lab = new Lab()
    lab.run('a', 'ip', 'link', 'set', 'lo', 'down')
  })
  after(() => lab?.[Symbol.dispose]())
  const words = () => lab?.words('a') ?? []

  test('what cannot work is refused in a line, before anything is measured', async context => {
    const cwd = folder(context)
    writeFileSync(join(cwd, 'one.yaml'), 'transport: tcp\nsize: 4k\nthresholds: [loss == 0]\n')
    const own = ADDRESSES.a[4]
    for (const [command, said] of [
      [['run', '--size', '100k'], 'nothing can be measured on this host alone'],
      [['run', '--size', '100k', '--bind', own], 'nothing can be measured on this host alone'],
      [['run', '--size', '100k', '-6'], 'nothing can be measured on this host alone'],
      [['ab', '-a', '', '-b', 'chunk=2k'], 'nothing can be measured on this host alone'],
      [['aa'], 'nothing can be measured on this host alone'],
      [['responsiveness'], 'nothing can be measured on this host alone'],
      [['check', 'one.yaml'], 'nothing can be measured on this host alone'],
      [['run', '--target', '127.0.0.1:9', '--transport', 'tcp'], '127.0.0.1 cannot be reached'],
      [['run', '--target', `${own}:9`, '--transport', 'tcp'], `${own} cannot be reached`],
      [['run', '--host', own], `${own} cannot be reached`],
      [['send', PICTURE, '127.0.0.1:9', '--transport', 'udp-header'], '127.0.0.1 cannot be reached'],
    ] as const) {
      const ended = await bench(command, { cwd, at: words() })
      assert.equal(ended.code, 1, `${command.join(' ')}: ${ended.stdout}${ended.stderr}`)
      assertOneLine(ended, `the loopback interface is down, so ${said}; sudo ip link set lo up`)
    }
  })

  test('receive and serve note it, where only this host could reach them', async context => {
    const cwd = folder(context)
    for (const [command, host] of [
      [['receive', '--transport', 'tcp'], '127.0.0.1'],
      [['receive', '--transport', 'messages-udp'], '127.0.0.1'],
      [['serve'], '127.0.0.1'],
    ] as const) {
      await using running = startBench(command, { cwd, at: words() })
      const note = `note: the loopback interface is down, so nothing can arrive at ${host}; sudo ip link set lo up\n`
      await running.until('note', ({ stdout, stderr }) => (stdout + stderr).includes(note))
    }
    await using open = startBench(['receive', '--transport', 'tcp', '--host', ADDRESSES.a[4]], {
      cwd,
      at: words(),
    })
    await open.until('greeting', ({ stderr }) => stderr.includes('listening'))
    open.kill('SIGINT')
    assert.doesNotMatch((await open.over()).stderr, /loopback/)
  })

  test('between two hosts it makes no difference', async context => {
    const cwd = folder(context)
    const target = startBench(['receive', '--transport', 'tcp', '--host', ADDRESSES.b[4], '--count', '1'], {
      cwd,
      at: lab?.words('b') ?? [],
    })
    await using _ = target
    await target.until('greeting', ({ stderr }) => stderr.includes('listening'))
    const sent = await bench(['send', PICTURE, `${ADDRESSES.b[4]}:12345`, '--transport', 'tcp'], {
      cwd,
      at: words(),
    })
    assert.equal(sent.code, 0, sent.stderr)
  })
})
