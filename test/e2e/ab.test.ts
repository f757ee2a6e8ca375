/** `bench ab` from the outside, on real sockets: rows are pairs, sides are what they were asked to be, differences are found. */
import assert from 'node:assert/strict'
import { chmodSync, cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { test } from '../support/patient.ts'
import { assertOneLine, bench, folder, startBench, withoutProc } from './cli.ts'
import { assertLaw, parseRows, readCsv } from './rows.ts'
import { startServer, TOKEN } from './two-hosts.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const QUICK = ['--size', '64k', '--repeat', '4', '--warmup', '0']
/** Where it is not about the order. */
const SHORT = ['--size', '64k', '--repeat', '2', '--warmup', '0']

function script(path: string, text: string): void {
  writeFileSync(path, `#!/bin/sh\n${text}\n`)
  chmodSync(path, 0o755)
}

/** Rows of a round and case stand together, one of each side; each side comes first as often as the other, up to one. */
function assertPairs(rows: readonly TrialRecord[], rounds: number, cases: number): void {
  assert.equal(rows.length, 2 * rounds * cases)
  const leads = new Map<string, number>()
  for (const [at, row] of rows.entries()) {
    assert.equal(row.trial, at + 1)
    assert.equal(row.round, Math.floor(at / (2 * cases)) + 1)
    const partner = rows[at ^ 1]
    assert.ok(partner && partner.side !== row.side && partner.run_id === row.run_id)
    if (at % 2 === 1) continue
    const key = `${row.transport} ${row.size_bytes}`
    leads.set(key, (leads.get(key) ?? 0) + (row.side === 'a' ? 1 : -1))
  }
  assert.equal(leads.size, cases)
  for (const lead of leads.values()) assert.ok(Math.abs(lead) <= rounds % 2, String(lead))
}

const ofSide = (rows: readonly TrialRecord[], side: 'a' | 'b') => rows.filter(row => row.side === side)
const valuesOf = (rows: readonly TrialRecord[], column: keyof TrialRecord) => [
  ...new Set(rows.map(row => row[column])),
]
const orderOf = (rows: readonly TrialRecord[]) => rows.map(row => `${row.side} ${row.transport}`).join(' ')

describe('bench ab', { concurrency: 2 }, () => {
  test('measures pairs in an order that follows the seed, writes them as rows, and compares B with A', async context => {
    const cwd = folder(context)
    const sides = ['--a', 'rcvbuf=1m', '--b', '--rcvbuf 2m', '--transport', 'udp-header,udp-marker']
    const { code, stdout, stderr } = await bench(['ab', ...QUICK, ...sides, '--seed', '5'], { cwd })
    assert.equal(code, 0, stderr)
    const [file = ''] = readdirSync(join(cwd, 'bench-results'))
    assert.match(file, /^\d{8}T\d{6}Z-custom-ab\.csv$/)
    assert.match(stderr, /16 rows in bench-results/)
    const rows = readCsv(join(cwd, 'bench-results', file))
    assertPairs(rows, 4, 2)
    assertLaw(rows)
    assert.deepEqual(valuesOf(ofSide(rows, 'a'), 'rcvbuf_asked_bytes'), [1 << 20])
    assert.deepEqual(valuesOf(ofSide(rows, 'b'), 'rcvbuf_asked_bytes'), [2 << 20])
    assert.match(stdout, /^A: rcvbuf 1M; B: rcvbuf 2M$/m)
    assert.match(stdout, /B against A/)
    for (const text of ['udp-header', 'udp-marker']) assert.ok(stdout.includes(text))

    const [same, other] = await Promise.all(
      ['5', '6'].map(async seed => {
        const words = [
          ...QUICK,
          ...sides,
          '--seed',
          seed,
          '--format',
          'jsonl',
          '--out',
          `${seed}.jsonl`,
          '-q',
        ]
        return orderOf(parseRows((await bench(['ab', ...words], { cwd })).stdout))
      }),
    )
    assert.equal(same, orderOf(rows))
    assert.notEqual(other, same)
  })

  test('rows go to standard output, and what they say to standard error', async context => {
    const cwd = folder(context)
    const args = ['ab', '--a', 'transport=tcp', '--b', 'transport=udp-header', ...QUICK, '--format', 'jsonl']
    const { code, stdout, stderr } = await bench(args, { cwd })
    assert.equal(code, 0, stderr)
    const rows = parseRows(stdout)
    assertPairsOfTransports(rows)
    assert.match(stderr, /^A: transport tcp; B: transport udp-header$/m)
    assert.match(stderr, /tcp \| udp-header/)
  })

  test('another Node: a copy, and a script that starts one; rows tell its version', async context => {
    const cwd = folder(context)
    symlinkSync(process.execPath, join(cwd, 'node-here'))
    script(join(cwd, 'wrapper'), `exec '${process.execPath}' "$@"`)
    const sides = ['--a', 'node=./node-here', '--b', 'node=./wrapper', '--transport', 'tcp,udp-header']
    const { code, stdout, stderr } = await bench(['ab', ...SHORT, ...sides, '--out', 'n.csv'], { cwd })
    assert.equal(code, 0, stderr)
    const rows = readCsv(join(cwd, 'n.csv'))
    assertPairs(rows, 2, 2)
    for (const column of ['node_version', 'sender_node_version', 'receiver_node_version'] as const)
      assert.deepEqual(valuesOf(rows, column), [process.versions.node])
    assert.ok(stdout.includes(`A: Node ${process.versions.node} (./node-here); B: Node`), stdout)
  })

  test('another build: its agents are asked, and rows tell its version', async context => {
    const cwd = folder(context)
    otherBuild(join(cwd, 'other'), '0.0.7')
    script(join(cwd, 'node-here'), `echo "$@" >> '${join(cwd, 'started')}'; exec '${process.execPath}' "$@"`)
    const [a, b] = ['node=./node-here', 'node=./node-here cli=other/dist/bench/cli.js']
    const sides = ['--a', a, '--b', b, '--transport', 'tcp']
    const { code, stdout, stderr } = await bench(['ab', ...SHORT, ...sides, '--out', 'c.csv'], { cwd })
    assert.equal(code, 0, stderr)
    const started = readFileSync(join(cwd, 'started'), 'utf8').split('\n')
    const agents = started.flatMap(line => /^(.*) (\S+main\.js)( |$)/.exec(line) ?? [])
    assert.equal(new Set(agents.filter((_, index) => index % 4 === 2)).size, 2, 'agents of both builds')
    const [flags = '', ...others] = new Set(agents.filter((_, index) => index % 4 === 1))
    assert.deepEqual(others, [], 'with the same flags')
    assert.match(flags, /--always-sparkplug/, 'which older builds do not set themselves')
    const rows = readCsv(join(cwd, 'c.csv'))
    const [ofA, ofB] = [ofSide(rows, 'a'), ofSide(rows, 'b')]
    for (const column of ['bench_version', 'sender_bench_version', 'receiver_bench_version'] as const) {
      assert.deepEqual(valuesOf(ofB, column), ['0.0.7'])
      assert.notDeepEqual(valuesOf(ofA, column), ['0.0.7'])
    }
    assert.match(stdout, /^A: .*, bench \S+; B: .*, bench 0\.0\.7 \(other\/dist\/bench\/cli\.js\)$/m)
  })

  test('a sender that is slower is found, measured again, and ends it with 3', async context => {
    const cwd = folder(context)
    // 12 ms and 123 ms: what a busy machine adds to the short one is little, and of twelve pairs it may turn one round.
    const sides = ['--a', 'rate=2M', '--b', 'rate=200k', '--transport', 'udp-header']
    const rounds = ['--size', '4k', '--repeat', '12', '--processes', '1', '--warmup', '0', '--gate']
    const { code, stdout, stderr } = await bench(['ab', ...sides, ...rounds, '--out', 'g.csv'], { cwd })
    assert.equal(code, 3, stderr + stdout)
    assert.match(stderr, /looks worse in 1 case: measured again with twice as many pairs/)
    assert.match(stdout, /^failed: /m)
    assert.match(
      stdout.replaceAll(/\s+/g, ' '),
      /goodput fell by \d\d.* %.*; measured again, .*goodput fell by/,
    )
    const rows = readCsv(join(cwd, 'g.csv'))
    assert.equal(rows.length, 72)
    const runs = valuesOf(rows, 'run_id')
    assert.equal(runs.length, 2)
    for (const [index, run] of runs.entries())
      assertPairs(
        rows.filter(row => row.run_id === run),
        index === 0 ? 12 : 24,
        1,
      )
    // The other way round nothing is worse.
    const better = ['ab', '--a', 'rate=200k', '--b', 'rate=2M', '--transport', 'udp-header']
    const turned = await bench([...better, ...rounds, '--out', 'h.csv'], { cwd })
    assert.equal(turned.code, 0, turned.stderr + turned.stdout)
    assert.doesNotMatch(turned.stderr, /measured again/)
  })

  test('one pair proves nothing: a warning, and with --strict no pass; the files of the gate say so', async context => {
    const cwd = folder(context)
    const sides = ['--a', 'rcvbuf=1m', '--b', 'rcvbuf=2m', '--transport', 'udp-header', '--size', '64k']
    const gate = async (...words: readonly string[]) => {
      const args = [
        'ab',
        ...sides,
        '--repeat',
        '1',
        '--warmup',
        '0',
        '--gate',
        '--json',
        'gate.json',
        '--force',
        '-q',
        ...words,
      ]
      const { code, stdout, stderr } = await bench(args, { cwd })
      assert.equal(stderr, '')
      const { verdict, checks } = JSON.parse(readFileSync(join(cwd, 'gate.json'), 'utf8'))
      const [goodput] = checks.filter((check: { subject: string }) => check.subject === 'goodput')
      return { code, stdout, verdict, status: goodput.status }
    }
    const loose = await gate()
    assert.deepEqual([loose.code, loose.verdict, loose.status], [0, 'passed', 'inconclusive'])
    assert.match(loose.stdout, /^passed: /m)
    const strict = await gate('--strict', '--junit', 'gate.xml')
    assert.deepEqual([strict.code, strict.verdict, strict.status], [3, 'failed', 'inconclusive'])
    assert.match(readFileSync(join(cwd, 'gate.xml'), 'utf8'), /<failure message="goodput /)
  })

  test('a side that delivers nothing, and a figure that nobody has, fail a gate', async context => {
    const cwd = folder(context)
    const gate = async (...words: readonly string[]) => {
      const fixed = ['--transport', 'udp-header', '--repeat', '3', '--warmup', '0', '--gate', '--no-chart']
      const { code, stdout } = await bench(['ab', ...words, ...fixed, '--force'], { cwd })
      return { code, text: stdout.replaceAll(/\s+/g, ' ') }
    }
    const dead = await gate('--a', 'chunk=1k', '--b', 'chunk=65508', '--size', '100k')
    assert.equal(dead.code, 3, dead.text)
    assert.match(dead.text, /none of 3 trials delivered \(EMSGSIZE\); all 3 trials did in A/)
    assert.doesNotMatch(dead.text, /measure the same sizes/)
    const unknown = await gate('--a', '', '--b', 'batch=1', '--size', '16k', '--metric', 'handshake')
    assert.equal(unknown.code, 3, unknown.text)
    assert.match(unknown.text, /no case has a handshake time, and a check that cannot fail guards nothing/)
  })

  test('interrupted, it shows the pairs that it has', { skip: withoutProc }, async context => {
    const cwd = folder(context)
    const sides = ['--a', 'rate=20M', '--b', 'rate=10M', '--transport', 'udp-header', '--size', '100k']
    await using running = startBench(['ab', ...sides, '--warmup', '0', '--repeat', '500', '--out', 'i.csv'], {
      cwd,
    })
    await running.until('four rows', () => {
      try {
        return readFileSync(join(cwd, 'i.csv'), 'utf8').split('\r\n').length > 5
      } catch {
        return false
      }
    })
    running.kill('SIGINT')
    const { code, stdout, stderr } = await running.over()
    assert.equal(code, 130)
    assert.match(stderr, /interrupted after \d+ trials\n\d+ rows in i\.csv/)
    assert.match(stdout, /^A: rate 20M; B: rate 10M$/m)
    assert.ok(readCsv(join(cwd, 'i.csv')).length >= 4)
  })

  test('a side on another host, and both on one by sessions of their own', async context => {
    const cwd = folder(context)
    await using server = await startServer({ cwd, listen: '127.0.0.1:0' })
    const host = `127.0.0.1:${server.port}`
    const measured = async (words: readonly string[]) => {
      const args = ['ab', ...SHORT, '--transport', 'tcp,udp-header', ...words, '--format', 'jsonl', '-q']
      const { code, stdout, stderr } = await bench(args, { cwd, env: { BENCH_TOKEN: TOKEN } })
      assert.equal(code, 0, stderr)
      const rows = parseRows(stdout)
      assertPairs(rows, 2, 2)
      return rows
    }
    const there = await measured(['--a', '', '--b', `host=${host}`])
    assert.deepEqual(valuesOf(ofSide(there, 'a'), 'direction'), ['local'])
    assert.deepEqual(valuesOf(ofSide(there, 'b'), 'direction'), ['forward'])
    const both = await measured(['--host', host, '--a', 'reverse', '--b', ''])
    assert.deepEqual(valuesOf(ofSide(both, 'a'), 'direction'), ['reverse'])
    assert.deepEqual(valuesOf(ofSide(both, 'b'), 'direction'), ['forward'])
  })

  test('what cannot be measured is one line, and nothing is written', async context => {
    const cwd = folder(context)
    const refused = async (args: readonly string[], ...parts: readonly (string | RegExp)[]) => {
      const ended = await bench(['ab', ...QUICK, ...args], { cwd })
      assert.equal(ended.code, 2, ended.stderr)
      assertOneLine(ended, ...parts)
    }
    await refused(['--a', '', '--b', ''], '--a and --b amount to the same', 'bench aa')
    await refused(['--a', '', '--b', 'sizee=1'], '--b: unknown flag --sizee', 'did you mean --size?')
    await refused(['--a', 'repeat=2', '--b', ''], '--a: repeat is for both sides')
    await refused(['--a', '', '--b', 'node=./nothing'], '--b: node=./nothing', 'no such program')
    await refused(['--a', '', '--b', 'cli=.'], '--b: cli=. is not a build of this tool')
    await refused(['--a', 'chunk=1k,2k', '--b', 'chunk=1k'], 'A has 6 cases and B 3 cases')
    await refused(['--a', '', '--b', 'rate=1M', '--noise', 'nothing.csv'], 'nothing.csv')
    await refused(['--a', ''], '--b is missing')
    assert.deepEqual(readdirSync(cwd), [])
  })
})

function assertPairsOfTransports(rows: readonly TrialRecord[]): void {
  assert.equal(rows.length, 8)
  for (let at = 0; at < rows.length; at += 2)
    assert.deepEqual([rows[at], rows[at + 1]].map(row => `${row?.side} ${row?.transport}`).sort(), [
      'a tcp',
      'b udp-header',
    ])
}

/** This build, of another version. */
function otherBuild(root: string, version: string): void {
  for (const room of ['bench', 'results', 'scenarios', 'transports'])
    cpSync(join(ROOT, 'dist', room), join(root, 'dist', room), {
      recursive: true,
      filter: path => !/\.(?:map|d\.ts)$/.test(path),
    })
  const text = readFileSync(join(ROOT, 'package.json'), 'utf8')
  writeFileSync(join(root, 'package.json'), text.replace(/"version": "[^"]+"/, `"version": "${version}"`))
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'))
}
