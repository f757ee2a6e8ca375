/** Each setting there and back: as its flag is written, and as its key in a scenario file. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parse, stringify } from 'yaml'
import { AROUND_FLAGS } from '../../bench/cli/around.ts'
import { readWords } from '../../bench/cli/command-line.ts'
import { readFlags } from '../../bench/cli/flags.ts'
import { SERVER_FLAGS } from '../../bench/cli/hosts-flags.ts'
import { overridesOf, RUN_FLAGS } from '../../bench/cli/run-flags.ts'
import { BUILT_IN } from '../../bench/workloads/catalog.ts'
import { overlay } from '../../scenarios/blocks.ts'
import { readScenario } from '../../scenarios/read.ts'
import { SCENARIO_KEYS } from '../../scenarios/schema.ts'
import { namesIn } from '../../scenarios/settings/known.ts'
import { ROWS, type SettingName, textOf, type Values } from '../../scenarios/settings/rows.ts'
import { PAYLOADS } from '../../scenarios/settings/words.ts'

const KNOWN = namesIn(BUILT_IN)
const number = (least: number, most: number) => fc.integer({ min: least, max: most }).map(String)
const sizes = fc.oneof(
  number(1, 2 ** 30),
  fc
    .tuple(fc.integer({ min: 1, max: 1023 }), fc.constantFrom('k', 'kB', 'M', 'KiB'))
    .map(([n, unit]) => `${n}${unit}`),
)
const decimals = fc.tuple(fc.nat(9999), fc.nat(999)).map(([whole, part]) => `${whole + 1}.${part}`)
const rates = fc
  .tuple(fc.oneof(number(1, 999), decimals), fc.constantFrom('', 'k', 'M', 'Gbit/s'))
  .map(each => each.join(''))
const durations = fc
  .tuple(fc.oneof(number(1, 999), decimals), fc.constantFrom('ms', 's', 'm'))
  .map(each => each.join(''))
const targets = fc.constantFrom(
  '192.0.2.7',
  '192.0.2.7:9',
  '[2001:db8::7]:5990',
  'fe80::1',
  '[fe80::1%eth0]:1',
)

/** Texts as a person may write them. Names like numbers and words of YAML are names. */
const TEXTS: Readonly<Record<SettingName, fc.Arbitrary<string>>> = {
  size: sizes,
  chunk: sizes,
  file: fc.constantFrom('a.png', '/b c/d', 'true', '7', '~'),
  payload: fc.constantFrom(...PAYLOADS),
  transport: fc.constantFrom(...KNOWN.transports),
  workload: fc.constantFrom('transfer', 'transfer,pause=5ms', 'transfer,a=1,b=x:y'),
  messages: number(1, 1_000_000),
  duration: durations,
  interval: durations,
  'ping-pong': fc.constantFrom('true', 'false'),
  fps: fc.constantFrom('25', '0.1', '29.97', '1000'),
  frames: number(1, 4000),
  omit: durations,
  streams: number(1, 64),
  group: fc.constantFrom('239.255.7.7', '224.0.0.251', 'ff15::7:7', 'FF02::fb'),
  receivers: number(1, 64),
  ttl: number(0, 255),
  loopback: fc.constantFrom('true', 'false'),
  source: fc.constantFrom('192.0.2.7', 'fd00::7'),
  with: fc.constantFrom(...KNOWN.transports),
  'report-every': fc.constantFrom('50ms', '1s', '2.5s', '1m'),
  repeat: number(1, 1_000_000),
  until: fc.oneof(
    fc.tuple(number(1, 99), fc.constantFrom('', '.5', '.07')).map(each => `${each.join('')}%`),
    fc.constant('none'),
  ),
  'max-time': durations,
  warmup: number(0, 1000),
  processes: number(1, 1_000_000),
  engine: fc.constantFrom('auto', ...KNOWN.engines),
  rate: rates,
  rcvbuf: fc.oneof(sizes, fc.constant('default')),
  sndbuf: fc.oneof(sizes, fc.constant('default')),
  'max-datagram': fc.oneof(sizes, fc.constant('none')),
  'os-profile': fc.constantFrom('macos', 'freebsd', 'windows', 'linux'),
  pause: durations,
  drain: durations,
  timeout: durations,
  seed: number(0, 2 ** 32 - 1),
  pin: fc.constantFrom('0,1', '3,3', '12,1000', 'none'),
  nodelay: fc.constantFrom('true', 'false'),
  congestion: fc.constantFrom('cubic', 'bbr', '5', 'null', 'no'),
  mss: number(88, 32_767),
  'max-pacing': rates,
  resumption: fc.constantFrom('true', 'false'),
  path: fc.constantFrom('geo', 'wpt-cable', 'slow-4g', 'starlink'),
  queue: sizes,
  impair: fc.constantFrom(
    'delay=20ms/5ms/normal;loss=gemodel:1%:10%',
    'rate=50M;queue=64kB;mtu=1400',
    'up:loss=0.5%/25%;down:delay=1ms;duplicate=0.1%;corrupt=0.01%',
    'delay=10ms/1ms/30%/pareto;reorder=5%/50%;up:rate=1M',
  ),
  trace: fc.constantFrom('a.down', '/b/c.up'),
  'impair-with': fc.constantFrom('relay', 'tun', 'tc'),
  'read-late': fc.constantFrom('true', 'false'),
  dscp: fc.oneof(number(0, 63), fc.constantFrom('ef', 'cs0', 'AF41')),
  df: fc.constantFrom('dont', 'want', 'do', 'probe'),
  offload: fc.constantFrom('gso', 'gro', 'gso,gro', 'gro, gso', 'none'),
  zerocopy: fc.constantFrom('true', 'false'),
  batch: number(1, 64),
  verify: fc.constantFrom('full', 'index', 'none'),
  bind: fc.constantFrom('127.0.0.1', '::1'),
  interface: fc.constantFrom('lo', 'eth0', '7', 'true'),
  ip: fc.constantFrom('4', '6'),
  target: targets,
  host: targets,
  reverse: fc.constantFrom('true', 'false'),
  bidir: fc.constantFrom('true', 'false'),
  from: targets,
  to: targets,
  keep: fc.constantFrom('kept', './a b', 'null', 'none'),
}

