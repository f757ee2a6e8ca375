import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { compared, faster, metric, otherRun } from '../../support/compare-samples.ts'
import { mainJob, rounds, stream } from '../../support/results-samples.ts'

const tcp = (count = 20, values: Partial<TrialRecord> = {}) =>
  rounds(count, (_, noise) => stream(2e9 * noise, values))
/** Both engines in one run, in turn. */
const engines = (count = 20, factor = 1.3) => {
  const node = tcp(count)
  return { node, native: node.map(each => ({ ...each, engine: 'native', ...faster(each, factor) })) }
}

describe('rows of a comparison', () => {
  it('are told apart by transport, size, chunk, file and payload, and by nothing in which only whole sets differ', () => {
    const { fields, rows, differences } = compared({
      a: mainJob(),
      b: otherRun(mainJob(), 'other', () => ({ engine: 'native', os: 'darwin' })),
    })
    assert.deepEqual(fields, ['file', 'size_bytes', 'chunk_bytes', 'payload', 'transport'])
    assert.deepEqual(
      rows.map(row => row.cell.transport),
      ['tcp', 'udp-header', 'udp-marker'],
    )
    assert.deepEqual(differences, [
      { column: 'engine', values: [['node'], ['native']] },
      { column: 'os', values: [['linux'], ['darwin']] },
    ])
  })

  it('are told apart by what varies within a set too', () => {
    const { fields, rows } = compared({
      a: [...tcp(), ...tcp(20, { ip_family: 6 })],
      b: otherRun(tcp(), 'other'),
    })
    assert.deepEqual(fields, ['file', 'size_bytes', 'chunk_bytes', 'payload', 'ip_family', 'transport'])
    assert.deepEqual(
      rows.map(row => row.estimates.map(each => each?.n)),
      [
        [20, 20],
        [20, undefined],
      ],
    )
  })

  it('need no setting that comes with the transport, and it is no difference', () => {
    const records = mainJob().map(each =>
      each.transport === 'tcp' ? each : { ...each, rcvbuf_asked_bytes: 4_194_304 },
    )
    const { fields, differences } = compared({ a: records, b: otherRun(records, 'other') })
    assert.ok(!fields.includes('rcvbuf_asked_bytes'))
    assert.deepEqual(differences, [])
  })

  it('of sets that ask for other settings differ in these, where they do', () => {
    const { differences } = compared({
      a: mainJob(),
      b: otherRun(mainJob(), 'other', each =>
        each.transport === 'tcp' ? {} : { rcvbuf_asked_bytes: 4_194_304, rcvbuf_bytes: 8_388_608 },
      ),
    })
    assert.deepEqual(differences, [{ column: 'rcvbuf_asked_bytes', values: [['default'], ['4,194,304 B']] }])
  })

  it('tell the buffer that was given where none was asked for', () => {
    const { differences } = compared({
      a: mainJob(),
      b: otherRun(mainJob(), 'other', each =>
        each.transport === 'tcp' ? { rcvbuf_bytes: 1 } : { rcvbuf_bytes: 786_896 },
      ),
    })
    assert.deepEqual(differences, [{ column: 'rcvbuf_bytes', values: [['212,992 B'], ['786,896 B']] }])
  })

  it('leave out the column whose values are compared', () => {
    const [a, b, c] = ['tcp', 'udp-header', 'udp-marker'].map(name =>
      mainJob().filter(each => each.transport === name),
    )
    const { rows, fields } = compared({ a: a ?? [], b: b ?? [], c: c ?? [] }, { by: 'transport' })
    assert.deepEqual(fields, ['file', 'size_bytes', 'chunk_bytes', 'payload'])
    assert.equal(rows.length, 1)
    assert.deepEqual(
      rows[0]?.changes.map(each => each?.basis),
      [undefined, 'pairs', 'pairs'],
    )
  })

  it('are those that were asked for, and it is told when one holds several cases', () => {
    const sizes = [1000, 2000].flatMap(size_bytes => tcp(20, { size_bytes }))
    const { rows, warnings } = compared({ a: sizes, b: otherRun(sizes, 'other') }, { fields: ['transport'] })
    assert.deepEqual(
      rows.map(row => row.estimates.map(each => each?.n)),
      [[40, 40]],
    )
    assert.ok(warnings.some(each => each.code === 'merged-cells' && each.message.includes('2 cases')))
  })

  it('end at the labels of sets: two of one name get numbers', () => {
    const { sets } = compared({ a: tcp() })
    assert.deepEqual(sets, [{ label: 'a', runs: 1, trials: 20, startedAt: '2026-03-01T12:00:00.000Z' }])
    const sides = compared({ x: tcp(3, { side: 'a' }), y: tcp(3, { side: 'b' }) }, { by: 'side' })
    assert.deepEqual(
      sides.sets.map(each => each.label),
      ['A', 'B'],
    )
    const alike = compared({ x: tcp(3), y: tcp(3) }, { by: 'transport' })
    assert.deepEqual(
      alike.sets.map(each => each.label),
      ['tcp', 'tcp (2)'],
    )
  })

  it('differ in whether they were pinned, which an empty cell says too', () => {
    const { differences } = compared({
      a: tcp(),
      b: otherRun(tcp(), 'other', () => ({ pinned_cpus: '0,1' })),
    })
    assert.deepEqual(differences, [{ column: 'pinned_cpus', values: [['no CPU'], ['0,1']] }])
  })

  it('do not say of both ends what the machine says', () => {
    const there = { os: 'darwin', sender_os: 'darwin', receiver_os: 'linux' }
    const { differences } = compared({
      a: tcp(20, { sender_os: 'linux', receiver_os: 'linux' }),
      b: otherRun(tcp(), 'other', () => there),
    })
    assert.deepEqual(
      differences.map(each => each.column),
      ['os'],
    )
  })
})

