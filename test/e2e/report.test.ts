import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import { fileURLToPath } from 'node:url'
import { encode } from '../../results/store/formats.ts'
import { it } from '../support/patient.ts'
import { chunkSweep, mainJob, rounds, stream } from '../support/results-samples.ts'
import { assertOneLine, bench, benchProcess, startBench } from './cli.ts'

describe('bench report', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'bench-report-'))
  const read = (name: string) => readFileSync(join(cwd, name), 'utf8')
  before(() => {
    writeFileSync(join(cwd, 'main.csv'), encode('csv', mainJob()))
    writeFileSync(
      join(cwd, 'sweep.jsonl'),
      encode(
        'jsonl',
        chunkSweep(() => 0.2),
      ),
    )
  })
  after(() => rmSync(cwd, { recursive: true, force: true }))

  it('writes a page, Markdown and pictures of one file, and says so', async () => {
    const { code, stdout, stderr } = await benchProcess(
      [
        'report',
        'main.csv',
        '-o',
        'r.html',
        '-o',
        'r.md',
        '--out',
        'c.svg',
        '--out=c.png',
        '--title',
        'Loopback',
      ],
      { cwd },
    )
    assert.equal(code, 0, stderr)
    assert.equal(stdout, '')
    assert.match(
      stderr,
      /^r\.html: a page, .*\nr\.md: Markdown, .*\nc\.svg: a chart, .*\nc\.png: a chart, .*\n$/,
    )
    const page = read('r.html')
    assert.ok(page.length < 1e6)
    assert.ok(page.startsWith('<!doctype html>') && page.includes('<h1>Loopback</h1>'))
    assert.match(read('r.md'), /^# Loopback\n/)
    assert.match(read('c.svg'), /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" .*aria-label="Goodput"/)
    assert.equal(readFileSync(join(cwd, 'c.png')).toString('latin1', 1, 4), 'PNG')
  })

  it('called off while it waits for rows, it ends at once and leaves nothing behind', async () => {
    const words = ['report', '-', '-o', 'late.html']
    await using running = startBench(words, { cwd, input: read('main.csv'), inputStaysOpen: true })
    await running.until('page', () => existsSync(join(cwd, 'late.html')))
    running.kill('SIGINT')
    const { code, stdout, stderr } = await running.over()
    assert.deepEqual(
      { code, stdout, stderr },
      { code: 130, stdout: '', stderr: 'interrupted before everything was read\n' },
    )
    assert.ok(!existsSync(join(cwd, 'late.html')))
  })

  it('of a real run: the words are there, and its command measures the same cases', async () => {
    const run = await bench(
      [
        'run',
        '--size',
        '20k',
        '--chunk',
        '1024',
        '--repeat',
        '5',
        '--warmup',
        '0',
        '--engine',
        'node',
        '--quiet',
        '--out',
        'real.csv',
      ],
      { cwd },
    )
    assert.equal(run.code, 0, run.stderr)
    const { code, stderr } = await bench(['report', 'real.csv', '-o', 'real.md'], { cwd })
    assert.equal(code, 0, stderr)
    const text = read('real.md')
    assert.match(text, /udp-header (?:is|and tcp|.*No proof)|No proof.*udp-header/)
    assert.match(
      text,
      /```sh\nbench run --size 20k --chunk 1024 --repeat 5 --warmup 0 --engine node --quiet --out real\.csv\n```/,
    )
  })

  it('takes one chart of several files, filtered, and from standard input', async () => {
    const loss = await bench(
      ['report', 'sweep.jsonl', 'main.csv', '--filter', 'chunk<=1024', '--chart', 'loss', '-o', 'loss.svg'],
      { cwd },
    )
    assert.equal(loss.code, 0, loss.stderr)
    assert.match(read('loss.svg'), /aria-label="Loss over chunk/)
    assert.doesNotMatch(read('loss.svg'), />65,507</)
  })

  it('says in one line what is wrong, and leaves no file behind', async () => {
    const wrong: readonly [readonly string[], RegExp][] = [
      [['-o', 'x.html'], /^bench: bench report needs results; name files, such as /],
      [['main.csv'], /^bench: -o is missing; /],
      [['main.csv', '-o', 'x.pdf'], /^bench: -o x\.pdf: \.pdf is not a kind of report; /],
      [['none.csv', '-o', 'x.html'], /^bench: .*none\.csv/],
      [['main.csv', '-o', 'no/x.html'], /^bench: cannot write to no\/x\.html: there is no folder no; /],
      [['main.csv', '-o', 'x.html', '--filter', 'transport=quic'], /^bench: .*quic/],
      [['main.csv', '-o', 'x.svg', '--chart', 'pie'], /^bench: .*pie/],
      [
        ['main.csv', '-o', 'x.svg', '--chart=loss', '--filter', 'transport=tcp'],
        /^bench: --chart loss: these results have no such chart; choose from goodput, phases, distribution, trials\n$/,
      ],
      [['main.csv', '-o', 'x.html', '--titel', 'x'], /^bench: unknown flag --titel; did you mean --title\?/],
    ]
    for (const [words, message] of wrong) {
      const { code, stdout, stderr } = await bench(['report', ...words], { cwd })
      assert.equal(code, 2, `${words.join(' ')}: ${stderr}`)
      assert.match(stderr, message)
      assert.equal(stderr.trimEnd().split('\n').length, 1)
      assert.equal(stdout, '')
    }
    assert.deepEqual(
      readdirSync(cwd).filter(name => name.startsWith('x.')),
      [],
    )
  })

  it('does not write over a file unless it is told to, and then only when there is something to write', async () => {
    writeFileSync(join(cwd, 'old.md'), 'old')
    const refused = await bench(['report', 'main.csv', '-o', 'old.md'], { cwd })
    assert.equal(refused.code, 2)
    assert.match(
      refused.stderr,
      /^bench: cannot write to old\.md: it exists; choose another name or pass --force/,
    )
    const failed = await bench(['report', 'none.csv', '-o', 'old.md', '--force'], { cwd })
    assert.equal(failed.code, 2)
    assert.equal(read('old.md'), 'old')
    const forced = await bench(['report', 'main.csv', '-o', 'old.md', '--force'], { cwd })
    assert.equal(forced.code, 0, forced.stderr)
    assert.match(read('old.md'), /^# main\.csv\n/)
  })

  it('writes over its own report of the same results, unless somebody has edited it', async () => {
    for (const name of ['mine.html', 'mine.md', 'mine.svg']) {
      const make = (...words: string[]) => bench(['report', ...words, '-o', name], { cwd })
      assert.equal((await make('main.csv')).code, 0)
      const again = await make('main.csv', '--title', 'another title')
      assert.equal(again.code, 0, again.stderr)
      if (name !== 'mine.svg') assert.match(read(name), /another title/)
      writeFileSync(join(cwd, 'other.csv'), read('main.csv'))
      assert.equal((await make('other.csv')).code, 2, 'of other results')
      writeFileSync(join(cwd, name), read(name).replace('Goodput', 'My note: goodput'))
      assert.equal((await make('main.csv')).code, 2, 'edited')
      assert.match(read(name), /My note/)
    }
  })

  it('uses what is valid of a damaged file, and tells what it left out, on the page too', async () => {
    const rows = encode(
      'csv',
      rounds(6, (_, noise) => stream(1e9 * noise)),
    ).trimEnd()
    writeFileSync(join(cwd, 'damaged.csv'), `${rows}\r\nnonsense\r\n${rows.split('\r\n')[1]?.slice(0, 60)}`)
    const { code, stderr } = await bench(['report', 'damaged.csv', '-o', 'damaged.md'], { cwd })
    assert.equal(code, 0, stderr)
    const [told = ''] = stderr.split('\n')
    assert.match(told, /^damaged\.csv: 2 of 8 rows left out/)
    assert.ok(read('damaged.md').includes('2 of 8 rows left out'))
  })

  it('says why a library for PNG that is there does not load, and not that it is missing', {
    skip: (process.platform !== 'linux' || process.getuid?.() !== 0) && 'only root on Linux mounts',
  }, async () => {
    const packages = fileURLToPath(new URL('../../../node_modules/@resvg', import.meta.url))
    const script = `mount --bind '${packages}' '${packages}' && mount -o remount,bind,noexec '${packages}' && exec "$@"`
    const at = ['unshare', '--mount', 'sh', '-c', script, 'sh']
    const ended = await benchProcess(['report', 'main.csv', '-o', 'never.png'], { cwd, at })
    assert.equal(ended.code, 1)
    assertOneLine(ended, 'does not load here (', 'failed to map segment', 'write chart.svg instead')
    assert.doesNotMatch(ended.stderr, /npm install|missing/)
  })
})
