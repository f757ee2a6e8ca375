/** What a coordinator tells of its fleet, as Prometheus reads it. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { Latencies } from '../../../base/latencies.ts'
import { seededRandom, shuffled } from '../../../base/random.ts'
import { FleetFigures, type Pair } from '../../../bench/watch/fleet-figures.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { datagrams, stream } from '../../support/results-samples.ts'

const AB: Pair = ['a', 'b']
const BA: Pair = ['b', 'a']
const FIVE_MIN_MS = 300_000

function between([pair_from, pair_to]: Pair, goodputBps = 8e6): readonly TrialRecord[] {
  const pair = { pair_from, pair_to }
  return [stream(goodputBps, pair), datagrams(goodputBps / 2, 80, { ...pair, rate_bps: 1e8 })]
}

/** Lines of a metric: its labels, and its value. */
async function lines(figures: FleetFigures, name: string): Promise<readonly string[]> {
  const text = await figures.registry.metrics()
  return text.split('\n').filter(line => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
}

async function readingOf(figures: FleetFigures, name: string): Promise<number> {
  return Number((await lines(figures, name))[0]?.split(' ').at(-1))
}

it('has the figures of a pair under the names of --out prometheus:, with four labels', async () => {
  const figures = new FleetFigures(FIVE_MIN_MS)
  figures.begin([AB], 1)
  figures.measured(AB, between(AB))
  figures.end('complete', 2500)
  assert.deepEqual(await lines(figures, 'bench_goodput_bytes_per_second'), [
    'bench_goodput_bytes_per_second{pair_from="a",pair_to="b",transport="tcp",case="custom size_bytes=819200 chunk_bytes=1024 ip_family=4"} 1000000',
    'bench_goodput_bytes_per_second{pair_from="a",pair_to="b",transport="udp-header",case="custom size_bytes=819200 chunk_bytes=1024 rate_bps=100000000 ip_family=4"} 500000',
  ])
  const [loss = ''] = await lines(figures, 'bench_loss_ratio')
  assert.match(loss, /transport="udp-header".* 0\.1$/)
  assert.equal((await lines(figures, 'bench_trials')).filter(each => each.endsWith(' 1')).length, 2)
  assert.deepEqual(await lines(figures, 'bench_pair_up'), ['bench_pair_up{pair_from="a",pair_to="b"} 1'])
  assert.equal(await readingOf(figures, 'bench_fleet_turn_duration_seconds'), 2.5)
  assert.equal(await readingOf(figures, 'bench_fleet_period_seconds'), 300)
})

it('the next turn replaces them, and what is not known any more goes', async () => {
  const figures = new FleetFigures(FIVE_MIN_MS)
  figures.begin([AB], 1)
  figures.measured(AB, between(AB))
  figures.end('complete', 1)
  figures.begin([AB], 1)
  const failed = between(AB).map(each => ({
    ...each,
    outcome: 'failed' as const,
    goodput_bps: undefined,
    datagrams_lost: undefined,
  }))
  figures.measured(AB, failed)
  assert.deepEqual(await lines(figures, 'bench_goodput_bytes_per_second'), [])
  assert.deepEqual(await lines(figures, 'bench_loss_ratio'), [])
  const trials = await lines(figures, 'bench_trials')
  assert.equal(trials.filter(each => /outcome="failed"/.test(each) && each.endsWith(' 1')).length, 2)
})

it('visits of one turn count together', async () => {
  const figures = new FleetFigures(FIVE_MIN_MS)
  figures.begin([AB, AB, AB], 1)
  for (const rate of [8e6, 16e6, 80e6])
    figures.measured(AB, [stream(rate, { pair_from: 'a', pair_to: 'b', round: rate })])
  assert.equal(await readingOf(figures, 'bench_goodput_bytes_per_second'), 2e6)
})

it('a pair that cannot be measured is down, and its last figures go after three turns', async () => {
  const figures = new FleetFigures(FIVE_MIN_MS)
  const turn = (ab: boolean) => {
    figures.begin([AB, BA], 2)
    if (ab) figures.measured(AB, between(AB))
    else figures.missed(AB)
    figures.measured(BA, between(BA))
    figures.end(ab ? 'complete' : 'incomplete', 1)
  }
  const shown = async () => (await lines(figures, 'bench_goodput_bytes_per_second')).length
  turn(true)
  assert.equal(await shown(), 4)
  turn(false)
  turn(false)
  assert.equal(await shown(), 4)
  assert.deepEqual(await lines(figures, 'bench_fleet_pairs'), [
    'bench_fleet_pairs{state="measured"} 1',
    'bench_fleet_pairs{state="missing"} 1',
  ])
  assert.match((await lines(figures, 'bench_pair_up'))[0] ?? '', /pair_from="a".* 0$/)
  turn(false)
  assert.equal(await shown(), 2)
  // It is still asked for: that it is down, and since when, stays.
  assert.equal((await lines(figures, 'bench_pair_up')).length, 2)
  assert.equal((await lines(figures, 'bench_pair_measured_timestamp_seconds')).length, 2)
})

it('of a pair that is not asked for any more nothing is left, nor of many that came and went', async () => {
  const figures = new FleetFigures(FIVE_MIN_MS)
  for (let turn = 0; turn < 50; turn++) {
    const pair: Pair = [`host-${turn}`, 'b']
    figures.begin([pair], 1)
    figures.measured(pair, between(pair))
    figures.end('complete', 1)
  }
  for (const name of ['bench_goodput_bytes_per_second', 'bench_pair_up']) {
    const left = (await lines(figures, name)).map(each => /host-\d+/.exec(each)?.[0])
    assert.deepEqual([...new Set(left)].sort(), ['host-47', 'host-48', 'host-49'])
  }
})

it('with a sample, a pair has as many turns as it takes until almost each has had one', async () => {
  const figures = new FleetFigures(FIVE_MIN_MS)
  figures.begin([AB], 4)
  figures.measured(AB, between(AB))
  figures.end('complete', 1)
  for (let turn = 0; turn < 3 * 17 - 1; turn++) {
    figures.begin([BA], 4)
    figures.end('complete', 1)
  }
  assert.equal(await readingOf(figures, 'bench_fleet_cycle_seconds'), 17 * 300)
  assert.equal((await lines(figures, 'bench_pair_up')).length, 1)
  assert.equal((await lines(figures, 'bench_goodput_bytes_per_second')).length, 2)
  figures.begin([BA], 4)
  figures.end('complete', 1)
  assert.equal((await lines(figures, 'bench_goodput_bytes_per_second')).length, 0)
})

it('with a sample that each turn draws anew, pairs that are measured keep their figures', async () => {
  const figures = new FleetFigures(FIVE_MIN_MS)
  const all = Array.from({ length: 40 }, (_, at): Pair => [`host-${at}`, 'b'])
  const random = seededRandom(1)
  let fewest = Number.POSITIVE_INFINITY
  for (let turn = 0; turn < 100; turn++) {
    const pairs = shuffled(all, random).slice(0, 10)
    figures.begin(pairs, all.length)
    for (const pair of pairs) figures.measured(pair, [stream(8e6, { pair_from: pair[0], pair_to: 'b' })])
    figures.end('complete', 1)
    const shown = (await lines(figures, 'bench_goodput_bytes_per_second')).length
    if (turn >= 40) fewest = Math.min(fewest, shown)
  }
  assert.equal(fewest, 40)
})

it('pairs of a turn that failed before it began are not those of the one before', async () => {
  const figures = new FleetFigures(FIVE_MIN_MS)
  figures.begin([AB], 1)
  figures.measured(AB, between(AB))
  figures.end('complete', 1)
  assert.equal((await lines(figures, 'bench_fleet_pairs')).length, 2)
  figures.end('failed', 1)
  assert.deepEqual(await lines(figures, 'bench_fleet_pairs'), [])
})

it('figures go while turns fail before they begin; that pairs are asked for, and since when, stays', async () => {
  const figures = new FleetFigures(FIVE_MIN_MS)
  figures.begin([AB], 1)
  figures.measured(AB, between(AB))
  figures.end('complete', 1)
  const begunAt = await readingOf(figures, 'bench_fleet_turn_timestamp_seconds')
  for (let turn = 0; turn < 2; turn++) figures.end('failed', 60_000)
  assert.equal((await lines(figures, 'bench_goodput_bytes_per_second')).length, 2)
  figures.end('failed', 60_000)
  assert.deepEqual(await lines(figures, 'bench_goodput_bytes_per_second'), [])
  assert.equal((await lines(figures, 'bench_pair_up')).length, 1)
  assert.equal((await lines(figures, 'bench_pair_measured_timestamp_seconds')).length, 1)
  // They began a minute before they ended.
  assert.ok((await readingOf(figures, 'bench_fleet_turn_timestamp_seconds')) < begunAt - 30)
  figures.begin([BA], 1)
  figures.end('complete', 1)
  assert.equal((await lines(figures, 'bench_pair_up')).length, 1)
})

it('a single turn has no period, and what is not known yet is not 0', async () => {
  const figures = new FleetFigures(undefined)
  const names = ['turn_timestamp', 'turn_duration', 'period', 'cycle'].map(
    each => `bench_fleet_${each}_seconds`,
  )
  const known = async () => {
    const found = await Promise.all(
      names.map(async name => ((await lines(figures, name)).length > 0 ? [name] : [])),
    )
    return found.flat()
  }
  assert.deepEqual(await known(), [])
  figures.begin([AB], 1)
  figures.end('complete', 1)
  assert.deepEqual(await known(), names.slice(0, 2))
})

it('round trips add up from turn to turn, by their distributions', async () => {
  const figures = new FleetFigures(FIVE_MIN_MS)
  const trips = new Latencies()
  for (let each = 1; each <= 2000; each++) trips.add(each / 1000)
  const row = stream(8e6, {
    ...{ pair_from: 'a', pair_to: 'b', transport: 'messages-tcp', goodput_bps: undefined },
    ...{ requests: 2000, answered: 2000, rtt_p50_ms: 1, rtt_histogram: trips.encoded() },
  })
  for (let turn = 0; turn < 2; turn++) {
    figures.begin([AB], 1)
    figures.measured(AB, [row])
    figures.end('complete', 1)
  }
  const buckets = await lines(figures, 'bench_round_trip_seconds_bucket')
  const within = (le: string) =>
    Number(
      buckets
        .find(each => each.includes(`le="${le}"`))
        ?.split(' ')
        .at(-1),
    )
  assert.deepEqual([within('0.001'), within('0.0025'), within('+Inf')], [2000, 4000, 4000])
  assert.equal(await readingOf(figures, 'bench_round_trip_seconds_count'), 4000)
  assert.ok(Math.abs((await readingOf(figures, 'bench_round_trip_seconds_sum')) - 4.002) < 0.01)
  assert.equal(await readingOf(figures, 'bench_rtt_seconds'), 0.001)
  assert.ok(Math.abs((await readingOf(figures, 'bench_rtt_p99_seconds')) - 0.00198) < 1e-5)
  for (let turn = 0; turn < 3; turn++) {
    figures.begin([], 1)
    figures.end('failed', 1)
  }
  assert.deepEqual(await lines(figures, 'bench_round_trip_seconds_bucket'), [])
})

it('turns are counted by how they ended', async () => {
  const figures = new FleetFigures(undefined)
  figures.end('failed', 1)
  figures.end('complete', 1)
  figures.skipped(3)
  assert.deepEqual(await lines(figures, 'bench_fleet_turns_total'), [
    'bench_fleet_turns_total{result="complete"} 1',
    'bench_fleet_turns_total{result="incomplete"} 0',
    'bench_fleet_turns_total{result="failed"} 1',
    'bench_fleet_turns_total{result="skipped"} 3',
  ])
  assert.equal((await readingOf(figures, 'process_resident_memory_bytes')) > 1e6, true)
})
