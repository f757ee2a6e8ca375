/** STAMP with independent peers in both directions, and between our own ends. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, type TestContext } from 'node:test'
import { ENGINES } from '../support/engines.ts'
import { test } from '../support/patient.ts'
import { withoutPython } from '../support/programs.ts'
import { bench, folder, startBench, startPeer } from './cli.ts'
import { assertAnswered, isStarved, readCsv } from './rows.ts'

const SHORT = ['--processes', '1', '--warmup', '0', '--quiet', '--repeat', '1']
const REQUESTS = 22

describe('stamp', { concurrency: 2 }, () => {
  for (const engine of ENGINES)
    test(`between our own ends, ${engine}: answered, with each way and what was lost`, async context => {
      const cwd = folder(context)
      for (const loop of [['--ping-pong'], ['--interval', '1ms']]) {
        const words = ['run', '--transport', 'stamp', '--engine', engine, '--messages', '100', ...loop]
        const { code, stderr } = await bench([...words, ...SHORT, '--out', 's.csv', '--force'], { cwd })
        assert.equal(code, 0, stderr)
        const [row = assert.fail()] = readCsv(join(cwd, 's.csv'))
        const { rtt_max_ms: longest = 0 } = row
        assert.deepEqual([row.size_bytes, row.requests], [44, 100])
        assertAnswered(row, 100)
        if (isStarved(row)) continue
        assert.deepEqual([row.datagrams_lost, row.answers_lost, row.answers_damaged], [0, 0, 0])
        for (const way of [row.there_p50_ms, row.back_p50_ms])
          assert.ok(way !== undefined && way > 0 && way < longest, JSON.stringify(row))
      }
    })

  for (const engine of ENGINES)
    test(`a foreign sender is reflected, ${engine}`, { skip: withoutPython }, async context => {
      const cwd = folder(context)
      // IPv4 reaches an IPv6 socket, which reads the TTL elsewhere.
      for (const [host, to] of [
        ['127.0.0.1', '127.0.0.1'],
        ['::', '127.0.0.1'],
      ] as const) {
        const words = ['receive', '--transport', 'stamp', '--engine', engine, '--host', host, '--port', '0']
        await using reflector = startBench([...words, '--count', '18'], { cwd })
        const port = await reflector.until(
          'port',
          ({ stderr }) => /^answering \S+ at .*:(\d+)/m.exec(stderr)?.[1],
        )
        // Each sender is a session, whose numbers begin at 0.
        for (const size of ['44', '200']) {
          const asked = ['ask', to, port, '--count', '9', '--size', size, '--ttl', '37']
          await using sender = await startPeer(asked, { cwd }, 'stamp')
          const { code, stdout, stderr } = await sender.over()
          const ttl = engine === 'native' ? 37 : 255
          assert.deepEqual(JSON.parse(stdout), { requests: 9, answered: 9, ttl, faults: [] })
          assert.equal(code, 0, stderr)
        }
        const { code, stdout } = await reflector.over()
        assert.equal(code, 0)
        assert.match(stdout, /18 requests answered/)
      }
    })

  test('foreign reflectors of every kind are measured', { skip: withoutPython }, async context => {
    const measured = (...words: readonly string[]) => measure(context, words)
    const whole = await measured()
    assert.deepEqual(countsOf(whole), [REQUESTS, 0, 0, 0, 0])
    // Nothing says that both clocks are right, and jitter does not need it.
    assert.deepEqual([whole.there_p50_ms, whole.back_max_ms], [undefined, undefined])
    assert.ok(whole.there_jitter_ms !== undefined && whole.back_variation_ms !== undefined)
    // Requests 5, 10, 15 and 20 never arrive; the answers to 7, 14 and 21 do not.
    assert.deepEqual(countsOf(await measured('--drop', '5', '--drop-back', '7')), [15, 4, 3, 0, 0])
    // The same from one that does not count proves nothing of the way; without loss there is none on either.
    assert.deepEqual(countsOf(await measured('--drop', '5', '--drop-back', '7', '--stateless')), [
      ...[15, undefined, undefined],
      ...[0, 0],
    ])
    assert.deepEqual(countsOf(await measured('--stateless')), [REQUESTS, 0, 0, 0, 0])
    // Nobody knows how often it arrived after the last answer.
    assert.deepEqual(countsOf(await measured('--drop', String(REQUESTS))), [
      ...[REQUESTS - 1, undefined, undefined],
      ...[0, 0],
    ])
    assert.deepEqual(countsOf(await measured('--wrong', '4')).slice(3), [5, 0])
    assert.deepEqual(countsOf(await measured('--twice', '4')).slice(3), [0, 5])
    assert.deepEqual(countsOf(await measured('--short')), [REQUESTS, 0, 0, 0, 0])
    for (const words of [
      ['--ahead', '5000'],
      ['--ptp', '--synchronized'],
    ]) {
      const row = await measured(...words)
      assert.deepEqual(countsOf(row), [REQUESTS, 0, 0, 0, 0])
      assert.equal(row.there_p50_ms, undefined)
      assert.ok(row.there_variation_ms !== undefined)
    }
    // What the reflector had it for is not part of the round trip; one of 22 is quick on any machine.
    const held = await measured('--hold', '0.05')
    assert.ok((held.rtt_min_ms ?? 50) < 50, `${held.rtt_min_ms} ms`)
    assert.ok((held.total_ms ?? 0) >= 50)
  })

  test('a request shorter than the base packet is refused', async context => {
    const cwd = folder(context)
    const { code, stderr } = await bench(['run', '--transport', 'stamp', '--size', '43'], { cwd })
    assert.deepEqual([code, stderr.split('\n').length], [2, 2])
    assert.match(stderr, /a request has 44 B or more there, not 43 B/)
  })
})

async function measure(context: TestContext, words: readonly string[]) {
  const cwd = folder(context)
  await using reflector = await startPeer(['answer', '--count', String(REQUESTS), ...words], { cwd }, 'stamp')
  const target = ['--target', `127.0.0.1:${reflector.port}`]
  // A reflector that holds requests back is asked one at a time.
  const loop = words.includes('--hold') ? ['--ping-pong'] : ['--interval', '2ms']
  const args = ['run', '--transport', 'stamp', ...target, '--messages', String(REQUESTS), ...loop, ...SHORT]
  const { code, stderr } = await bench([...args, '--out', 't.csv'], { cwd })
  assert.equal(code, 0, stderr)
  const { faults } = JSON.parse((await reflector.over()).stdout.split('\n')[1] ?? '')
  assert.deepEqual(faults, [])
  const [row] = readCsv(join(cwd, 't.csv'))
  return row ?? assert.fail('no row')
}

function countsOf(row: Awaited<ReturnType<typeof measure>>): readonly (number | undefined)[] {
  const { answered = 0, answers_late: late = 0, datagrams_lost: there, answers_lost: back } = row
  return [answered + late, there, back, row.answers_damaged, row.answers_duplicated]
}
