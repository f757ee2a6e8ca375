/** Link-local addresses with --interface, and with zones that are indexes; and how an interface may be named. */
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { obstacleToNative } from '../../transports/engines/native/systems.ts'
import { withoutLab } from '../support/lab.ts'
import { test } from '../support/patient.ts'
import { assertOneLine, bench, folder, PICTURE, startBench } from './cli.ts'
import { assertMeasured, PORT, startServer, useLab } from './two-hosts.ts'

const SKIP = withoutLab()
const BOTH = ['--transport', 'tcp,udp-header', '--chunk', '1024', '--rate', '100M', '--rcvbuf', 'default']

describe('link-local addresses', { skip: SKIP || (obstacleToNative() ?? false) }, () => {
  const hosts = useLab(SKIP)

  test('runs with --interface, and with zones by index', async context => {
    const { lab } = hosts
    await using _ = await startServer({
      cwd: folder(context),
      at: lab.words('router'),
      listen: `[::]:${PORT}`,
    })
    const address = lab.linkLocal('router', 'to-a')
    const index = lab.indexOf('a', 'near')
    for (const words of [
      ['--host', `[${address}%near]`, '--interface', 'near'],
      ['--host', `[${address}%near]`, '--interface', 'near', '--reverse'],
      ['--host', `[${address}%${index}]`, '--interface', 'near', '--bidir'],
      ['--host', `[${address}%${index}]`, '--engine', 'node', '--bidir'],
      ['--host', `[${address}%near]`, '--bind', `${lab.linkLocal('a', 'near')}%${index}`, '--engine', 'node'],
    ]) {
      const measured = await hosts.run(context, [...words, ...BOTH])
      assertMeasured(measured)
      for (const { sender_address: from = '', receiver_address: to = '' } of measured.rows)
        for (const each of [from, to]) assert.match(each, /^fe80:.*%(near|to-a)$/)
    }
    const none = await bench(['run', '--host', `[${address}%9999]`], {
      cwd: folder(context),
      at: lab.words('a'),
    })
    assert.equal(none.code, 2)
    assertOneLine(none, 'no interface "9999" with a link-local address here; it has near')
  })

  test('send and receive with zones by index, on either engine', async context => {
    const { lab } = hosts
    const cwd = folder(context)
    const address = lab.linkLocal('router', 'to-a')
    for (const engine of ['native', 'node'])
      for (const transport of ['tcp', 'udp-header']) {
        const there = `${address}%${lab.indexOf('router', 'to-a')}`
        const words = [
          'receive',
          '--transport',
          transport,
          '--engine',
          engine,
          '--host',
          there,
          '--count',
          '1',
        ]
        await using receiver = startBench(words, { cwd, at: lab.words('router') })
        await receiver.until('greeting', ({ stderr }) => stderr.includes('listening'))
        const port = transport === 'tcp' ? 12345 : 9999
        const target = `[${address}%${lab.indexOf('a', 'near')}]:${port}`
        const how = [
          '--transport',
          transport,
          '--engine',
          engine,
          ...(engine === 'native' ? ['--interface', 'near'] : []),
        ]
        const sent = await bench(['send', PICTURE, target, ...how], { cwd, at: lab.words('a') })
        assert.equal(sent.code, 0, `${engine} ${transport}: ${sent.stderr}`)
        assert.equal((await receiver.over()).code, 0)
      }
  })

  test('an interface may have a name with letters that are not ASCII', async context => {
    const { lab } = hosts
    for (const words of [
      'link add nähe type veth peer name other-end',
      'address add 10.79.0.1/24 dev nähe',
      'link set nähe up',
      'link set other-end up',
    ])
      lab.run('a', 'ip', ...words.split(' '))
    const words = ['send', PICTURE, '10.79.0.2:9999', '--transport', 'udp-marker', '--interface', 'nähe']
    const sent = await bench(words, { cwd: folder(context), at: lab.words('a') })
    assert.equal(sent.code, 0, sent.stderr)
  })
})
