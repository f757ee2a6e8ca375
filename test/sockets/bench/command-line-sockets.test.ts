/** Options of sockets on the command line and in scenarios: what cannot be had is refused, in one line, before anything runs. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import { UsageError } from '../../../base/errors.ts'
import { dispatch } from '../../../bench/cli/dispatch.ts'
import { checkWayOut } from '../../../bench/fleet/local-binding.ts'
import { ownAddresses } from '../../../transports/contract/addresses.ts'
import { obstacleToNative } from '../../../transports/engines/native/systems.ts'
import { test } from '../../support/patient.ts'
import { silentTerminal } from '../../support/silent-terminal.ts'

type Refused = Readonly<Record<string, readonly (string | RegExp)[]>>

/** A value that is none. */
const VALUES: Refused = {
  '--dscp 99': ['--dscp', '"99"', '0 to 63', 'ef'],
  '--dscp -1': ['--dscp', '"-1"'],
  '--dscp af51': ['--dscp', '"af51"'],
  '--dscp=': ['--dscp', '""'],
  '--df never': ['--df', '"never"', 'dont, want, do, probe'],
  '--offload foo': ['--offload', '"foo"', 'gso, gro'],
  '--offload gso,foo': ['--offload', '"gso,foo"'],
  '--offload gso,gso': ['--offload', '"gso,gso"'],
  '--offload gso,none': ['--offload', '"gso,none"'],
  '--mss 12': ['--mss', '"12"', '88 to 32767'],
  '--mss 32768': ['--mss', '"32768"'],
  '--mss 1k': ['--mss', '"1k"'],
  '--max-pacing 0': ['--max-pacing', '"0"', '400M'],
  '--max-pacing fast': ['--max-pacing', '"fast"'],
  '--congestion cubic/reno': ['--congestion', '"cubic/reno"', 'such as cubic'],
  '--congestion sixteen-letters-': ['--congestion', '"sixteen-letters-"'],
  '--zerocopy=yes': ['--zerocopy takes no value', '"yes"'],
  '--congestion cubic --congestion reno': ['--congestion', 'once'],
  '--zerocpy': ['unknown flag --zerocpy', 'did you mean --zerocopy?'],
}

/** What no transport of the run has a use for. */
const KINDS: Refused = {
  '--mss 1400 --transport udp-header,udp-marker': ['--mss is for TCP', '--transport'],
  '--congestion reno --transport udp-header': ['--congestion is for TCP', '--transport'],
  '--max-pacing 1G --transport udp-marker': ['--max-pacing is for TCP', '--transport'],
  '--no-nodelay --transport udp-marker': ['--no-nodelay is for TCP', '--transport'],
  '--offload gso --transport tcp': ['--offload gso is for UDP', '--transport'],
  '--offload gro --transport tcp': ['--offload gro is for UDP', '--transport'],
  '--rate 5M --transport tcp': ['--rate is for UDP', '--max-pacing'],
}

const LOOPBACK = ['is loopback, which does not lead to', 'leave', 'out']

/** What can be bound, and leads to no other host. */
const NO_WAY_OUT: Refused = {
  '--target 198.51.100.1:9 --transport tcp --bind 127.0.0.1': ['--bind 127.0.0.1', ...LOOPBACK],
  '--target 198.51.100.1:9 --transport udp-header --bind 127.0.0.2': ['--bind 127.0.0.2', ...LOOPBACK],
}

const NODE_CANNOT: Refused = Object.fromEntries(
  [
    '--dscp 1',
    '--df do',
    '--zerocopy',
    '--offload gso',
    '--offload gro',
    '--congestion cubic',
    '--mss 1000',
    '--max-pacing 1G',
    '--rcvbuf 1m --transport tcp',
  ].map(flags => {
    const name = flags.startsWith('--offload') ? flags : (flags.split(' ')[0] ?? '')
    return [`--engine node ${flags}`, [`${name}: `, /node:(net|dgram) cannot set it/, 'leave it out']]
  }),
)

/** What only a system can refuse. */
const SYSTEM: Refused = {
  '--congestion nonesuch': ['--congestion', 'no nonesuch', /it has .*(cubic|reno)/],
  '--congestion nonesuch --transport tcp -6': ['--congestion', 'no nonesuch'],
}