/** Any settings together that exclude none of each other. */
const settings = fc
  .record(
    Object.fromEntries(
      ROWS.map(([name, { field, grammar, many }]) => {
        const values = fc.uniqueArray(
          TEXTS[name].map(text => grammar.parse(text)),
          {
            ...{ minLength: 1, maxLength: many ? 3 : 1 },
          },
        )
        return [field, values.map(each => (many ? each : each[0]))]
      }),
    ),
    { requiredKeys: [] },
  )
  // Laid over each other one by one, the last of those that exclude each other is kept.
  .map(record =>
    Object.entries(record).reduce<Values>((sum, each) => overlay(sum, Object.fromEntries([each])), {}),
  )

/** What is set, in the order of the table. */
const given = (values: Values) =>
  ROWS.flatMap(([name, row]) =>
    values[row.field] === undefined ? [] : [{ name, row, value: values[row.field] }],
  )

test('settings are the same after they were flags', () => {
  fc.assert(
    fc.property(settings, values => {
      const words = given(values).flatMap(({ name, row, value }) => {
        if (typeof value === 'boolean') return [value ? `--${name}` : `--no-${name}`]
        const repeated = row.many === 'repeated' ? [value].flat() : [value]
        return repeated.flatMap(each => [`--${name}`, textOf(row, each)])
      })
      const { flags, problem } = readWords(words, RUN_FLAGS)
      assert.equal(problem, undefined)
      assert.deepEqual(overridesOf(readFlags(RUN_FLAGS, flags)), overlay({}, values))
    }),
    { numRuns: 50 },
  )
})

test('settings are the same after they were a scenario file', () => {
  fc.assert(
    fc.property(settings, values => {
      const keys = given(values).map(({ name, row: { grammar }, value }) => {
        const written = (each: unknown) =>
          grammar.schema.type === 'string' || Array.isArray(grammar.schema.type) ? grammar.format(each) : each
        return [name, name !== 'offload' && Array.isArray(value) ? value.map(written) : written(value)]
      })
      const content: unknown = parse(
        stringify({ ...(values.files ? {} : { size: '1k' }), ...Object.fromEntries(keys) }),
      )
      const { scenario, issues } = readScenario(content, 'mine', { known: KNOWN })
      assert.deepEqual(issues, [])
      const { name: _name, variants: _variants, ...read } = scenario
      const sizes = values.files || values.sizesBytes ? {} : { sizesBytes: [1024] }
      assert.deepEqual(read, { ...overlay({}, values), ...sizes })
    }),
    { numRuns: 50 },
  )
})

test('what flags say of a run, its file can say, and the other way round', () => {
  const beside = [
    'plugin',
    'start-at',
    ...Object.keys(AROUND_FLAGS),
    'commit',
    'out',
    'force',
    'format',
    'note',
    'columns',
    'csv-dialect',
    'quiet',
    'chart',
    ...Object.keys(SERVER_FLAGS),
  ]
  const flags = Object.keys(RUN_FLAGS).filter(name => !beside.includes(name))
  const keys = [...SCENARIO_KEYS.keys()].filter(name => !['name', 'summary', 'thresholds'].includes(name))
  assert.deepEqual(flags.sort(), keys.sort())
})
