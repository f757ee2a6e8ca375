/** What a person sees: width, colours and the live line on a real pseudo-terminal; lists, help and version. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import stringWidth from 'string-width'
import { builtInScenarios } from '../../scenarios/load.ts'
import { BUILT_IN } from '../../transports/catalog.ts'
import { test } from '../support/patient.ts'
import { without, withoutPython } from '../support/programs.ts'
import { BENCH_WORDS, bench, benchProcess, folder, Running, startBench, TERMINAL } from './cli.ts'

const ESCAPE = '\u001b'
/** Long enough to be seen. */
const PACED = [
  'run',
  '--size',
  '64k',
  '--rate',
  '100M',
  '--repeat',
  '20',
  '--warmup',
  '0',
  '--out',
  'rows.csv',
]
const SMALL = 'run --size 4k --repeat 2 --warmup 0 --force --out rows.csv --max-datagram 900'.split(' ')

/** Of what SMALL measured. */
const COMPARE = ['compare', 'rows.csv', '--by', 'transport']

describe('a terminal', { concurrency: 2, skip: withoutPython }, () => {
  const onTerminal = async (columns: number, words: readonly string[], cwd: string, env = {}) => {
    const args = [TERMINAL, String(columns), ...BENCH_WORDS, ...words]
    await using running = new Running('python3', args, { cwd, env })
    const { code, stdout } = await running.over()
    assert.equal(code, 0, stdout)
    return stdout
  }

  test('sees a live line with trials and time left, which is cleared before the results', async context => {
    const screen = await onTerminal(110, PACED, folder(context))
    const frames = screen.split('\n').filter(line => / \d+ of 60 trials · /.test(line))
    assert(frames.length > 3, screen)
    assert.match(screen, / of 60 trials · round \d+ · (tcp|udp-\w+) 64 KiB in chunks of 1 KiB · \d+ s left/)
    // Each frame erases the one before, and after the last one a line is erased and nothing drawn.
    const last = screen.lastIndexOf('trials ·')
    const results = screen.indexOf('65,536 B in 64 chunks', last)
    assert(results > last)
    assert(screen.slice(last, results).includes(`${ESCAPE}[2K`))
    assert(screen.trimEnd().endsWith(`${ESCAPE}[?25h`), 'the cursor is shown again')
    assert(screen.includes(`${ESCAPE}[1m`), 'colours')
  })

  test('that is narrow sees a line that fits it', async context => {
    const screen = await onTerminal(44, PACED, folder(context))
    const frames = screen.split('\n').filter(line => line.includes(' of 60 trials'))
    assert(frames.length > 3, screen)
    for (const line of screen.split('\n')) {
      // What comes before the last erasure is not on the screen any more.
      const seen = stripVTControlCharacters(line.slice(line.lastIndexOf(`${ESCAPE}[2K`) + 1)).trimEnd()
      if (!/^(?:custom: |doubtful here: )| rows in /.test(seen))
        assert(stringWidth(seen.replace(/^\[2K/, '')) <= 44, seen)
    }
  })

  test('sees no live line in CI, with --quiet, or where its width is unknown; no colours with NO_COLOR', async context => {
    const cwd = folder(context)
    const ci = await onTerminal(100, SMALL, cwd, { CI: '1' })
    // Nor colours with NO_COLOR.
    const quiet = await onTerminal(100, [...SMALL, '--quiet'], cwd, { NO_COLOR: '1' })
    const unknown = await onTerminal(0, SMALL, cwd)
    for (const screen of [ci, quiet, unknown]) {
      assert(!screen.includes('trials ·'), screen)
      assert.match(screen, /udp-marker.*2 refused/)
    }
    assert(!quiet.includes(ESCAPE), quiet)
  })
})

describe('text', { concurrency: 2 }, () => {
  let cwd = ''
  before(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'bench-e2e-'))
    const { code, stderr } = await bench([...SMALL, '--chunk', '512,1024,4096'], { cwd })
    assert.equal(code, 0, stderr)
  })
  after(() => rmSync(cwd, { recursive: true }))

  test('is as wide as COLUMNS says, and a pipe gets no escapes', async () => {
    for (const columns of [60, 132]) {
      const { code, stdout } = await bench(COMPARE, { cwd, env: { COLUMNS: String(columns) } })
      assert.equal(code, 0)
      assert(!stdout.includes(ESCAPE))
      const longest = stdout.split('\n').reduce((most, line) => Math.max(most, stringWidth(line)), 0)
      assert(longest <= columns, `${longest} of ${columns} columns:\n${stdout}`)
      assert(longest > columns / 2)
    }
  })

  test('survives a COLUMNS that is none', async () => {
    for (const columns of ['-5', 'many', '1e9']) {
      const { code, stdout } = await bench(COMPARE, { cwd, env: { COLUMNS: columns } })
      assert.equal(code, 0)
      assert.match(stdout, /udp-marker/)
    }
  })

  test('is coloured in a pipe only when FORCE_COLOR says so', async () => {
    assert((await bench(COMPARE, { cwd, env: { FORCE_COLOR: '1' } })).stdout.includes(ESCAPE))
    const both = await bench(COMPARE, { cwd, env: { FORCE_COLOR: '1', NO_COLOR: '1' } })
    assert(!both.stdout.includes(ESCAPE))
  })
})

