/** What `bench check` writes for others, and what it refuses. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe } from 'node:test'
import { gateSchema } from '../../results/gate/json.ts'
import { inProcess } from '../support/in-process.ts'
import { test } from '../support/patient.ts'
import { withoutPython } from '../support/programs.ts'
import { cwd, edited, quick, SLOW, slow, told, useMeasured, WIDE } from './checked.ts'
import { bench, Running, startBench } from './cli.ts'

describe('what bench check writes', () => {
  useMeasured()

  test('JUnit XML that an independent parser reads, JSON, and a list of figures', {
    skip: withoutPython,
  }, async () => {
    const files = ['--junit', 'j.xml', '--json', 'j.json', '--benchmark-json', 'b.json']
    const held = ['--threshold', 'goodput > 1G', 'failed == 0', '--no-remeasure']
    await told(['check', slow, '--baseline', quick, ...files, ...held], 3)
    const reader =
      'import sys,json,xml.etree.ElementTree as E\nr=E.parse(sys.argv[1]).getroot()\nprint(json.dumps([r.tag,r.get("tests"),r.get("failures"),[[t.get("classname"),t.get("name"),[c.tag for c in t]] for t in r.iter("testcase")]]))'
    await using python = new Running('python3', ['-c', reader, 'j.xml'], { cwd })
    const [tag, tests, failures, cases] = JSON.parse((await python.over()).stdout)
    assert.deepEqual([tag, tests, failures], ['testsuites', '8', '2'])
    const name = cases[0][0]
    assert.match(name, /^udp-header, size 16 KiB, chunk 1,024 B, at 4\.00 Mbit\/s, /)
    assert.deepEqual(cases.slice(0, 3), [
      [name, 'goodput > 1G', ['failure']],
      [name, 'failed == 0', ['system-out']],
      [name, 'goodput', ['failure']],
    ])
    const document = gateSchema.parse(JSON.parse(readFileSync('j.json', 'utf8')))
    assert.equal(document.verdict, 'failed')
    assert.equal(document.checks.length, 8)
    const figures = JSON.parse(readFileSync('b.json', 'utf8'))
    assert.deepEqual(
      figures.map((each: { unit: string }) => each.unit),
      ['Mbit/s', '%'],
    )
    for (const { value } of figures) assert(value > 0 && Number.isFinite(value))
    const again = ['check', slow, '--threshold', 'failed == 0', '--junit', 'j.xml']
    await told(again, 2, /^bench: cannot write to j\.xml: it exists; choose another name or pass --force\n$/)
    await told([...again, '--force'], 0)
  })

  test('annotations and a summary in GitHub Actions', async () => {
    const summary = join(cwd, 'summary.md')
    writeFileSync(summary, 'before\n')
    const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary, COLUMNS: '100' }
    const words = ['check', slow, '--baseline', quick, '--no-remeasure']
    const found = await bench(words, { cwd, env })
    assert.equal(found.code, 3, found.stderr)
    assert.match(found.stdout, /^failed: /)
    assert.match(
      found.stdout,
      /^::error title=bench check%3A udp-header goodput::udp-header: goodput fell by \S+ %25 /m,
    )
    const text = readFileSync(summary, 'utf8')
    assert.match(text, /^before\n### bench check failed: 1 of 6 checks failed/)
    assert.match(text, /^\| failed \| udp-header \| goodput \| goodput fell by /m)
    const lost = await bench(words, { cwd, env: { ...env, GITHUB_STEP_SUMMARY: join(cwd, 'no', 'folder') } })
    assert.equal(lost.code, 3)
    assert.match(lost.stdout, /^::error /m)
    assert.match(
      lost.stderr,
      /^cannot write the step summary to .*: it does not exist; set GITHUB_STEP_SUMMARY to a file .*\n$/m,
    )
  })

  test('nothing of half a measurement', async () => {
    const endless = [...SLOW.slice(0, -4), '--repeat', '5000', '--warmup', '0']
    const files = ['--junit', 'j.xml', '--out', 'rows.csv']
    await using running = startBench(['check', ...endless, '--threshold', 'failed == 0', ...files], { cwd })
    // The file is there, empty, for a moment before its header is.
    await running.until(
      'rows',
      () => existsSync('rows.csv') && readFileSync('rows.csv', 'utf8').split('\r\n').length > 5,
    )
    running.kill('SIGINT')
    const { code, stdout, stderr } = await running.over()
    assert.equal(code, 130)
    assert.equal(stdout, '')
    assert.match(stderr, /interrupted after \d+ trials; nothing was judged\n/)
    assert.deepEqual(readdirSync(cwd), ['rows.csv', 'rows.run.json'])
  })
})

describe('what cannot be checked is told in one line, and leaves nothing behind:', () => {
  useMeasured()

  const wanted = ['--threshold', 'failed == 0']
  for (const [words, message] of [
    [[], 'nothing to check; give result files, a scenario, --baseline FILES or --threshold'],
    [[quick], 'nothing to check'],
    [['mine.yaml'], 'nothing to check mine.yaml against'],
    [[quick, 'ci', ...wanted], 'give only one kind'],
    [[quick, '--size', '4k', ...wanted], '--size is for measuring'],
    [[quick, '--no-nodelay', ...wanted], '--no-nodelay is for measuring'],
    [[quick, '--threshold', 'tcp.goodptu > 1'], 'unknown metric "goodptu"; did you mean goodput?'],
    [[quick, '--threshold'], '--threshold needs a value'],
    [[quick, '--baseline', 'no.csv'], 'no.csv'],
    [['no.csv', ...wanted], 'no.csv'],
    [[quick, '--baseline', slow, '--metric', 'speed'], 'unknown metric "speed"'],
    [[quick, '--baseline', slow, '--delta', '5'], '--delta: not a share: "5"'],
    [[quick, ...wanted, '--junit', 'no/where.xml'], 'or name another place with --junit'],
    [[quick, ...wanted, '--json', 'x.json', '--benchmark-json', 'no/where.json'], '--benchmark-json'],
    [['unknown', ...wanted], 'unknown'],
    [
      [quick, '--baseline', 'other.csv'],
      'the results have no case in common with the baseline (baseline: tcp, size 16 KiB, chunk 1,024 B, at 4.00 Mbit/s, ',
    ],
    // Known before the first trial: nothing is measured for half a minute first.
    [
      ['--baseline', slow, '--size', '17k', '--repeat', '2000', '--out', 'never.csv'],
      'the results have no case in common with the baseline (baseline: udp-header, size 16 KiB, chunk 1,024 B, at 4.00 Mbit/s, ',
    ],
    [[quick, '--baseline', quick], 'the baseline is the results themselves'],
    [[quick, ...wanted, '--json', '-'], '--json -: standard output is for the verdict; name a file'],
    [[quick, ...wanted, '--junit', 'x', '--json', './x', '--force'], '--junit and --json name the same file'],
    [
      [quick, ...wanted, 'late.csv'],
      'threshold "late.csv": it looks like a file; name files before --threshold',
    ],
    [[quick, ...wanted, '--format', 'json'], 'bench check has no flag --format; bench check --help'],
  ] as const)
    test(['check', ...words].join(' ').replaceAll(`${dirname(slow)}/`, ''), async () => {
      writeFileSync('mine.yaml', 'size: 4k\n')
      edited(slow, 'other.csv', 'transport', () => 'tcp')
      const { code, stdout, stderr } = await inProcess(['check', ...words], WIDE)
      assert.equal(code, 2, stdout + stderr)
      assert.match(stderr, /^bench: [^\n]+\n$/)
      assert(stderr.includes(message), stderr)
      assert.equal(stdout, '')
      assert.deepEqual(readdirSync(cwd).sort(), ['mine.yaml', 'other.csv'])
    })
})
