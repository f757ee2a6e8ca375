/** A real Prometheus watches a fleet: what it scrapes, its rules, and every expression of the dashboard. */
import assert from 'node:assert/strict'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import * as z from 'zod'
import { monotonic } from '../../base/clock.ts'
import { test } from '../support/patient.ts'
import { without } from '../support/programs.ts'
import { Running, startBench } from './cli.ts'
import { metricsUrl, startFleet } from './fleets.ts'
import { TOKEN } from './two-hosts.ts'

const DEPLOY = fileURLToPath(new URL('../../../deploy/', import.meta.url))
const PATIENCE_MS = 120_000
const TEN_MIN_MS = 600_000

const targetSchema = z.looseObject({
  expr: z.string(),
  instant: z.boolean().optional(),
  range: z.boolean().optional(),
})
const panelSchema = z.looseObject({
  id: z.int(),
  type: z.string(),
  title: z.string(),
  description: z.string().optional(),
  targets: z.array(targetSchema).optional(),
  gridPos: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
})
const variableSchema = z.looseObject({
  name: z.string(),
  type: z.string(),
  definition: z.string().optional(),
})
const DASHBOARD = z
  .looseObject({
    panels: z.array(panelSchema),
    templating: z.object({ list: z.array(variableSchema) }),
  })
  .parse(JSON.parse(readFileSync(join(DEPLOY, 'grafana/dashboard.json'), 'utf8')))

const answerSchema = z.looseObject({ status: z.string(), data: z.unknown(), error: z.string().optional() })
const resultSchema = z.object({ result: z.array(z.unknown()) })
const ruleSchema = z.looseObject({ name: z.string(), health: z.string(), lastError: z.string().optional() })
const rulesSchema = z.object({ groups: z.array(z.object({ rules: z.array(ruleSchema) })) })
const targetsSchema = z.object({
  activeTargets: z.array(z.looseObject({ health: z.string() })),
})

class Prometheus {
  readonly #url: string
  constructor(url: string) {
    this.#url = url
  }

  async ask<T>(schema: z.ZodType<T>, path: string, query: Readonly<Record<string, string>> = {}): Promise<T> {
    const response = await fetch(`${this.#url}/api/v1/${path}?${new URLSearchParams(query)}`)
    const { status, data, error } = answerSchema.parse(await response.json())
    assert.equal(status, 'success', `${JSON.stringify(query)}: ${error}`)
    return schema.parse(data)
  }

  async query(expr: string): Promise<readonly unknown[]> {
    return (await this.ask(resultSchema, 'query', { query: expr })).result
  }
}

/** Prometheus with the rules of deploy/, and its configuration but for where and how often it scrapes. */
async function startPrometheus(
  context: TestContext,
  cwd: string,
  jobs: Readonly<Record<string, readonly string[]>>,
): Promise<Prometheus> {
  copyFileSync(join(DEPLOY, 'prometheus/alerts.yml'), join(cwd, 'alerts.yml'))
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: ['alerts.yml'],
    scrape_configs: Object.entries(jobs).map(([job_name, targets]) => ({
      job_name,
      static_configs: [{ targets }],
    })),
  }
  writeFileSync(join(cwd, 'prometheus.yml'), stringify(config))
  const words = [
    '--config.file=prometheus.yml',
    '--storage.tsdb.path=data',
    '--web.listen-address=127.0.0.1:0',
  ]
  const running = new Running('prometheus', words, { cwd })
  context.after(() => running[Symbol.asyncDispose]())
  const address = await running.until(
    'address',
    ({ stderr }) => /Listening on".* address=(\S+)/.exec(stderr)?.[1],
  )
  await running.until('readiness', ({ stderr }) => stderr.includes('Server is ready'))
  return new Prometheus(`http://${address}`)
}