describe('a change', () => {
  it('within one run is judged by pairs of a round, and 5 % counts', () => {
    const { node, native } = engines(20, 1.1)
    const change = compared({ node, native }, { by: 'engine' }).rows[0]?.changes[1]
    assert.equal(change?.basis, 'pairs')
    assert.equal(change.n, 20)
    assert.equal(change.delta, 0.05)
    assert.equal(change.verdict, 'better')
    assert.ok(Math.abs(change.ratio - 1.1) < 1e-9)
  })

  it('between two single runs has to be 15 % at least', () => {
    const verdict = (factor: number) => {
      const change = compared({ a: tcp(), b: otherRun(tcp(), 'other', each => faster(each, factor)) }).rows[0]
        ?.changes[1]
      assert.equal(change?.basis, 'single')
      assert.equal(change.delta, 0.15)
      return change.verdict
    }
    assert.equal(verdict(0.88), 'inconclusive')
    assert.equal(verdict(0.8), 'worse')
    assert.equal(verdict(1.2), 'better')
    assert.equal(verdict(1), 'same')
  })

  it('against five runs has what runs differ by in its interval, from either side', () => {
    const runs = [0.9, 0.97, 1, 1.04, 1.1].flatMap((factor, index) =>
      otherRun(tcp(), `run-${index}`, each => faster(each, factor)),
    )
    const slow = otherRun(tcp(), 'new', each => faster(each, 0.9))
    const [forth] = compared({ runs, slow }).rows
    const [back] = compared({ slow, runs }).rows
    const [change, turned] = [forth?.changes[1], back?.changes[1]]
    assert.equal(change?.basis, 'runs')
    assert.equal(change.n, 5)
    assert.equal(change.delta, 0.05)
    assert.equal(change.verdict, 'inconclusive')
    assert.equal(turned?.basis, 'runs')
    assert.ok(Math.abs(turned.ratio * change.ratio - 1) < 1e-12)
  })

  it('against four runs is as against one', () => {
    const runs = [1, 2, 3, 4].flatMap(index => otherRun(tcp(), `run-${index}`))
    assert.equal(compared({ runs, b: tcp() }).rows[0]?.changes[1]?.basis, 'single')
  })

  it('is no matter of pairs between scenarios of one run, which ran one after the other', () => {
    const second = tcp().map(each => ({ ...each, scenario: 'second', trial: each.trial + 20 }))
    assert.equal(compared({ a: tcp(), b: second }, { by: 'scenario' }).rows[0]?.changes[1]?.basis, 'single')
  })

  it('leaves out pairs of which one trial has no value, and says so', () => {
    const { node, native } = engines()
    const partly = native.map((each, index) => (index < 4 ? { ...each, goodput_bps: undefined } : each))
    const { rows, warnings } = compared({ node, partly }, { by: 'engine' })
    assert.equal(rows[0]?.changes[1]?.n, 16)
    assert.equal(rows[0]?.changes[1]?.leftOut, 4)
    assert.match(warnings.find(each => each.code === 'left-out')?.message ?? '', /4 trials left out/)
  })

  it('takes all samples in no order where most have no partner', () => {
    const late = tcp().map(each => ({ ...each, round: each.round + 15 }))
    const change = compared({ a: tcp(), b: late }, { by: 'variant' }).rows[0]?.changes[1]
    assert.equal(change?.basis, 'single')
    assert.equal(change.n, 20)
  })

  it('has a p for all rows and sets together', () => {
    const more = (id: string) => otherRun(mainJob(), id, each => faster(each, 1.5))
    const { rows } = compared({ a: mainJob(), b: more('b'), c: more('c') })
    const changes = rows.flatMap(row => row.changes.flatMap(each => each ?? []))
    assert.equal(changes.length, 6)
    const least = Math.min(...changes.map(each => each.p ?? 1))
    assert.equal(Math.min(...changes.map(each => each.pHolm ?? 1)), least * 6)
  })

  it('of times is better when it is less', () => {
    const options = { metric: metric('delivery') }
    const slower = otherRun(tcp(), 'other', each => faster(each, 0.7))
    assert.equal(compared({ a: tcp(), b: slower }, options).rows[0]?.changes[1]?.verdict, 'worse')
  })

  it('is to the base that was chosen', () => {
    const { rows, base } = compared(
      { a: tcp(), b: otherRun(tcp(), 'b', each => faster(each, 2)) },
      { base: 1 },
    )
    assert.equal(base, 1)
    assert.equal(rows[0]?.changes[1], undefined)
    assert.ok(Math.abs((rows[0]?.changes[0]?.ratio ?? 0) - 0.5) < 1e-9)
  })

  it('counts from the delta on that was asked for, but for single runs never below 15 %', () => {
    const { node, native } = engines(20, 1.1)
    const paired = compared({ node, native }, { by: 'engine', delta: 0.2 }).rows[0]?.changes[1]
    assert.equal(paired?.delta, 0.2)
    assert.equal(paired?.verdict, 'same')
    const single = compared({ a: tcp(), b: otherRun(tcp(), 'other') }, { delta: 0.01 }).rows[0]?.changes[1]
    assert.equal(single?.delta, 0.15)
  })
})
