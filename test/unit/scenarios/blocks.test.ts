/** Variants over their scenario, flags over both. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { UsageError } from '../../../base/errors.ts'
import { parseBytes, parseRate } from '../../../base/units.ts'
import { applyOverrides, blocksOf, type Overrides } from '../../../scenarios/blocks.ts'
import type { Scenario } from '../../../scenarios/schema.ts'

const kib = parseBytes('1k')
const mib = parseBytes('1M')
const scenario: Scenario = {
  name: 'mine',
  summary: 'two limits',
  repeat: 5,
  sizesBytes: [kib],
  chunksBytes: [kib],
  maxDatagramBytes: kib,
  nodelay: true,
  variants: [
    { label: 'as it is' },
    { label: 'a file', files: ['a.png'], nodelay: false },
    { label: 'macos', osProfile: 'macos', chunksBytes: [mib] },
  ],
}

test('a scenario without variants is one block', () => {
  const [block, ...more] = blocksOf({ name: 'one', sizesBytes: [kib], variants: [] })
  assert.equal(more.length, 0)
  assert.equal(block?.label, undefined)
  assert.deepEqual(block?.sizesBytes, [kib])
})

test('a variant replaces what it names and keeps the rest', () => {
  const [plain, file, macos] = blocksOf(scenario)
  assert.deepEqual([plain?.sizesBytes, plain?.files, plain?.maxDatagramBytes], [[kib], undefined, kib])
  assert.deepEqual([file?.sizesBytes, file?.files, file?.nodelay], [undefined, ['a.png'], false])
  assert.deepEqual(
    [macos?.osProfile, macos?.maxDatagramBytes, macos?.chunksBytes],
    ['macos', undefined, [mib]],
  )
  assert.deepEqual(macos?.sizesBytes, [kib])
})

test('a flag wins everywhere, inside variants too', () => {
  const flags: Overrides = {
    chunksBytes: [parseBytes('2k')],
    nodelay: false,
    repeat: 1,
    warmup: 0,
    seed: 0,
    ipFamily: 6,
    transports: ['tcp'],
    rateBps: parseRate('1M'),
  }
  const changed = applyOverrides(scenario, flags)
  assert.deepEqual([changed.repeat, changed.warmup, changed.seed, changed.ipFamily], [1, 0, 0, 6])
  assert.deepEqual([changed.name, changed.summary], ['mine', 'two limits'])
  for (const block of blocksOf(changed)) {
    assert.deepEqual([block.chunksBytes, block.nodelay], [[2048], false])
    assert.deepEqual([block.transports, block.rateBps], [['tcp'], 1_000_000])
  }
})

test('a size takes the place of files, and a file that of sizes', () => {
  const sized = blocksOf(applyOverrides(scenario, { sizesBytes: [mib] }))
  assert.deepEqual(
    sized.map(block => [block.sizesBytes, block.files]),
    Array(3).fill([[mib], undefined]),
  )
  const filed = blocksOf(applyOverrides(scenario, { files: ['b.png'] }))
  assert.deepEqual(
    filed.map(block => [block.sizesBytes, block.files]),
    Array(3).fill([undefined, ['b.png']]),
  )
})

test('an OS profile takes the place of a datagram limit, and the other way round', () => {
  const profile = blocksOf(applyOverrides(scenario, { osProfile: 'linux' }))
  assert(profile.every(block => block.osProfile === 'linux' && block.maxDatagramBytes === undefined))
  const lifted = blocksOf(applyOverrides(scenario, { maxDatagramBytes: 'none' }))
  assert(lifted.every(block => block.osProfile === undefined && block.maxDatagramBytes === 'none'))
})

test('variants that become the same stay apart under their labels', () => {
  const changed = applyOverrides(scenario, {
    sizesBytes: [kib],
    osProfile: 'macos',
    chunksBytes: [kib],
    nodelay: true,
  })
  const blocks = blocksOf(changed)
  assert.deepEqual(
    blocks.map(block => block.label),
    ['as it is', 'a file', 'macos'],
  )
  assert.equal(new Set(blocks.map(({ label: _, ...settings }) => JSON.stringify(settings))).size, 1)
})

test('no flag changes nothing', () => {
  assert.deepEqual(blocksOf(applyOverrides(scenario, {})), blocksOf(scenario))
  assert.deepEqual(blocksOf(applyOverrides(scenario, { sizesBytes: undefined })), blocksOf(scenario))
})

test('another place takes the place of one, and of what goes with it; a switch that is off nothing', () => {
  const target = { host: '192.0.2.7', port: undefined }
  const there: Scenario = { name: 'there', host: [target], reverse: true, variants: [] }
  const away = applyOverrides(there, { target })
  assert.deepEqual([away.host, away.reverse, away.target], [undefined, undefined, target])
  const both = applyOverrides(there, { bidir: true })
  assert.deepEqual([both.host, both.reverse, both.bidir], [[target], undefined, true])
  const still = applyOverrides(there, { bidir: false })
  assert.deepEqual([still.host, still.reverse], [[target], true])
})

test('flags that exclude each other are told', () => {
  assert.throws(() => applyOverrides(scenario, { sizesBytes: [kib], files: ['a'] }), UsageError)
  assert.throws(() => applyOverrides(scenario, { osProfile: 'linux', maxDatagramBytes: 'none' }), UsageError)
})