async function eventually<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const until = monotonic() + PATIENCE_MS
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    assert.ok(monotonic() < until, `not in time: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 250))
  }
}

/** An expression of a panel as Grafana asks it, with everything chosen. */
function asked(expr: string): string {
  const values: Readonly<Record<string, string>> = {
    transport: 'tcp',
    pair_from: '.*',
    pair_to: '.*',
    case: '.*',
    __rate_interval: '1m',
  }
  return expr.replaceAll(/\$\{?(\w+)\}?/g, (_, name) => {
    const value = values[name]
    assert.ok(value !== undefined, `${name} in ${expr}`)
    return value
  })
}

describe('a Prometheus that watches a fleet', {
  skip: without('prometheus') || without('promtool'),
  timeout: TEN_MIN_MS,
}, () => {
  test('scrapes all, evaluates each rule, and has data for each expression of the dashboard', async context => {
    const setting = { dead: ['gone'], metrics: true }
    const { cwd, servers } = await startFleet(context, ['a', 'b'], setting)
    const payload = ['--size', '1k', '--transport', 'tcp,udp-header,messages-tcp', '--messages', '1000']
    const words = ['--interval', '100us', '--warmup', '0', '--no-chart', '--every', '1s', '--keep-runs', '3']
    const place = ['--out', 'fleet.csv', '--metrics-listen', '127.0.0.1:0']
    const coordinator = startBench(
      ['fleet', 'run', '--hosts', 'hosts.yaml', ...payload, ...words, ...place],
      { cwd, env: { BENCH_TOKEN: TOKEN } },
    )
    context.after(() => coordinator[Symbol.asyncDispose]())
    const hostOf = async (running: Running) => new URL(await metricsUrl(running)).host
    const daemons = await Promise.all(servers.map(({ server }) => hostOf(server)))
    const prometheus = await startPrometheus(context, cwd, {
      'bench-coordinator': [await hostOf(coordinator)],
      'bench-daemon': daemons,
    })
    await eventually('all targets are up', async () => {
      const { activeTargets } = await prometheus.ask(targetsSchema, 'targets')
      return activeTargets.filter(({ health }) => health === 'up').length === 3 ? true : undefined
    })

    // Rates need two scrapes of a turn and what came after it.
    const turns = (expr: string) =>
      eventually(expr, async () => ((await prometheus.query(expr)).length > 0 ? true : undefined))
    await turns('sum(bench_fleet_turns_total{result!="skipped"}) >= 3')
    const panels = DASHBOARD.panels.filter(({ type }) => type !== 'row')
    assert.ok(panels.length > 20)
    for (const { title, description, targets = [] } of panels) {
      assert.ok(description, `${title} says what it shows`)
      assert.ok(targets.length > 0, title)
      for (const { expr } of targets)
        await eventually(`data of ${title}: ${asked(expr)}`, async () =>
          (await prometheus.query(asked(expr))).length > 0 ? true : undefined,
        )
    }
    for (const { name, type, definition = '' } of DASHBOARD.templating.list) {
      if (type === 'datasource') continue
      const [, metric = '', label = ''] = /^label_values\((\w+), (\w+)\)$/.exec(definition) ?? []
      const values = await prometheus.ask(z.array(z.string()), `label/${label}/values`, { 'match[]': metric })
      assert.ok(values.length > 0, name)
    }
    const { groups } = await eventually('each rule is evaluated', async () => {
      const found = await prometheus.ask(rulesSchema, 'rules')
      const all = found.groups.flatMap(({ rules }) => rules)
      return all.length > 0 && all.every(({ health }) => health !== 'unknown') ? found : undefined
    })
    for (const { name, health, lastError } of groups.flatMap(({ rules }) => rules))
      assert.equal(health, 'ok', `${name}: ${lastError}`)

    for (const url of [
      await metricsUrl(coordinator),
      ...(await Promise.all(servers.map(({ server }) => metricsUrl(server)))),
    ]) {
      const input = await (await fetch(url)).text()
      await using linted = new Running('promtool', ['check', 'metrics'], { cwd, input })
      assert.deepEqual(await linted.over(), { code: 0, signal: null, stdout: '', stderr: '' })
    }
    // What is asked for and cannot be measured, and nothing but the pairs and cases of the plan.
    assert.equal((await prometheus.query('bench_pair_up')).length, 6)
    assert.equal((await prometheus.query('bench_pair_up == 0')).length, 4)
    assert.equal((await prometheus.query('bench_goodput_bytes_per_second{transport="tcp"}')).length, 2)
    coordinator.kill('SIGINT')
    assert.equal((await coordinator.over()).code, 130, coordinator.stderr)
    await turns('up{job="bench-coordinator"} == 0')
  })

  test('what the dashboard says of now is asked of now: it is gone with whoever said it', () => {
    const stats = DASHBOARD.panels.filter(({ type }) => type === 'stat')
    assert.ok(stats.length > 5)
    for (const { title, targets = [] } of stats)
      for (const { instant, range } of targets) assert.deepEqual([instant, range], [true, false], title)
  })

  test('panels of the dashboard do not overlap, and each has a number of its own', () => {
    const { panels } = DASHBOARD
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
    const cells = panels.flatMap(({ title, gridPos: { x, y, w, h } }) => {
      assert.ok(x + w <= 24, title)
      return Array.from({ length: w * h }, (_, index) => `${x + (index % w)} ${y + Math.floor(index / w)}`)
    })
    assert.equal(new Set(cells).size, cells.length)
  })
})
