/** `--a` and `--b`: how their words are read, and how they are laid over what is for both sides. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UsageError } from '../../../base/errors.ts'
import { joinValues } from '../../../bench/cli/command-line.ts'
import type { Written } from '../../../bench/cli/flags.ts'
import { HERE, hostArguments } from '../../../bench/cli/hosts-flags.ts'
import { sideArguments } from '../../../bench/cli/paired/side.ts'
import { prepareSides } from '../../../bench/cli/paired/sides.ts'
import { scenariosOf } from '../../../bench/cli/preparation.ts'
import { BUILT_IN } from '../../../bench/workloads/catalog.ts'

function sideOf(written: string, common: Written = {}) {
  return sideArguments('a', written, { operands: [], flags: common }, ['gate', 'delta'])
}

function hostsOf(written: string, common: Written) {
  const { overrides, servers } = sideOf(written, common).run
  return hostArguments(overrides, servers)
}

function refused(written: string, common: Written = {}): string {
  try {
    sideOf(written, common)
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error))
    assert.doesNotMatch(error.message, /\n/)
    return error.message
  }
  return assert.fail(`taken: ${written}`)
}

test('options are written with dashes or without, with = or a blank, quoted as in a shell', () => {
  for (const written of [
    'engine=node rcvbuf=4m',
    '--engine node --rcvbuf 4m',
    "--engine=node 'rcvbuf=4m'",
    '  engine=node   --rcvbuf "4m"  ',
    'engine=no\\de rcvbuf=4m',
  ]) {
    const { run, given } = sideOf(written)
    assert.equal(run.overrides.engine, 'node', written)
    assert.equal(run.overrides.rcvbufBytes, 4 << 20, written)
    assert.deepEqual(Object.keys(given).sort(), ['engine', 'rcvbuf'])
  }
  assert.deepEqual(sideOf(`file="my picture.png"`).run.overrides.files, ['my picture.png'])
  assert.deepEqual(sideOf('file=$HOME file=;x').run.overrides.files, ['$HOME', ';x'])
  assert.equal(sideOf('zerocopy').run.overrides.zerocopy, true)
  assert.equal(sideOf('no-nodelay').run.overrides.nodelay, false)
  assert.equal(sideOf('--no-nodelay').run.overrides.nodelay, false)
  assert.equal(sideOf('-6').run.overrides.ipFamily, 6)
  assert.deepEqual(sideOf('--transport tcp,udp-header').given, { transport: 'tcp,udp-header' })
  assert.deepEqual(sideOf('node=/opt/node cli=../other').program, { node: '/opt/node', cli: '../other' })
  assert.deepEqual(sideOf('').given, {})
})

test('what a side says wins over what is for both, and the rest stays', () => {
  const common = { engine: 'native', rate: '400M', size: '64k' }
  const { run } = sideOf('engine=node', common)
  assert.equal(run.overrides.engine, 'node')
  assert.equal(run.overrides.rateBps, 400e6)
  assert.deepEqual(run.overrides.sizesBytes, [65_536])
  assert.equal(sideOf('no-nodelay', { nodelay: true }).run.overrides.nodelay, false)
})

test('a file takes the place of a size, a limit that of a profile, a host that of another one', () => {
  const file = sideOf('file=x.png', { size: '64k' }).run.overrides
  assert.deepEqual([file.files, file.sizesBytes], [['x.png'], undefined])
  const limit = sideOf('max-datagram=none', { 'os-profile': 'macos' }).run.overrides
  assert.deepEqual([limit.maxDatagramBytes, limit.osProfile], ['none', undefined])
  const hosts = hostsOf('from=h1 to=h2', { host: 'h0', 'token-file': 't' })
  const end = (host: string) => ({ host, port: undefined })
  assert.deepEqual([hosts?.flows, hosts?.tokenFile], [[{ from: end('h1'), to: end('h2') }], 't'])
  const reverse = [{ from: end('h0'), to: HERE }]
  assert.deepEqual(hostsOf('reverse', { host: 'h0' })?.flows, reverse)
})

test('what is for another host is for the side that has one', () => {
  const common = { 'token-file': 't', reverse: true, tls: true }
  assert.equal(hostsOf('', common), undefined)
  assert.equal(sideOf('', common).run.spare, true)
  const hosts = hostsOf('host=h1', common)
  assert.deepEqual([hosts?.flows[0]?.to, hosts?.tokenFile], [HERE, 't'])
  assert.equal(sideOf('token-file=t').run.spare, false)
})

test('what is wrong is one line that names the side', () => {
  assert.match(refused('sizee=2k'), /^--a: unknown flag --sizee; did you mean --size\?$/)
  assert.match(refused('native'), /^--a: unknown word "native"; write options as name=value/)
  assert.match(refused('--engine'), /^--a: --engine needs a value/)
  assert.match(refused('rate=x'), /^--a: --rate: .*"x"/)
  assert.match(refused("engine='node"), /^--a: unterminated quote or backslash: "engine='node"/)
  assert.match(refused('engine=node engine=native'), /^--a: --engine is given more than once/)
  assert.match(refused('zerocopy=5'), /^--a: --zerocopy takes no value/)
  assert.match(refused('node='), /^--a: --node/)
  assert.match(refused('-- x'), /^--a: /)
  for (const name of ['repeat=5', '--out x.csv', '-q', 'quiet', 'gate', '--delta=3%', 'format=csv', 'a=1'])
    assert.match(
      refused(name),
      /^--a: -*(?:repeat|out|q|quiet|gate|delta|format|a) is for both sides; /,
      name,
    )
})

test('a value that begins with a dash is a value', () => {
  const names = ['a', 'b']
  assert.deepEqual(joinValues(['ab', '--a', '--engine node', '--b', '', '-q'], names), [
    'ab',
    '--a=--engine node',
    '--b=',
    '-q',
  ])
  assert.deepEqual(joinValues(['ab', '-a', '-4', '--b=x', '--size', '1'], names), [
    'ab',
    '--a=-4',
    '--b=x',
    '--size',
    '1',
  ])
  assert.deepEqual(joinValues(['ab', '--a', '--b', 'x'], names), ['ab', '--a', '--b=x'])
  assert.deepEqual(joinValues(['ab', '--a'], names), ['ab', '--a'])
})

const NAMES = [...BUILT_IN.transports.keys()]

test('a name with a star, or the start of names, stands for all that match', async () => {
  const transportsOf = async (written: string) => {
    const [scenario] = await scenariosOf(sideOf(written).run, BUILT_IN)
    return scenario?.transports
  }
  const beginning = (start: string) => NAMES.filter(each => each.startsWith(start))
  assert.ok(beginning('udp-').length > 3)
  assert.deepEqual(await transportsOf('transport=udp'), beginning('udp-'))
  assert.deepEqual(await transportsOf('transport=tcp,udp-*,udp'), ['tcp', ...beginning('udp-')])
  assert.deepEqual(await transportsOf('transport=*-tcp'), ['messages-tcp', 'echo-tcp'])
  assert.deepEqual(await transportsOf('transport=tcp'), ['tcp'])
})

test('names that no catalog has are known when a side is prepared', async () => {
  for (const [written, message] of [
    ['engine=fast', '--b: --engine: "fast" is not one of auto, native, node'],
    ['transport=tpc', '--b: --transport: unknown transport "tpc"; did you mean tcp?'],
    ['transport=tcp-*', `--b: --transport: unknown transport "tcp-*"; known are ${NAMES.join(', ')}`],
  ] as const)
    await assert.rejects(
      prepareSides({ a: sideOf(''), b: sideOf(written) }, BUILT_IN, new AbortController().signal),
      { name: 'UsageError', message },
    )
})
