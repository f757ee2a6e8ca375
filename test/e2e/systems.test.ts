/** Comparing systems: the label of a run under a profile, and the example results. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe } from 'node:test'
import { fileURLToPath } from 'node:url'
import { it } from '../support/patient.ts'
import { bench, folder } from './cli.ts'
import { parseRows } from './rows.ts'

const EXAMPLES = fileURLToPath(new URL('../../../examples/results', import.meta.url))
const FILES = ['linux.csv', 'macos-profile.csv', 'windows-wine.csv']

describe('a run under a profile', () => {
  it('says so in each row, of streams too, and is never called that system', async context => {
    const cwd = folder(context)
    const words = ['run', '--size', '20k', '--chunk', '9217', '--transport', 'tcp,udp-header']
    const few = ['--repeat', '1', '--warmup', '0', '--format', 'jsonl']
    const profile = ['--os-profile', 'macos', '--out', 'profile.jsonl']
    const { stdout } = await bench([...words, ...few, ...profile], { cwd })
    assert.deepEqual(
      parseRows(stdout)
        .map(each => [each.transport, each.os_profile, each.limit_emulated, each.outcome])
        .sort(),
      [
        ['tcp', 'macos', false, 'completed'],
        ['udp-header', 'macos', true, 'refused'],
      ],
    )
    await bench([...words, ...few, '--out', 'own.jsonl'], { cwd })
    const compared = await bench(['compare', 'own.jsonl', 'profile.jsonl', '--format', 'json'], { cwd })
    const { systems } = JSON.parse(compared.stdout)
    assert.match(systems.sets[1].name, /^macOS profile on /)
    assert.deepEqual([systems.sets[0].stand_in, systems.sets[1].stand_in], [undefined, 'profile'])
    assert.deepEqual(systems.sets[1].limits[0].smallest_refused_bytes, 9217)
  })
})

describe('the example results', () => {
  it('are small, and each has its manifest', () => {
    assert.deepEqual(
      readdirSync(EXAMPLES).sort(),
      ['README.md', ...FILES.flatMap(each => [each, each.replace('.csv', '.run.json')])].sort(),
    )
    for (const name of FILES) assert(statSync(join(EXAMPLES, name)).size < 200_000, name)
    const readme = readFileSync(join(EXAMPLES, 'README.md'), 'utf8')
    for (const name of FILES) assert(readme.includes(`\`${name}\``), name)
  })

  it('compared, begin with their limits to the byte, what stood in, and what may be concluded', async () => {
    const { code, stdout, stderr } = await bench(['compare', ...FILES], { cwd: EXAMPLES })
    assert.deepEqual([code, stderr], [0, ''])
    assert.match(stdout, /^systems\n/)
    assert.match(stdout, /^linux\.csv +Linux +65,507 B +65,508 B +65,507 B +confirmed$/m)
    assert.match(stdout, /^macos-profile\.csv +macOS profile on Linux +9,216 B +9,217 B +9,216 B +emulated$/m)
    assert.match(stdout, /^windows-wine\.csv +Windows under wine +65,507 B +65,508 B +65,507 B +stand-in$/m)
    assert.match(stdout, /^rcvbuf given +8,388,608 B +8,388,608 B +212,992 B$/m)
    const words = stdout.replaceAll(/\s+/g, ' ')
    assert.match(
      words,
      /macOS profile on Linux: emulated \(--os-profile\); on macOS itself net\.inet\.udp\.maxdgram/,
    )
    assert.match(
      words,
      /May be concluded: limits, refusals and defaults of Linux; what is refused under the macOS profile on Linux; /,
    )
    assert.match(words, /May not be: which system is faster: machine or program differ too \(engine\);/)
  })

  it('reported, have a section of systems, to which the navigation and the answer lead', async context => {
    const cwd = folder(context)
    const paths = FILES.map(each => join(EXAMPLES, each))
    const { code, stderr } = await bench(['report', ...paths, '-o', 'r.html', '-o', 'r.md'], { cwd })
    assert.equal(code, 0, stderr)
    const page = readFileSync(join(cwd, 'r.html'), 'utf8')
    assert.match(page, /<nav.*<a href="#systems">Systems<\/a>.*<\/nav>/s)
    assert.match(page, /Several systems: <a href="#systems">what may be concluded, and what not<\/a>/)
    assert.match(page, /<section id="systems".*macOS profile on Linux.*Windows under wine.*<\/section>/s)
    const [, section = ''] = readFileSync(join(cwd, 'r.md'), 'utf8').split(/^## Systems$/m)
    assert.match(section, /^\*\*Goodput in Gbit\/s, chunk 9,216 B: the largest that all took\*\*$/m)
    assert.match(section, /^\| transport \| Linux \| macOS profile on Linux \| Windows under wine \|$/m)
    assert.match(section, /^\| udp-header \| [\d.]+ ± \d+ % \| [\d.]+ ± \d+ % \| [\d.]+ ± \d+ % \|$/m)
  })

  it('shown alone, say that wine stood in', async () => {
    const { stdout } = await bench(['show', 'windows-wine.csv', '--no-chart'], { cwd: EXAMPLES })
    assert.match(stdout, /measured under wine, not on Windows/)
  })
})
