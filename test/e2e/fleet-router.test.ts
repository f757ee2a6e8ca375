/** `bench fleet` between hosts around a router, some of whose links are slow: which of them are named. */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext } from 'node:test'
import { withoutNamespaces } from '../support/namespace.ts'
import { isBusy, test } from '../support/patient.ts'
import { Star } from '../support/star.ts'
import { bench, folder } from './cli.ts'
import { readCsv } from './rows.ts'
import { startServer, TOKEN } from './two-hosts.ts'

describe('hosts around a router', { skip: withoutNamespaces() }, () => {
  const letters = [...'abcdefghijkl']
  /** @param lines what is said of each host @param rate what each of them sends at most */
  const measured = async (
    context: TestContext,
    star: Star,
    rates: readonly string[],
    words: readonly string[],
  ) => {
    context.after(() => star[Symbol.dispose]())
    const cwd = folder(context)
    const names = letters.slice(0, rates.length)
    for (const [index, rate] of rates.entries()) star.slow(index + 1, rate)
    const servers = await Promise.all(
      names.map((_, index) => startServer({ cwd, at: star.words(index + 1), listen: '0.0.0.0:5990' })),
    )
    context.after(() => Promise.all(servers.map(server => server[Symbol.asyncDispose]())))
    const lines = names.map(
      (name, index) =>
        `  ${name}: {address: ${star.address(index + 1)}, labels: {site: ${2 * index < names.length ? 'x' : 'y'}}}`,
    )
    writeFileSync(join(cwd, 'hosts.yaml'), `hosts:\n${lines.join('\n')}\n`)
    const all = ['fleet', 'run', '--hosts', 'hosts.yaml', '--transport', 'tcp', '--warmup', '0', ...words]
    const options = { cwd, at: star.words(), env: { BENCH_TOKEN: TOKEN } }
    const ended = await bench([...all, '--out', 'f.csv'], options)
    // Where a sentence is broken depends on its figures.
    const stdout = ended.stdout.replaceAll('\n  ', ' ')
    return { ...ended, stdout, cwd, rows: readCsv(join(cwd, 'f.csv')) }
  }

  test('the one whose link is slow is named, and no other, and rounds do not disturb each other', async context => {
    const rates = ['100mbit', '100mbit', '20mbit', '100mbit', '100mbit']
    const { code, stdout, stderr, rows } = await measured(context, new Star(5), rates, ['--size', '500k'])
    assert.equal(rows.length, 28, stderr)
    // Beside much else every way is slow, now and then.
    if (isBusy()) return
    assert.equal(code, 0, stderr)
    assert.match(
      stdout,
      /^c sends at \S+ % of what the others do: 4 of 4 pairs are below the middle of the others\.$/m,
    )
    assert.doesNotMatch(stdout, /^[abde] sends at/m)
    assert.match(
      stdout,
      /: no evidence that the rounds disturb each other\.|: the rounds disturb each other, and there is no evidence that it is by more than 5 %\./,
    )
  })

  test('pairs that have no host in common and share a slow link are found', async context => {
    const star = new Star(4, 2)
    star.slowTrunk('8mbit')
    const { code, stdout, stderr } = await measured(context, star, Array(4).fill('40mbit'), [
      '--size',
      '300k',
    ])
    assert.equal(code, 0, stderr)
    assert.match(
      stdout,
      /^8 pairs alone and beside others: goodput beside others \S+ % of that alone \(95 %: \S+ % to \S+ %\)/m,
    )
    if (isBusy()) return
    assert.match(
      stdout,
      /: the rounds disturb each other\. Most affected: (?:[ab] to [cd]|[cd] to [ab]) [3-6]\d/,
    )
  })

  test('of twelve hosts at two sites the slow one and the slow link between the sites are named, and nothing else', async context => {
    const star = new Star(12, 6)
    star.slowTrunk('8mbit')
    const rates = letters.map(name => (name === 'c' ? '1mbit' : '40mbit'))
    // So many rounds of 22: each pair takes most of a second of CPU time.
    const words = ['--size', '100k', '--serial', '0', '--sample', '10']
    const { code, stdout, stderr, cwd, rows } = await measured(context, star, rates, words)
    assert.equal(rows.length, 60, stderr)
    const named = stdout
      .split('\n')
      .flatMap(line => /^(?:From (\S+ to \S+):|(\S+ sends) )/.exec(line)?.slice(1) ?? [])
      .filter(name => name !== undefined)
    const slow = ['c sends', 'site=x to site=y', 'site=y to site=x']
    // Twelve hosts keep a small machine busy: then others may be slow as well, now and then.
    assert.ok(named.includes('c sends'), stdout)
    assert.ok(named.includes('site=x to site=y') || named.includes('site=y to site=x'), stdout)
    if (isBusy()) return
    assert.equal(code, 0, stderr)
    assert.deepEqual(named.sort(), slow)
    const report = await bench(['report', 'f.csv', '-o', 'f.md'], { cwd })
    assert.equal(report.code, 0, report.stderr)
    assert.match(readFileSync(join(cwd, 'f.md'), 'utf8'), /From site=x to site=y/)
  })
})
