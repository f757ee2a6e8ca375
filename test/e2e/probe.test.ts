/** `bench probe`: the limits of datagrams here and on a path, to the byte; and what goes by them. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext } from 'node:test'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { limitsOf } from '../../results/statistics/datagram-limits.ts'
import { obstacleToNative } from '../../transports/engines/native/systems.ts'
import { ENGINES } from '../support/engines.ts'
import { ADDRESSES, withoutLab } from '../support/lab.ts'
import { Namespace, withoutNamespaces } from '../support/namespace.ts'
import { test } from '../support/patient.ts'
import { assertRefused, bench, folder } from './cli.ts'
import { readCsv } from './rows.ts'
import { TOKEN, useLab } from './two-hosts.ts'

const SKIP_NATIVE = obstacleToNative() ?? false

async function probed(
  context: TestContext,
  words: readonly string[],
  options: { at?: readonly string[]; env?: Record<string, string> } = {},
) {
  const cwd = folder(context)
  const { code, stdout, stderr } = await bench(['probe', ...words, '--out', 'p.csv'], { cwd, ...options })
  assert.equal(code, 0, stderr)
  const rows = readCsv(join(cwd, 'p.csv'))
  const limits = (variant: string, family = 4) =>
    limitsOf(rows.filter(row => row.variant === variant && row.ip_family === family))
  return { cwd, stdout, rows, limits }
}

function heldOf(rows: readonly TrialRecord[], bytes: number): number | undefined {
  return rows.find(row => row.variant === 'held' && row.chunk_bytes === bytes)?.datagrams_delivered
}

describe('within this host', {
  concurrency: 2,
  skip: process.platform !== 'linux' && 'Linux has other limits',
}, () => {
  for (const engine of ENGINES)
    test(`${engine}: the limits of this system, and what its receive buffer holds`, async context => {
      const { cwd, stdout, rows, limits } = await probed(context, ['--engine', engine])
      for (const [family, most] of [
        [4, 65_507],
        [6, 65_527],
      ] as const) {
        const { taken, refused, arrived, decided } = limits('usual', family)
        assert.deepEqual([taken, refused, arrived, decided], [most, most + 1, most, true])
      }
      assert.match(
        stdout,
        /^taken, IPv4; taken, SO_SNDBUF raised, IPv4: linux: confirmed; 65,508 B: EMSGSIZE\.$/m,
      )
      // The MTU of loopback.
      if (engine === 'native') assert.equal(limits('any-path').arrived, 65_507)
      // More of the short ones, and all of them in the receive buffer, whatever its size.
      // The other engine reads as soon as it is bound.
      if (engine === 'node') return
      const [short = 0, long = 0] = [heldOf(rows, 64), heldOf(rows, 9216)]
      assert.ok(short > long && long > 0, `${short} ${long}`)
      for (const row of rows.filter(row => row.read_late && row.chunk_bytes <= 9216))
        assert.equal(row.datagrams_lost, row.lost_receive_buffer ?? row.datagrams_lost, JSON.stringify(row))
      const shown = await bench(['show', 'p.csv'], { cwd })
      assert.equal(shown.stdout, stdout)
      const report = await bench(['report', 'p.csv', '-o', 'p.md'], { cwd })
      assert.equal(report.code, 0, report.stderr)
      assert.match(readFileSync(join(cwd, 'p.md'), 'utf8'), /Largest datagrams, in bytes of UDP payload/)
    })

  test('those of another system are found under its profile, and can be saved and rehearsed', async context => {
    const { cwd, stdout, limits } = await probed(context, [
      '-4',
      '--os-profile',
      'macos',
      '--save',
      'mac.yaml',
    ])
    assert.deepEqual([limits('usual').taken, limits('raised').taken], [9216, 65_507])
    assert.match(stdout, /linux: differs, an emulated limit; 9,217 B: EMSGSIZE/)
    assert.match(
      readFileSync(join(cwd, 'mac.yaml'), 'utf8'),
      /^ipv4:\n {2}datagram: 9216\n {2}raised: 65507$/m,
    )
    const run = ['run', '--os-profile', 'mac.yaml', '--chunk', '9216,9217', '--transport', 'udp-marker']
    const short = ['--size', '100k', '--repeat', '1', '--warmup', '0', '--no-chart', '--out', 'r.csv']
    assert.equal((await bench([...run, ...short], { cwd })).code, 0)
    assert.deepEqual(
      readCsv(join(cwd, 'r.csv'))
        .map(row => [row.chunk_bytes, row.outcome])
        .sort(),
      [
        [9216, 'completed'],
        [9217, 'refused'],
      ],
    )
    const here = await bench(['probe', '-4', '--format', 'json', '--out', 'here.json'], { cwd })
    const { findings } = JSON.parse(here.stdout)
    const taken = { limit: 'taken', ip_family: 4, bytes: 65_507, error_code: 'EMSGSIZE' }
    assert.deepEqual(findings.probe[0], taken)
    const compared = await bench(['compare', 'p.csv', 'here.json'], { cwd })
    assert.match(compared.stdout, /^taken +IPv4 +9,216 +65,507 \(differs\)$/m)
    assert.match(compared.stdout, /^taken, SO_SNDBUF raised +IPv4 +65,507 +65,507$/m)
    assertRefused(await bench(['run', '--os-profile', 'none.yaml'], { cwd }), 'cannot read profile none.yaml')
    assertRefused(
      await bench(['run', '--os-profile', 'p.yml', '--out', 'x.csv'], { cwd }),
      'cannot read profile',
    )
    assertRefused(await bench(['run', '--os-profile', 'maccos'], { cwd }), 'did you mean macos?')
    assertRefused(await bench(['probe', '--save', 'mac.txt'], { cwd }), 'ends with .yaml')
  })

  test('--chunk mtu is what fits a packet of loopback', {
    skip: SKIP_NATIVE || withoutNamespaces(),
  }, async context => {
    using namespace = new Namespace(1500)
    const cwd = folder(context)
    const words = ['run', '--chunk', 'mtu', '--size', '50k', '--repeat', '1', '--warmup', '0', '--no-chart']
    const { code, stderr } = await bench([...words, '--out', 'm.csv'], { cwd, at: namespace.words })
    assert.equal(code, 0, stderr)
    for (const row of readCsv(join(cwd, 'm.csv')))
      assert.equal(row.chunk_bytes, 1500 - 28, JSON.stringify(row))
  })
})

describe('on the path to another host', { skip: withoutLab() || SKIP_NATIVE }, () => {
  const hosts = useLab(withoutLab())
  const probe = (context: TestContext, words: readonly string[] = []) =>
    probed(context, [ADDRESSES.b[4], ...words], { at: hosts.lab.words('a'), env: { BENCH_TOKEN: TOKEN } })

  for (const mtu of [1280, 1400, 9000])
    test(`an MTU of ${mtu} behind a router is found, and is not the system’s limit`, async context => {
      hosts.lab.setMtu(mtu)
      if (mtu > 1500) hosts.lab.setMtuNear(mtu)
      context.after(() => hosts.lab.setMtuNear(1500))
      hosts.lab.forgetPaths('a')
      const { limits, stdout } = await probe(context)
      assert.equal(limits('usual').taken, 65_507)
      assert.equal(limits('usual').arrived, 65_507)
      assert.equal(limits('any-path').arrived, mtu - 28)
      assert.match(stdout, new RegExp(`arrived, DF always, IPv4: an MTU of ${mtu.toLocaleString('en-US')} B`))
      hosts.lab.forgetPaths('a')
      const { rows } = await hosts.run(context, [
        '--host',
        ADDRESSES.b[4],
        '--chunk',
        'mtu',
        '--transport',
        'udp-marker',
      ])
      assert.deepEqual(
        rows.map(row => row.chunk_bytes),
        [mtu - 28],
      )
    })

  test('fragments that are lost on the way are no refusal', async context => {
    hosts.lab.setMtuNear(1500)
    hosts.lab.setMtu(1500)
    hosts.lab.forgetPaths('a')
    hosts.lab.dropFragments()
    try {
      const { limits } = await probe(context)
      const { taken, arrived, missing } = limits('usual')
      assert.deepEqual([taken, arrived, missing], [65_507, 1472, 1473])
    } finally {
      hosts.lab.dropNothing()
    }
  })
})
