/** The alert rules of deploy/, tried by Prometheus' own promtool: each fires when it should, and noise is no alert. */
import assert from 'node:assert/strict'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parseDocument, stringify } from 'yaml'
import * as z from 'zod'
import { seededRandom } from '../../base/random.ts'
import { test } from '../support/patient.ts'
import { without } from '../support/programs.ts'
import { folder, Running } from './cli.ts'

const RULES = fileURLToPath(new URL('../../../deploy/prometheus/alerts.yml', import.meta.url))
const RULES_SCHEMA = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          alert: z.string(),
          expr: z.string(),
          annotations: z.object({ summary: z.string().min(20), description: z.string().min(100) }),
        }),
      ),
    }),
  ),
})

/** In minutes, which are the steps of all series. */
const DAY = 24 * 60
const PAIR = 'pair_from="a",pair_to="b"'
const CASE = `${PAIR},transport="tcp",case="custom"`
const SERVER = 'job="bench-daemon",instance="b"'
const FLEET = 'job="bench-coordinator",instance="c"'

/** A figure that each turn of 5 minutes sets anew. @param of its turn, between 0 and 1 by chance */
function turns(minutes: number, of: (chance: number, turn: number) => number, seed = 1): string {
  const random = seededRandom(seed)
  return Array.from({ length: Math.ceil(minutes / 5) }, (_, turn) => {
    const value = of(random(), turn)
    return `${value}x4`
  }).join(' ')
}

interface Case {
  readonly what: string
  readonly alert: string
  /** Series, and their values a minute. */
  readonly series: Readonly<Record<string, string>>
  /** Minutes at which it fires, and at which it does not. */
  readonly fires?: readonly number[]
  readonly silent?: readonly number[]
}

const GOODPUT = `bench_goodput_bytes_per_second{${CASE}}`
const P99 = `bench_rtt_p99_seconds{${CASE}}`

const CASES: readonly Case[] = [
  {
    what: 'a pair that is missing for longer than a turn or two',
    alert: 'BenchPairMissing',
    series: { [`bench_pair_up{${PAIR}}`]: '1x20 0x4 1x15 0x30' },
    fires: [55, 70],
    silent: [10, 24, 30, 45],
  },
  {
    what: 'trials that fail for longer than a turn or two',
    alert: 'BenchTrialsFail',
    series: {
      [`bench_trials{${CASE},outcome="failed"}`]: '0x20 2x4 0x30 2x60',
      [`bench_trials{${CASE},outcome="completed"}`]: '2x120',
    },
    fires: [75, 100],
    silent: [10, 24, 40, 60],
  },
  {
    what: 'goodput that falls to two thirds, and comes back',
    alert: 'BenchGoodputDropped',
    series: {
      [GOODPUT]: [
        turns(DAY, chance => 1e8 * (0.95 + chance / 10)),
        turns(300, chance => 0.66e8 * (0.95 + chance / 10), 2),
        turns(120, chance => 1e8 * (0.95 + chance / 10), 3),
      ].join(' '),
    },
    fires: [DAY + 40, DAY + 290],
    silent: [DAY - 1, DAY + 5, DAY + 350],
  },
  {
    what: 'goodput that varies by half, one bad turn, and turns with nothing',
    alert: 'BenchGoodputDropped',
    series: {
      [GOODPUT]: turns(2 * DAY, (chance, turn) => (turn % 50 === 49 ? 0 : 1e8 * (0.5 + chance))),
    },
    silent: [400, 700, 1000, 1300, 1600, 1900, 2200, 2500, 2800],
  },
  {
    what: 'goodput that falls in the first hours, with too little to compare',
    alert: 'BenchGoodputDropped',
    series: { [GOODPUT]: '1e8x400 5e7x200' },
    silent: [50, 450, 590],
  },
  {
    what: 'goodput that falls by a tenth',
    alert: 'BenchGoodputDropped',
    series: { [GOODPUT]: `1e8x${DAY} 9e7x100` },
    silent: [DAY + 50, DAY + 90],
  },
  {
    what: 'loss that stays, not that of one turn',
    alert: 'BenchLoss',
    series: { [`bench_loss_ratio{${CASE}}`]: '0x30 0.2x4 0x30 0.02x60' },
    fires: [105, 120],
    silent: [20, 34, 40, 60],
  },
  {
    what: 'one bad turn of the longest period that the rules are for',
    alert: 'BenchLoss',
    series: { [`bench_loss_ratio{${CASE}}`]: '0x30 0.2x8 0x40' },
    silent: [30, 35, 40, 45, 50, 60],
  },
  {
    what: 'one missing turn of the longest period that the rules are for',
    alert: 'BenchPairMissing',
    series: { [`bench_pair_up{${PAIR}}`]: '1x20 0x8 1x30' },
    silent: [22, 28, 30, 31, 40],
  },
  {
    what: 'a 99th percentile that triples',
    alert: 'BenchLatencyUp',
    series: {
      [P99]: `${turns(DAY, chance => 0.002 * (0.8 + 0.4 * chance))} ${turns(300, () => 0.006)}`,
    },
    fires: [DAY + 40, DAY + 290],
    silent: [DAY - 1, DAY + 5],
  },
  {
    what: 'a 99th percentile that always varies',
    alert: 'BenchLatencyUp',
    series: { [P99]: turns(2 * DAY, chance => 0.002 * 4 ** chance) },
    silent: [700, 1200, 1700, 2200, 2700],
  },
  {
    what: 'figures that are not renewed for three cycles',
    alert: 'BenchFiguresStale',
    series: {
      [`bench_pair_measured_timestamp_seconds{${FLEET},${PAIR}}`]: `${turns(60, (_, turn) => turn * 300)} 3300x60`,
      [`bench_fleet_cycle_seconds{${FLEET}}`]: '300x120',
    },
    fires: [80, 110],
    silent: [10, 59, 68],
  },
  {
    what: 'turns that fail before their pairs are known, from the first on, and not the first one while it runs',
    alert: 'BenchTurnsFail',
    series: {
      [`bench_fleet_turn_duration_seconds{${FLEET}}`]: '_x30 0.1x120',
      [`bench_fleet_pairs{${FLEET},state="measured"}`]: '_x30 _x25 2x30 _x9 2x10',
      [`bench_fleet_pairs{${FLEET},state="missing"}`]: '_x30 _x25 0x30 _x9 0x10',
    },
    fires: [50],
    silent: [20, 30, 40, 60, 80, 95, 100],
  },
  {
    what: 'a host that is not there any more, for as long as six hours; not pairs that are missing',
    alert: 'BenchPairsGone',
    series: {
      [`bench_fleet_pairs{${FLEET},state="measured"}`]: '6x60 4x30 2x420 6x60',
      [`bench_fleet_pairs{${FLEET},state="missing"}`]: '0x60 2x30 0x420 0x60',
      [`bench_fleet_cycle_seconds{${FLEET}}`]: '300x600',
      [`bench_fleet_period_seconds{${FLEET}}`]: '300x600',
    },
    fires: [110, 400],
    silent: [50, 85, 95, 500, 540],
  },
  {
    what: 'samples, which differ in their pairs',
    alert: 'BenchPairsGone',
    series: {
      [`bench_fleet_pairs{${FLEET},state="measured"}`]: '6x60 4x300',
      [`bench_fleet_cycle_seconds{${FLEET}}`]: '3000x400',
      [`bench_fleet_period_seconds{${FLEET}}`]: '300x400',
    },
    silent: [50, 100, 300],
  },
  {
    what: 'a fleet that takes longer than its period',
    alert: 'BenchTurnsSkipped',
    series: {
      [`bench_fleet_turns_total{${FLEET},result="complete"}`]: '0+1x200',
      [`bench_fleet_turns_total{${FLEET},result="incomplete"}`]: '0x200',
      [`bench_fleet_turns_total{${FLEET},result="skipped"}`]: '0x60 0+3x140',
    },
    fires: [190],
    silent: [50, 70],
  },
  {
    what: 'a coordinator that is gone',
    alert: 'BenchCoordinatorDown',
    series: { [`up{${FLEET}}`]: '1x10 0x2 1x10 0x10' },
    fires: [31],
    silent: [9, 12, 20, 25],
  },
  {
    what: 'a daemon that is gone',
    alert: 'BenchDaemonDown',
    series: { [`up{${SERVER}}`]: '1x10 0x2 1x10 0x10' },
    fires: [31],
    silent: [9, 12, 20, 25],
  },
  {
    what: 'a daemon that is busy for long, not turn by turn',
    alert: 'BenchDaemonBusy',
    series: { [`bench_server_busy{${SERVER}}`]: `${turns(100, (_, turn) => turn % 2)} 1x60` },
    fires: [140, 155],
    silent: [20, 55, 95],
  },
]

