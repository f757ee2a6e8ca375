/** Thresholds in scenarios: checked when they are loaded, with the place of what is wrong. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { UsageError } from '../../../base/errors.ts'
import { BUILT_IN } from '../../../bench/workloads/catalog.ts'
import { parseThreshold } from '../../../results/gate/threshold.ts'
import { applyOverrides } from '../../../scenarios/blocks.ts'
import { builtInScenarios, loadScenario, parseScenario } from '../../../scenarios/load.ts'
import { namesIn } from '../../../scenarios/settings/known.ts'

const KNOWN = namesIn(BUILT_IN)
const folder = mkdtempSync(join(tmpdir(), 'bench-thresholds-'))
after(() => rmSync(folder, { recursive: true }))

function load(yaml: string) {
  const path = join(folder, 'mine.yaml')
  writeFileSync(path, yaml)
  return loadScenario(path, { known: KNOWN, checkThreshold: parseThreshold })
}

function refused(yaml: string): string {
  try {
    load(yaml)
  } catch (thrown) {
    assert(thrown instanceof UsageError)
    return thrown.message.replace(`${folder}/`, '')
  }
  throw new Error('it was taken')
}

test('one threshold or a list of them, also below flags', () => {
  assert.deepEqual(load('size: 4k\nthresholds: tcp.goodput > 1M\n').thresholds, ['tcp.goodput > 1M'])
  const two = load("size: 4k\nthresholds:\n  - failed == 0\n  - 'udp-*.loss < 0.1% @ chunk<=9216'\n")
  assert.deepEqual(two.thresholds, ['failed == 0', 'udp-*.loss < 0.1% @ chunk<=9216'])
  assert.deepEqual(applyOverrides(two, { repeat: 3 }).thresholds, two.thresholds)
  assert.equal(load('size: 4k\n').thresholds, undefined)
})

test('what is none is told with file, line and column', () => {
  const message = refused('size: 4k\nthresholds:\n  - failed == 0\n  - tcp.goodptu > 1G\n')
  assert.match(
    message,
    /^mine\.yaml:4:5: thresholds: threshold "tcp\.goodptu > 1G": unknown metric "goodptu"; did you mean/,
  )
  assert.match(
    refused('size: 4k\nthresholds: 5\n'),
    /^mine\.yaml:2:13: thresholds: not a threshold: 5; write it in quotes/,
  )
  assert.match(refused('size: 4k\nthresholds: []\n'), /^mine\.yaml:2:13: thresholds: an empty list/)
  assert.match(
    refused('size: 4k\nthresholds: [a == 0, failed == 0]\n'),
    /^mine\.yaml:2:14: thresholds: .*unknown metric "a"/,
  )
  assert.match(
    refused('size: 4k\nthresholds: [failed == 0, failed == 0]\n'),
    /:2:27: thresholds: given twice/,
  )
  assert.match(refused('size: 4k\nvariants:\n  - label: a\n    thresholds: failed == 0\n'), /no such key/)
  assert.throws(
    () => parseScenario({ size: '4k', thresholds: ['x'] }, { known: KNOWN, checkThreshold: parseThreshold }),
    /thresholds.*no operator/,
  )
})

test('those of the built-in scenarios are thresholds, and ci has some', () => {
  for (const { name } of builtInScenarios())
    loadScenario(name, { known: KNOWN, checkThreshold: parseThreshold })
  assert.notEqual(loadScenario('ci', { known: KNOWN, checkThreshold: parseThreshold }).thresholds, undefined)
})
