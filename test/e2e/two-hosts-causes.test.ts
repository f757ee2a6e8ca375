/** Where datagrams are lost between two hosts, as the rows count it and as the warnings say it; and that they say nothing else. */
import assert from 'node:assert/strict'
import { describe, type TestContext } from 'node:test'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { summarize } from '../../results/statistics/summary.ts'
import { findWarnings } from '../../results/warnings/warnings.ts'
import { ENGINES } from '../support/engines.ts'
import { ADDRESSES, withoutLab, withoutNat } from '../support/lab.ts'
import { test } from '../support/patient.ts'
import { assertMeasured, useLab } from './two-hosts.ts'

const SKIP = withoutLab()
const UDP = ['--transport', 'udp-header,udp-marker']
/** Each engine, and each IP version: the systems count them apart, and the engines do not. */
const WAYS = (
  [
    ['native', 4],
    ['node', 6],
  ] as const
).filter(([engine]) => ENGINES.some(each => each === engine))

describe('losses between two hosts', { skip: SKIP }, () => {
  const hosts = useLab(SKIP)

  describe('the queue of the sender’s own host is too short', { skip: SKIP }, () => {
    for (const [engine, family] of WAYS)
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
        }
        const roomy = await rowsOf(context, [...host, '--bidir', '--size', '2M', '--rate', '100M'])
        assert.equal(new Set(roomy.rows.map(row => row.direction)).size, 2)
        for (const row of roomy.rows)
          assert.deepEqual([row.lost_send_queue, row.host_sndbuf_errors], [0, 0], JSON.stringify(row))
      })

    for (const [engine, family] of WAYS)
      test(`${engine}: a queue that only makes the sender wait has dropped nothing`, async context => {
        const host = ['--host', ADDRESSES.b[family], '--engine', engine]
        hosts.lab.setSendQueue('a', '20mbit', '2mb')
        context.after(() => hosts.lab.setSendQueue('a', undefined))
        const alone = await rowsOf(context, [...host, ...UDP, '--size', '1M', '--repeat', '2'])
        // The kernel counts what all of them do together.
        const streams = ['--transport', 'udp-marker', '--duration', '500ms', '--streams', '3']
        const beside = await rowsOf(context, [...host, ...streams])
        assert.equal(beside.rows.length, 3)
        for (const row of [...alone.rows, ...beside.rows]) {
          const told = JSON.stringify(row)
          // The kernel counts each of some hundred waits; one that ended at once cannot be told from a refusal.
          assert((row.host_sndbuf_errors ?? 0) <= 10, told)
          assert((row.lost_send_queue ?? 0) <= 10, told)
          assert((row.sends_waited ?? 0) > 0, told)
        }
      })

    async function rowsOf(context: TestContext, words: readonly string[]) {
      const result = await hosts.run(context, words)
      assertMeasured(result)
      return result
    }
  })

  describe('fragments are dropped on the way', { skip: SKIP || withoutNat() }, () => {
    for (const [engine, family] of WAYS)
      test(`${engine}, IPv${family}: the advice is the chunk that fits, and none where they arrive`, async context => {
        const words = [
          ...['--host', ADDRESSES.b[family], '--engine', engine, '--transport', 'udp-marker'],
          ...['--size', '64k', '--rate', '50M', '--repeat', '2'],
        ]
        const fits = 1500 - (family === 6 ? 48 : 28)
        const measured = async () => (await hosts.run(context, [...words, '--chunk', `${fits},8192`])).rows
        const advice = (rows: readonly TrialRecord[]) =>
          findWarnings(summarize(rows)).filter(({ code }) => code !== 'few-rounds' && code !== 'clock-error')
        hosts.lab.dropFragments()
        const rows = await measured()
        hosts.lab.dropNothing()
        const [beside, alone] = [advice(rows), advice(rows.filter(row => row.chunk_bytes === 8192))]
        assert.match(beside[0]?.message ?? '', /lost on the path .* those of 1,4\d2 B arrive/)
        assert.match(alone[0]?.message ?? '', /only what precedes them arrives/)
        for (const [warning, ...others] of [beside, alone]) {
          assert.equal(warning?.code, 'loss-fragments')
          assert.equal(
            warning?.remedy,
            `--chunk ${fits} or less; or allow fragments through the firewalls on the path`,
          )
          assert.deepEqual(others, [])
        }
        const whole = advice(await measured())
        assert.deepEqual(
          whole.filter(({ code }) => code === 'loss-fragments'),
          [],
        )
      })
  })

  describe('a marker or a header alone is dropped on the way', { skip: SKIP || withoutNat() }, () => {
    for (const engine of ENGINES)
      test(`${engine}: nothing of the payload is lost, the trial is incomplete, and nobody is told to pace`, async context => {
        const words = [
          '--host',
          ADDRESSES.b[4],
          '--engine',
          engine,
          ...UDP,
          '--chunk',
          '1000',
          '--rate',
          '50M',
        ]
        // `bin` is 0x62696e; a length header has 8 bytes, and UDP's own another 8.
        hosts.lab.drop('udp length 11 @th,64,24 0x62696e', 'udp length 16')
        const { rows } = await hosts.run(context, words)
        hosts.lab.dropNothing()
        assert.equal(rows.length, 2)
        for (const row of rows) {
          const told = JSON.stringify(row)
          const part = row.transport === 'udp-header' ? 'HEADER_LOST' : 'BEGIN_LOST'
          assert.deepEqual(
            [row.outcome, row.error_code, row.payload_intact],
            ['incomplete', part, false],
            told,
          )
          assert.deepEqual(
            [row.datagrams_delivered, row.datagrams_lost, row.loss_cause],
            [60, 0, undefined],
            told,
          )
          assert.deepEqual(
            [row.bytes_delivered, row.datagrams_stray, row.datagrams_late],
            [60_000, 0, 0],
            told,
          )
        }
        for (const { message, remedy } of findWarnings(summarize(rows)))
          assert.doesNotMatch(remedy, /pace|lower --rate|--rcvbuf/, message)
      })
  })
})