describe('help', { concurrency: 2 }, () => {
  test('bench list shows transports, engines and scenarios, one line each', async context => {
    const { code, stdout, stderr } = await bench(['list'], { cwd: folder(context) })
    assert.equal(code, 0)
    assert.equal(stderr, '')
    for (const { name, summary } of [...BUILT_IN.transports.values(), ...builtInScenarios()])
      assert.match(stdout, new RegExp(`^  ${name} +${escaped(summary)}$`, 'm'))
    assert.match(stdout, /^Engines\n {2}native .*\n {2}node /m)
  })

  test('bench --help and the help of each command name what there is, and exit with 0', async context => {
    const cwd = folder(context)
    const helpOf = async (...words: string[]) => {
      const { code, stdout, stderr } = await bench([...words, '--help-all'], { cwd })
      assert.deepEqual([code, stderr], [0, ''])
      assert(stdout.split('\n').every(line => stringWidth(line) <= 100))
      return stdout
    }
    const all = await helpOf()
    for (const word of ['run', 'send', 'receive', 'list', 'Exit codes']) assert(all.includes(word))
    const run = await helpOf('run')
    for (const flag of 'size chunk file transport repeat warmup rate rcvbuf sndbuf max-datagram os-profile drain timeout seed keep out format quiet chart target'.split(
      ' ',
    ))
      assert.match(run, new RegExp(` --${flag}[ ,]`))
    assert.match(await helpOf('send'), /bench send <files> <target\.\.>/)
    assert.match(await helpOf('receive'), /--dir .*--count /s)
    assert.match(await helpOf('list'), /bench list/)
  })

  test('bash completes commands, flags and values by the script of bench completion', {
    skip: without('bash'),
  }, async context => {
    const cwd = folder(context)
    const { code, stdout } = await bench(['completion'], { cwd, env: { SHELL: '/bin/bash' } })
    assert.equal(code, 0)
    const [node = '', cli = ''] = BENCH_WORDS
    const completed = (...words: readonly string[]) => {
      const typed = `COMP_WORDS=(${words.map(word => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}`
      const lines = [`bench() { '${node}' '${cli}' "$@"; }`, stdout, typed]
      const script = [...lines, '_bench_yargs_completions', `printf '%s\\n' "\${COMPREPLY[@]}"`].join('\n')
      const { stdout: said, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8', cwd })
      assert.equal(stderr, '')
      return said.split('\n').filter(Boolean)
    }
    assert.deepEqual(completed('bench', 're'), ['report', 'responsiveness', 'receive'])
    assert.deepEqual(completed('bench', 'run', '--chu'), ['--chunk'])
    assert.deepEqual(completed('bench', 'run', '--engine', 'n'), ['native', 'node'])
    assert.deepEqual(completed('bench', 'show', 'results'), [])
  })

  test('bench --version is that of the package', async context => {
    const { code, stdout } = await benchProcess(['--version'], { cwd: folder(context) })
    assert.equal(code, 0)
    const text = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
    assert.equal(stdout.trim(), JSON.parse(text).version)
  })

  test('a command whose reader has gone says nothing about it', async context => {
    await using running = startBench(['run', '--help'], { cwd: folder(context) })
    running.closeStdout()
    const { code, stderr } = await running.over()
    assert.deepEqual([code, stderr], [0, ''])
  })
})

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
