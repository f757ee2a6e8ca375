/** What a gate looks like: on a terminal, at GitHub, as JUnit XML and as JSON. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { METRICS } from '../../results/compare/metrics.ts'
import { benchmarkJson } from '../../results/gate/benchmark-json.ts'
import { type Check, factOf, type Gate, verdictOfChecks } from '../../results/gate/check.ts'
import { checkChanges } from '../../results/gate/check-changes.ts'
import { checkThreshold } from '../../results/gate/check-thresholds.ts'
import { confirm, unconfirmed } from '../../results/gate/confirm.ts'
import { githubSummary, renderGate } from '../../results/gate/document.ts'
import { githubAnnotations } from '../../results/gate/github.ts'
import { gateJson, gateSchema } from '../../results/gate/json.ts'
import { junitXml } from '../../results/gate/junit.ts'
import { parseThreshold } from '../../results/gate/threshold.ts'
import { gateSet, runOf } from '../support/gate-samples.ts'
import { golden } from '../support/golden.ts'
import { jsonSchema } from '../support/results-docs.ts'
import { datagrams, refused, stream } from '../support/results-samples.ts'

const AT = '2026-11-21T09:45:12.345Z'
const sized = (chunk_bytes: number) => ({ chunk_bytes, size_bytes: 655_080 })

function results(day: number, udpFactor: number) {
  return runOf(day, [
    (_, noise) => stream(2.4e9 * noise, sized(1024)),
    (round, noise) => datagrams(1.6e9 * noise * udpFactor, round === 3 ? 40 : 0, sized(1024)),
    (_, noise) =>
      udpFactor === 1
        ? datagrams(3e9 * noise, 0, sized(9216))
        : refused({ ...sized(9216), refused_datagram_bytes: 9216 }),
    // Rounds that differ this much say little.
    (round, noise) =>
      datagrams(1e9 * noise * (round % 2 === 0 ? 0.6 : 1.4), 0, { ...sized(1024), transport: 'udp-marker' }),
  ])
}

function checks(): readonly Check[] {
  const metrics = METRICS.filter(each => each.name === 'goodput')
  const base = gateSet(results(1, 1), 'baseline')
  const judged = (day: number) =>
    checkChanges(base, gateSet(results(day, 0.8)), { metrics, bySide: false }).checks
  const held = [
    'tcp.goodput.p50 > 5Gbps',
    'udp-*.loss < 0.1%',
    'failed == 0',
    'tcp.total.p99 < 1s @ size>1M',
  ].flatMap(text => checkThreshold(parseThreshold(text), gateSet(results(2, 0.8))))
  return [
    ...unconfirmed(held, 'cpu_model was Example CPU, and here is Other CPU'),
    ...confirm(judged(2), judged(3)),
  ]
}

function gateOf(all: readonly Check[], over: Partial<Gate> = {}): Gate {
  return {
    verdict: verdictOfChecks(all, over.strict ?? false),
    strict: false,
    heading: ['results: measured now, 4 cases, 80 trials', 'baseline: 1 run, 2026-11-01, 4 cases, 80 trials'],
    checks: all,
    notes: [
      {
        message:
          'the baseline has 1 run, too few to show how much runs differ from each other: only a change of 15 % or more counts',
        remedy: 'give 5 or more runs with --baseline, or measure pairs in one run: bench ab --gate',
      },
    ],
    ...over,
  }
}

const HOSTILE =
  '</testcase>|<script>alert(1)</script> "&amp;" `x` [a](b) @team ::error::\u0007\u001b[31m\n%0A\ud800'

function hostile(): Gate {
  const set = gateSet(runOf(1, [(_, noise) => stream(1e9 * noise, { file: HOSTILE, variant: HOSTILE })]))
  return gateOf(checkThreshold(parseThreshold('tcp.goodput > 5G'), set), {
    heading: [HOSTILE],
    notes: [{ message: HOSTILE }],
  })
}

describe('a gate on a terminal', () => {
  for (const width of [60, 100])
    test(`of ${width} columns has the verdict first, then findings, then warnings`, () => {
      const text = renderGate(gateOf(checks()), { width, color: false })
      golden(`test/golden/gate-${width}.txt`, text)
      for (const line of text.split('\n')) assert(line.length <= width, line)
    })

  test('that passes says so in a few lines', () => {
    const set = gateSet(results(1, 1))
    const all = checkThreshold(parseThreshold('failed == 0'), set)
    const text = renderGate(gateOf(all, { notes: [], heading: ['results: 1 run'] }), {
      width: 100,
      color: false,
    })
    assert.equal(text, 'passed: all 4 checks passed\n  results: 1 run\n')
  })

  test('of a baseline whose cases were not measured says that before what passed', () => {
    const set = gateSet(results(1, 1))
    const all = checkThreshold(parseThreshold('failed == 0'), set)
    const absent = all.slice(1).map(each => factOf({ ...each, kind: 'missing' }, 'inconclusive', 'none'))
    const text = renderGate(gateOf([...all.slice(0, 1), ...absent]), { width: 100, color: false })
    assert.match(text, /^passed: 3 of 4 cases not measured, 1 passed\n/)
  })

  test('is in colour where that is wanted, and nowhere else', () => {
    const gate = gateOf(checks())
    const start = '\u001b'
    assert(!renderGate(gate, { width: 80, color: false }).includes(start))
    const colored = renderGate(gate, { width: 80, color: true })
    assert(colored.startsWith(`${start}[1m${start}[31mfailed: `))
    const plain = colored.replaceAll(new RegExp(`${start}\\[\\d+m`, 'g'), '')
    assert.equal(plain, renderGate(gate, { width: 80, color: false }))
  })

  test('that is strict says why it failed', () => {
    const all = checks().filter(each => each.status === 'inconclusive' || each.status === 'passed')
    const text = renderGate(gateOf(all, { strict: true }), { width: 100, color: false })
    assert.match(text, /^failed: \d+ inconclusive, \d+ passed \(--strict\)\n/)
  })
})

describe('a gate at GitHub', () => {
  test('is annotations, of which each is a line', () => {
    const text = githubAnnotations(gateOf(checks()))
    golden('test/golden/gate-annotations.txt', text)
    for (const line of text.trimEnd().split('\n'))
      assert.match(line, /^::(error|warning) title=bench check%3A [^:,]*::[^\r\n]+$/)
    assert.match(githubAnnotations(gateOf(checks(), { strict: true })), /^(::error [^\n]*\n)+$/)
    // What was not judged fails a strict gate, and is no more than shown by another one.
    const shown = checks().map(each => ({ ...each, status: 'skipped' as const }))
    assert.match(githubAnnotations(gateOf(shown, { strict: true })), /^(::error [^\n]*\n)+$/)
    assert.equal(githubAnnotations(gateOf(shown)), '')
  })

  test('is a summary in Markdown', () => {
    golden('test/golden/gate-summary.md', githubSummary(gateOf(checks())))
  })

  test('shows no more annotations than GitHub does, and says how many are left', () => {
    const [one] = checks()
    assert(one)
    const lines = githubAnnotations(gateOf(Array.from({ length: 25 }, () => one)))
      .trimEnd()
      .split('\n')
    assert.equal(lines.length, 10)
    assert.match(lines[9] ?? '', /::16 more failed; the summary has them$/)
  })

  test('takes no command and no markup from the name of a file', () => {
    const annotations = githubAnnotations(hostile())
    assert.equal(annotations.split('\n').length, 2)
    assert(annotations.startsWith('::error title=bench check%3A tcp tcp.goodput > 5G::'))
    const summary = githubSummary(hostile())
    assert(!/<(?!br>|\/?details>|\/?summary>|!-- -->)/.test(summary), summary)
    assert.doesNotMatch(summary, /(?<!\\)\]\(b\)|@team/)
    const rows = summary.split('\n').filter(line => line.startsWith('| failed'))
    for (const row of rows) assert.equal(row.match(/(?<!\\)\|/g)?.length, 5, row)
  })
})

describe('a gate as a file', () => {
  test('is JUnit XML with a case for each check', () => {
    const text = junitXml(gateOf(checks()), AT)
    golden('test/golden/gate-junit.xml', text)
  })

  test('is XML that holds nothing which XML cannot', () => {
    const text = junitXml(hostile(), AT)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    assert.doesNotMatch(text, /[\x00-\x08\x0b\x0c\x0e-\x1f]/)
    assert.doesNotMatch(text, /\p{Cs}/u)
    assert.equal(text.match(/<testcase /g)?.length, 1)
    assert.equal(text.match(/<script>/g), null)
  })

  test('is JSON by its published schema', () => {
    const gate = gateOf(checks())
    const document = gateSchema.parse(JSON.parse(gateJson(gate, AT)))
    assert.equal(document.verdict, 'failed')
    assert.equal(document.started_at, AT)
    assert.deepEqual(
      document.checks.map(each => [each.status, each.sentence]),
      gate.checks.map(each => [each.status, each.sentence]),
    )
    gateSchema.parse(JSON.parse(gateJson(hostile(), AT)))
    golden('docs/check.schema.json', jsonSchema('check', 'What bench check says', gateSchema))
  })

  test('is a list of figures of which more is better', () => {
    const text = benchmarkJson(gateSet(results(1, 1)))
    golden('test/golden/gate-benchmark.json', text)
    const names = JSON.parse(text).map((each: { name: string }) => each.name)
    assert.equal(new Set(names).size, names.length)
    // The same cell has the same name whatever else was measured.
    const alone = benchmarkJson(gateSet(runOf(1, [(_, noise) => stream(2.4e9 * noise, sized(1024))])))
    for (const { name } of JSON.parse(alone)) assert(names.includes(name), name)
  })
})