const { groups } = RULES_SCHEMA.parse(parseDocument(readFileSync(RULES, 'utf8')).toJS())

/** A case as a file of promtool has it. */
function asTest({ alert, series, fires = [], silent = [] }: Case) {
  const expr = `count(ALERTS{alertname="${alert}",alertstate="firing"})`
  return {
    interval: '1m',
    input_series: Object.entries(series).map(([series, values]) => ({ series, values })),
    promql_expr_test: [
      ...fires.map(minute => ({ expr, eval_time: `${minute}m`, exp_samples: [{ labels: '{}', value: 1 }] })),
      ...silent.map(minute => ({ expr, eval_time: `${minute}m`, exp_samples: [] })),
    ],
  }
}

describe('alert rules', { skip: without('promtool'), concurrency: 2 }, () => {
  for (const each of CASES)
    test(`${each.alert}: ${each.what}`, async context => {
      const cwd = folder(context)
      copyFileSync(RULES, join(cwd, 'alerts.yml'))
      const file = { rule_files: ['alerts.yml'], evaluation_interval: '1m', tests: [asTest(each)] }
      writeFileSync(join(cwd, 'test.yml'), stringify(file))
      await using promtool = new Running('promtool', ['test', 'rules', 'test.yml'], { cwd })
      const { code, stdout, stderr } = await promtool.over()
      assert.equal(code, 0, stdout + stderr)
    })

  test('each of them is tried both ways, and says what to do', () => {
    const names = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert))
    for (const name of names) {
      const own = CASES.filter(({ alert }) => alert === name)
      assert.ok(
        own.some(({ fires = [] }) => fires.length > 0) && own.some(({ silent = [] }) => silent.length > 0),
        name,
      )
    }
    assert.equal(new Set(CASES.map(({ alert }) => alert)).size, names.length)
  })

  test('promtool finds nothing wrong with them, nor with the configuration', async context => {
    await using rules = new Running('promtool', ['check', 'rules', RULES], { cwd: folder(context) })
    assert.equal((await rules.over()).code, 0, rules.stderr)
    const config = RULES.replace('alerts.yml', 'prometheus.yml')
    await using checked = new Running('promtool', ['check', 'config', config], { cwd: folder(context) })
    assert.equal((await checked.over()).code, 0, checked.stderr)
  })
})
