/** What a warning about refused datagrams says to do is done, and nothing is refused any more. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { describe } from 'node:test'
import { test } from '../support/patient.ts'
import { bench, folder } from './cli.ts'

const QUICK = ['--size', '70000', '--repeat', '1', '--warmup', '0', '--no-chart', '--engine', 'node']
const WITHOUT_V6 = networkInterfaces()['lo']?.some(each => each.family === 'IPv6') === false && 'no IPv6'

describe('a remedy of refused datagrams', { concurrency: 2 }, () => {
  for (const [words, raised] of [
    ['--transport udp-header --chunk 65508', false],
    ['--transport udp-header --chunk 65508 --max-datagram 5000', false],
    ['--transport udp-header --chunk 9000 --max-datagram 5000', true],
    ['--transport udp-header --chunk 9217 --os-profile macos', true],
    ['--transport udp-stop-and-wait --chunk 65500', false],
    ['--transport udp-header,udp-datagram --chunk 65508', false],
    ['--transport udp-header --chunk 65528 -6', false],
    ['variants.yaml --transport udp-header --chunk 65508', false],
  ] as const)
    test(`lifts it: ${words}`, { skip: words.endsWith('-6') && WITHOUT_V6 }, async context => {
      const cwd = folder(context)
      const variants = [{ label: 'a' }, { label: 'b', 'max-datagram': 5000 }]
      writeFileSync(join(cwd, 'variants.yaml'), JSON.stringify({ size: 70_000, variants }))
      const all = ['run', ...words.split(' '), ...QUICK]
      const first = await bench([...all, '-o', 'a.csv'], { cwd })
      const remedy = /^ {2}→ (.*(?:\n {4}.*)*)/m.exec(first.stdout)?.[1] ?? assert.fail(first.stdout)
      const advised = new Map(
        [...remedy.matchAll(/(--chunk|--size) (\d+) or less/g)].map(([, flag, value]) => [flag, value]),
      )
      assert(advised.size > 0, remedy)
      const followed = all.map((word, at) => advised.get(all[at - 1]) ?? word)
      const again = await bench([...followed, '-o', 'b.csv'], { cwd })
      assert.doesNotMatch(again.stdout, /refused \(EMSGSIZE\)|\d refused/, `${remedy}\n${again.stdout}`)
      assert.equal(/larger --max-datagram/.test(remedy), raised, remedy)
    })
})
