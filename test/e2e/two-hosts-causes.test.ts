/** Where datagrams are lost between two hosts, as the rows count it and as the warnings say it; and that they say nothing else. */
import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { summarize } from '../../results/summary.ts'
import { findWarnings } from '../../results/warnings.ts'
import { obstacleToNative } from '../../transports/sockets/native/systems.ts'
import { ADDRESSES, withoutLab, withoutNat } from '../support/lab.ts'
import { assertMeasured, useLab } from './two-hosts.ts'

const SKIP = withoutLab()
const ENGINES = obstacleToNative() === undefined ? (['native', 'node'] as const) : (['node'] as const)
const UDP = ['--transport', 'udp-header,udp-marker']

describe('the queue of the sender’s own host is too short', { skip: SKIP }, () => {
  const hosts = useLab(SKIP)

  for (const engine of ENGINES)
    for (const family of [4, 6] as const)
      test(`${engine}, IPv${family}: it is the cause, both ways, and only there`, async context => {
        const host = ['--host', ADDRESSES.b[family], '--engine', engine, ...UDP, '--chunk', '1400']
        for (const [sender, words] of [
          ['a', []],
          ['b', ['--reverse']],
        ] as const) {
          const sized = [...host, ...words, '--size', '2M']
          hosts.lab.setSendQueue(sender, '50mbit')
          const lossy = await rowsOf(context, sized).finally(() => hosts.lab.setSendQueue(sender, undefined))
          for (const row of lossy.rows) {
            const told = JSON.stringify(row)
            const { datagrams_lost: lost, lost_send_queue: queue = 0, lost_receive_buffer: buffer = 0 } = row
            assert(lost !== undefined && queue > 100, told)
            assert.deepEqual(
              [row.loss_cause, row.lost_elsewhere, queue + buffer],
              ['send queue', 0, lost],
              told,
            )
            assert((row.host_sndbuf_errors ?? 0) >= queue, told)
          }
          const roomy = await rowsOf(context, [...sized, '--rate', '100M'])
          for (const row of roomy.rows)
            assert.deepEqual([row.lost_send_queue, row.host_sndbuf_errors], [0, 0], JSON.stringify(row))
        }
      })

  async function rowsOf(context: TestContext, words: readonly string[]) {
    const result = await hosts.run(context, words)
    assertMeasured(result)
    return result
  }
})

describe('fragments are dropped on the way', { skip: SKIP || withoutNat() }, () => {
  const hosts = useLab(SKIP || withoutNat())

  for (const engine of ENGINES)
    for (const family of [4, 6] as const)
      test(`${engine}, IPv${family}: the advice is the chunk that fits, and none where they arrive`, async context => {
        const words = [
          ...['--host', ADDRESSES.b[family], '--engine', engine, '--transport', 'udp-marker'],
          ...['--size', '64k', '--rate', '50M', '--repeat', '2'],
        ]
        const advice = async (chunks: string) => {
          const { rows } = await hosts.run(context, [...words, '--chunk', chunks])
          return findWarnings(summarize(rows)).filter(
            ({ code }) => code !== 'few-rounds' && code !== 'clock-error',
          )
        }
        const fits = 1500 - (family === 6 ? 48 : 28)
        hosts.lab.dropFragments()
        const [beside, alone] = [await advice(`${fits},8192`), await advice('8192')]
        hosts.lab.letFragmentsThrough()
        assert.match(beside[0]?.message ?? '', /lost on the way .* those of 1,4\d2 B arrive/)
        assert.match(alone[0]?.message ?? '', /only what precedes them arrives/)
        for (const [warning, ...others] of [beside, alone]) {
          assert.equal(warning?.code, 'loss-fragments')
          assert.equal(
            warning?.remedy,
            `--chunk ${fits} or less; or let fragments through the firewalls between`,
          )
          assert.deepEqual(others, [])
        }
        const whole = await advice(`${fits},8192`)
        assert.deepEqual(
          whole.filter(({ code }) => code === 'loss-fragments'),
          [],
        )
      })
})
