/** The scenarios that come with the program, and the schema that editors check them with. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { parse } from 'yaml'
import { profileLimit } from '../../../base/datagram-limits.ts'
import { BUILT_IN } from '../../../bench/workloads/catalog.ts'
import { blocksOf } from '../../../scenarios/blocks.ts'
import { DEFAULTS } from '../../../scenarios/defaults.ts'
import { builtInScenarios, loadScenario } from '../../../scenarios/load.ts'
import { scenarioJsonSchema } from '../../../scenarios/schema.ts'
import { namesIn } from '../../../scenarios/settings/known.ts'
import { golden } from '../../support/golden.ts'

const ROOT = new URL('../../../../', import.meta.url)
const KNOWN = namesIn(BUILT_IN)

test('each built-in is listed with a summary that fits a line, and has its file’s name', () => {
  const listed = builtInScenarios()
  assert.deepEqual(
    listed.map(each => each.name),
    [
      'camera',
      'ci',
      'datagrams',
      'macos-limit',
      'messages',
      'multicast',
      'picture',
      'reliable',
      'responsiveness',
      'services',
      'sizes',
    ],
  )
  for (const { name, summary } of listed) {
    assert.equal(loadScenario(name, { known: KNOWN }).name, name)
    assert(summary.length > 20 && summary.length <= 80, summary)
  }
})

test('each built-in compares TCP with UDP and names its schema for editors', () => {
  for (const { name } of builtInScenarios()) {
    const text = readFileSync(new URL(`scenarios/${name}.yaml`, ROOT), 'utf8')
    assert(text.startsWith('# yaml-language-server: $schema=../docs/scenario.schema.json\n'), name)
    const { transports = [] } = loadScenario(name, { known: KNOWN })
    const sockets = new Set(transports.map(each => BUILT_IN.transports.get(each)?.traits.socket))
    // Connections are what is filled there.
    assert.equal(sockets.size, name === 'responsiveness' ? 1 : 2, name)
  }
})

test('camera: pictures at several rates, as pictures', () => {
  const { fps, payloads, sizesBytes, repeat = 0 } = loadScenario('camera', { known: KNOWN })
  assert.deepEqual([fps, payloads, sizesBytes], [[25, 50, 100], ['jpeg'], [62_470]])
  assert.ok(repeat >= 6)
})

test('picture: the two pictures in chunks of 1,024', () => {
  const { sizesBytes, chunksBytes } = loadScenario('picture', { known: KNOWN })
  assert.deepEqual([sizesBytes, chunksBytes], [[813_611, 62_470], [1024]])
})

test('reliable: transports that lose nothing', () => {
  const { transports = [] } = loadScenario('reliable', { known: KNOWN })
  assert.equal(transports.length, 3)
  for (const name of transports) assert.equal(BUILT_IN.transports.get(name)?.traits.reliable, true, name)
})

test('multicast: groups of several sizes, beside what goes to one', () => {
  const [block, ...others] = blocksOf(loadScenario('multicast', { known: KNOWN }))
  assert.deepEqual([block?.receivers, others], [[1, 2, 4], []])
  const fanning = block?.transports?.filter(each => BUILT_IN.transports.get(each)?.traits.fansOut)
  assert.deepEqual([fanning?.length, block?.transports?.length], [1, 3])
})

test('services: streams alone, and with messages beside them', () => {
  const [alone, both, ...others] = blocksOf(loadScenario('services', { known: KNOWN }))
  assert.deepEqual([alone?.withTransport, both?.withTransport, others], [undefined, 'messages-udp', []])
  assert.deepEqual(alone?.transports, both?.transports)
  for (const name of alone?.transports ?? [])
    assert.equal(BUILT_IN.transports.get(name)?.transfer?.endless, true, name)
  // Six pairs prove nothing of two comparisons.
  assert.ok((loadScenario('services', { known: KNOWN }).repeat ?? 0) >= 7)
})

test('messages: on time, and each after the answer to the one before', () => {
  const blocks = blocksOf(loadScenario('messages', { known: KNOWN }))
  assert.deepEqual(
    blocks.map(({ intervalMs, pingPong, messages }) => [intervalMs, pingPong, messages]),
    [
      [10, undefined, 200],
      [undefined, true, 2000],
    ],
  )
})

test('responsiveness: of connections that can carry a load', () => {
  const [block, ...others] = blocksOf(loadScenario('responsiveness', { known: KNOWN }))
  assert.deepEqual([block?.workloads, others], [['responsiveness'], []])
  for (const name of block?.transports ?? []) assert.ok(BUILT_IN.transports.get(name)?.load, name)
})

test('sizes: from 1 KiB to 64 MiB', () => {
  const { sizesBytes = [] } = loadScenario('sizes', { known: KNOWN })
  assert.deepEqual([sizesBytes[0], sizesBytes.at(-1)], [1024, 64 * 1024 ** 2])
})

test('datagrams: from 64 bytes to the largest of IPv4 and one byte over', () => {
  const { chunksBytes = [] } = loadScenario('datagrams', { known: KNOWN })
  assert.deepEqual([chunksBytes[0], ...chunksBytes.slice(-2)], [64, 65_507, 65_508])
})

test('macos-limit: on the limit and a byte to either side, with it and without', () => {
  const blocks = blocksOf(loadScenario('macos-limit', { known: KNOWN }))
  assert.deepEqual(
    blocks.map(({ label, osProfile, sndbufBytes }) => [label, osProfile, sndbufBytes]),
    [
      ['default limit', 'macos', undefined],
      ['raised limit', undefined, 65_535],
    ],
  )
  const limit = profileLimit('macos', 4).maxDatagramBytes
  for (const { chunksBytes } of blocks)
    for (const bytes of [limit - 1, limit, limit + 1, 65_507])
      assert(
        chunksBytes?.some(chunk => chunk === bytes),
        `${bytes}`,
      )
})

test('ci: small and paced', () => {
  const { sizesBytes, rateBps, repeat } = loadScenario('ci', { known: KNOWN })
  assert.deepEqual([sizesBytes, rateBps, repeat], [[256 * 1024], 200_000_000, 10])
})

test('the defaults are those of the main command', () => {
  const { sizesBytes, chunksBytes, repeat, warmup } = DEFAULTS
  assert.deepEqual([sizesBytes, chunksBytes, repeat, warmup], [[819_200], [1024], 20, 1])
})

test('docs/scenario.schema.json is what the schema says (UPDATE=1 writes it)', () => {
  golden('docs/scenario.schema.json', `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`)
})

test('an editor misses no key in a built-in scenario', () => {
  const { required, anyOf = [{}] }: Requiring & { anyOf?: Requiring[] } = JSON.parse(
    JSON.stringify(scenarioJsonSchema()),
  )
  for (const { name } of builtInScenarios()) {
    const content = parse(readFileSync(new URL(`scenarios/${name}.yaml`, ROOT), 'utf8'))
    const isWhole = (each: Requiring) => (each.required ?? []).every(key => key in content)
    assert(isWhole({ required }) && anyOf.some(isWhole), name)
  }
})
interface Requiring {
  readonly required?: readonly string[] | undefined
}

test('the published schema describes every key', () => {
  const parsed: unknown = JSON.parse(JSON.stringify(scenarioJsonSchema()))
  const keys = described(parsed)
  assert(keys.length > 25, `${keys.length} keys`)
})

/** The keys of every `properties` in a JSON Schema; each must have a description. */
function described(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const found = Object.values(schema).flatMap(described)
  if (!('additionalProperties' in schema && 'properties' in schema)) return found
  for (const [key, value] of Object.entries(Object(schema.properties))) {
    assert(typeof value === 'object' && value !== null && 'description' in value, `${key} has no description`)
    found.push(key)
  }
  return found
}