/** Lines of a scenario, and where and what is wrong: the line and the column of the value. */
const SCENARIOS: Refused = {
  'congestion: no such': ['3:13: congestion: ', '"no such"', 'such as cubic'],
  'mss: 12': ['3:6: mss: ', '"12"', '88 to 32767'],
  'mss: many': ['3:6: mss: ', '"many"'],
  'max-pacing: fast': ['3:13: max-pacing: ', '"fast"', '400M'],
  'dscp: 99': ['3:7: dscp: ', '"99"', '0 to 63'],
  'dscp: -1': ['3:7: dscp: ', '"-1"'],
  'df: never': ['3:5: df: ', '"never"', 'dont, want, do, probe'],
  'df: [do]': ['3:5: df: ', 'a list'],
  'offload: foo': ['3:10: offload: ', '"foo"', 'gso'],
  'offload: [gso, gro]': ['3:10: offload: ', 'a list'],
  'zerocopy: maybe': ['3:11: zerocopy: ', '"maybe"', 'true or false'],
  'variants:\n  - label: one\n    dscp: 64': ['5:11: ', 'dscp: ', '"64"'],
}

describe('options of sockets on the command line', { concurrency: 1 }, () => {
  const home = process.cwd()
  let cwd = ''
  before(() => {
    cwd = mkdtempSync(join(tmpdir(), 'bench-options-'))
    process.chdir(cwd)
  })
  after(() => {
    process.chdir(home)
    rmSync(cwd, { recursive: true })
  })

  for (const [flags, parts] of Object.entries({ ...VALUES, ...KINDS, ...NO_WAY_OUT, ...NODE_CANNOT }))
    test(`refuses bench run ${flags}`, () => refuses(['run', ...flags.split(' ')], parts, []))

  const native = { skip: obstacleToNative() ?? false }
  for (const [flags, parts] of Object.entries(SYSTEM))
    test(`refuses bench run ${flags}`, native, () => refuses(['run', ...flags.split(' ')], parts, []))

  for (const [lines, parts] of Object.entries(SCENARIOS)) {
    test(`refuses the scenario with ${JSON.stringify(lines)}`, async () => {
      writeFileSync('mine.yaml', `transport: [tcp, udp-marker]\nsize: 1k\n${lines}\n`)
      await refuses(['run', 'mine.yaml'], ['mine.yaml:', ...parts], ['mine.yaml'])
      rmSync('mine.yaml')
    })
  }

  test('loopback leads to this host, and other addresses lead elsewhere', () => {
    const loopback = Object.entries(networkInterfaces()).find(([, addresses]) =>
      addresses?.every(each => each.internal),
    )
    const device = loopback?.[0]
    const other = { host: '198.51.100.1', family: 4 } as const
    const here = ownAddresses().map(({ host, family }) => ({ host, family }))
    for (const peer of [{ host: '127.0.0.9', family: 4 } as const, ...here]) {
      checkWayOut({ bind: '127.0.0.1', device: undefined }, peer)
      checkWayOut({ bind: undefined, device }, peer)
    }
    checkWayOut({ bind: '192.0.2.2', device: undefined }, other)
    checkWayOut({ bind: undefined, device: 'nonesuch' }, other)
    checkWayOut({ bind: undefined, device: undefined }, other)
    if (device !== undefined)
      assert.throws(() => checkWayOut({ bind: undefined, device }, other), /^UsageError: --interface /)
  })

  test('in a scenario too, what nothing can have is refused', async () => {
    writeFileSync('mine.yaml', 'transport: tcp\nsize: 1k\noffload: gso\n')
    await refuses(['run', 'mine.yaml'], ['mine.yaml:3:1: offload: gso is for UDP'], ['mine.yaml'])
    rmSync('mine.yaml')
  })

  /** @param files what is in the folder, before and after */
  async function refuses(
    words: readonly string[],
    parts: readonly (string | RegExp)[],
    files: readonly string[],
  ): Promise<void> {
    const said: string[] = []
    const error = await dispatch([...words], silentTerminal(said), new AbortController().signal).then(
      code => assert.fail(`ended with ${code}: ${said.join('')}`),
      thrown => thrown,
    )
    // The command ends with 2 for each of these.
    assert(error instanceof UsageError, String(error))
    assert.doesNotMatch(error.message, /\n/)
    for (const part of parts)
      assert(
        typeof part === 'string' ? error.message.includes(part) : part.test(error.message),
        `${part} in: ${error.message}`,
      )
    assert.deepEqual(said, [])
    assert.deepEqual(readdirSync(cwd), files)
  }
})
