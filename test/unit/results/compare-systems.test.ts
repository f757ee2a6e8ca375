import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { systemsBlocks } from '../../../results/compare/systems-blocks.ts'
import { compareSystems } from '../../../results/compare/within.ts'
import { renderBlocks } from '../../../results/document/terminal.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { systemOf } from '../../../results/schema/systems.ts'
import { compared, otherRun } from '../../support/compare-samples.ts'
import { find } from '../../support/found-warnings.ts'
import { datagrams, mainJob, refused, rounds, stream } from '../../support/results-samples.ts'

const MAC = { os: 'darwin', sender_os: 'darwin', receiver_os: 'darwin', os_release: '24.6.0' }
const WINE = '10.0.18362 (wine)'
const WINDOWS = { os: 'win32', sender_os: 'win32', receiver_os: 'win32', os_release: '10.0.20348' }
const UNDER_WINE = {
  ...WINDOWS,
  ...{ os_release: WINE, sender_os_release: WINE, receiver_os_release: WINE },
}
const LINUX = { os: 'linux', sender_os: 'linux', receiver_os: 'linux' }

/** Rounds over TCP and UDP: datagrams of one size are taken, and those of another refused. */
function system(values: Partial<TrialRecord>, taken: number, refusedBytes?: number): readonly TrialRecord[] {
  const id = JSON.stringify(values)
  const of = (chunk_bytes: number): Partial<TrialRecord> => ({ ...values, run_id: id, chunk_bytes })
  const size = { datagram_bytes: taken }
  return [
    ...rounds(8, (_, noise) => stream(2e9 * noise, of(taken))),
    ...rounds(8, (_, noise) => datagrams(1e9 * noise, 0, { ...of(taken), ...size })),
    ...(refusedBytes === undefined
      ? []
      : rounds(5, () => refused({ ...of(refusedBytes), refused_datagram_bytes: refusedBytes }))),
  ]
}

const nameOf = (values: Partial<Record<keyof TrialRecord, string>>) =>
  systemOf(column => [values[column] ?? []].flat()).name

const systemsOf = (sets: Readonly<Record<string, readonly TrialRecord[]>>) => {
  const { systems } = compared(sets)
  assert(systems)
  return systems
}

describe('the name of a system', () => {
  it('is that of its ends; what stands in for one never has its name alone', () => {
    assert.equal(nameOf({ os: 'linux' }), 'Linux')
    assert.equal(nameOf({ os: 'linux', sender_os: 'darwin', receiver_os: 'darwin' }), 'macOS')
    assert.equal(nameOf({ os: 'linux', sender_os: 'linux', receiver_os: 'win32' }), 'Linux to Windows')
    assert.equal(nameOf({ os: 'linux', os_profile: 'macos' }), 'macOS profile on Linux')
    assert.equal(nameOf({ os: 'linux', os_profile: 'mac.yaml' }), 'mac.yaml profile on Linux')
    assert.equal(nameOf({ os: 'win32', os_release: '10.0.20348' }), 'Windows')
    assert.equal(nameOf({ os: 'win32', os_release: WINE }), 'Windows under wine')
    assert.equal(
      nameOf({
        ...{ os: 'linux', os_release: '6.18.0' },
        ...{
          sender_os: 'win32',
          sender_os_release: WINE,
          receiver_os: 'linux',
          receiver_os_release: '6.18.0',
        },
      }),
      'Windows under wine to Linux',
    )
    assert.equal(nameOf({ os: 'sunos' }), 'sunos')
  })
})

describe('systems in a comparison', () => {
  it('are there only where sets differ in them', () => {
    assert.equal(compared({ a: mainJob(), b: otherRun(mainJob(), 'other') }).systems, undefined)
    assert.deepEqual(systemsBlocks(compared({ a: mainJob(), b: otherRun(mainJob(), 'other') })), [])
  })

  it('are known by name: rows whose columns of it were left out are of none', () => {
    const names = /^(?:sender_|receiver_)?os/
    const unknown = (rows: readonly TrialRecord[]): readonly TrialRecord[] =>
      JSON.parse(JSON.stringify(rows, (key, value) => (names.test(key) ? undefined : value)))
    const linux = system(LINUX, 65_507, 65_508)
    const without = unknown(system({ ...LINUX, host: 'other' }, 65_507, 65_508))
    assert.equal(compared({ linux, without }).systems, undefined)
    const { sets, may } = systemsOf({ linux, without, mac: system(MAC, 9216, 9217) })
    assert.deepEqual(
      sets.map(({ name }) => name),
      ['Linux', 'an unknown system', 'macOS'],
    )
    assert.equal(may, 'limits, refusals and defaults of Linux and macOS')
  })

  it('have their limits beside what is documented, with what lifts it there', () => {
    const { sets } = systemsOf({
      linux: system(LINUX, 65_507, 65_508),
      mac: system(MAC, 9216, 9217),
      windows: system(WINDOWS, 9216, 65_508),
      larger: system({ ...MAC, host: 'other' }, 16_384, 65_508),
      small: system({ ...MAC, host: 'third' }, 1024),
    })
    assert.deepEqual(
      sets.map(({ limits }) => limits.map(each => [each.expectedBytes, each.agreement])),
      [
        [[65_507, 'confirmed']],
        [[9216, 'confirmed']],
        [[65_507, 'fits']],
        [[9216, 'differs']],
        [[9216, 'not reached']],
      ],
    )
    assert.match(sets[1]?.limits[0]?.cause ?? '', /sudo sysctl -w net\.inet\.udp\.maxdgram=65535/)
    assert.doesNotMatch(sets[0]?.limits[0]?.cause ?? '', /sysctl/)
  })

  it('have no limit that is expected of several profiles together', () => {
    const emulated = (os_profile: string) => ({ ...LINUX, os_profile, limit_emulated: true })
    const { sets } = systemsOf({
      linux: system(LINUX, 65_507, 65_508),
      profiles: [...system(emulated('macos'), 9216, 9217), ...system(emulated('windows'), 65_507, 65_508)],
    })
    const [limit, ...others] = sets[1]?.limits ?? []
    assert.deepEqual(
      [sets[1]?.name, others, limit?.expectedBytes, limit?.cause],
      ['macOS and Windows profile on Linux', [], undefined, undefined],
    )
  })

  it('with a raised SO_SNDBUF have another limit, and over IPv6 another one', () => {
    const { sets } = systemsOf({
      mac: [
        ...system(MAC, 9216, 9217),
        ...system({ ...MAC, sndbuf_asked_bytes: 65_535 }, 65_507, 65_508),
        ...system({ ...MAC, ip_family: 6 }, 9216, 9217),
      ],
      linux: system({ ...LINUX, ip_family: 6 }, 65_527, 65_528),
    })
    const limits = sets.flatMap(each => each.limits)
    assert.deepEqual(
      limits.map(each => [each.ipFamily, each.sndbufAskedBytes, each.expectedBytes, each.agreement]),
      [
        [4, undefined, 9216, 'confirmed'],
        [6, undefined, 9216, 'confirmed'],
        [4, 65_535, 65_507, 'confirmed'],
        [6, undefined, 65_527, 'confirmed'],
      ],
    )
    const text = renderBlocks(
      systemsBlocks(
        compared({ linux: system(LINUX, 1024), mac: system({ ...MAC, sndbuf_asked_bytes: 65_535 }, 1024) }),
      ),
      {
        width: 120,
        color: false,
      },
    )
    assert.match(text, /^file +system +SO_SNDBUF asked +taken/m)
  })

  it('with DF set have the limit of a path, which is none of theirs', () => {
    const { sets } = systemsOf({
      linux: system({ ...LINUX, df_asked: 'do' }, 1372, 1373),
      mac: system(MAC, 9216, 9217),
    })
    assert.deepEqual(
      sets.map(each => each.limits.length),
      [0, 1],
    )
  })

  it('that something stands in for confirm nothing, and that is said', () => {
    const emulated = { ...LINUX, os_profile: 'macos', limit_emulated: true, max_datagram_bytes: 9216 }
    const comparison = compared({
      'linux.csv': system(LINUX, 9216, 65_508),
      'profile.csv': system(emulated, 9216, 9217),
      'wine.csv': system(UNDER_WINE, 9216, 65_508),
    })
    const { sets = [], may = '', mayNot = '' } = comparison.systems ?? {}
    assert.deepEqual(
      sets.map(each => [each.name, each.standIn, each.limits[0]?.agreement]),
      [
        ['Linux', undefined, 'fits'],
        ['macOS profile on Linux', 'profile', undefined],
        ['Windows under wine', 'wine', undefined],
      ],
    )
    assert.equal(
      may,
      'limits, refusals and defaults of Linux; what is refused under the macOS profile on Linux; that the build for Windows works under wine, and what it is refused there',
    )
    assert.match(
      mayNot,
      /^which system is faster; .* emulated: .* one below; .* Windows: they are those of wine/,
    )
    const text = renderBlocks(systemsBlocks(comparison), { width: 100, color: false })
    assert.match(text, /^profile\.csv +macOS profile on Linux +9,216 B +9,217 B +9,216 B +emulated$/m)
    assert.match(text, /^wine\.csv +Windows under wine +9,216 B +65,508 B +65,507 B +stand-in$/m)
    assert.match(text, /on macOS itself net\.inet\.udp\.maxdgram/)
    // Medians alone: a verdict would be of machines.
    assert.match(text, /^udp-header +0\.987 ± \d %( +0\.987 ± \d %){2}$/m)
    assert.doesNotMatch(text, /better|worse/)
  })

  it('name what else differs, since it may be why one is faster', () => {
    const { mayNot } = systemsOf({
      linux: mainJob(),
      mac: otherRun(mainJob(), 'other', () => ({ ...MAC, cpu_model: 'Apple M1', arch: 'arm64' })),
    })
    assert.match(mayNot, /machine or program differ too \(CPU, arch\)$/)
  })

  it('a limit of --max-datagram is none of the system: nothing is expected or concluded of it', () => {
    const { sets, may } = systemsOf({
      linux: system(LINUX, 9216, 65_508),
      windows: system({ ...WINDOWS, limit_emulated: true, max_datagram_bytes: 9216 }, 9216, 9217),
    })
    assert.equal(sets[1]?.limits[0]?.expectedBytes, undefined)
    assert.equal(may, 'limits, refusals and defaults of Linux')
  })

  it('over TCP alone have no limits to conclude anything of', () => {
    const tcp = (values: Partial<TrialRecord>) =>
      system(values, 9216).filter(each => each.transport === 'tcp')
    const { sets, may } = systemsOf({ a: tcp({ ...LINUX, os_profile: 'macos' }), b: tcp(LINUX) })
    assert.deepEqual([sets.flatMap(each => each.limits), may], [[], 'defaults of Linux'])
  })

  it('have what sockets were given, where it is known of two and differs', () => {
    const buffers = { rcvbuf_asked_bytes: undefined, rcvbuf_bytes: 786_896, sndbuf_bytes: 9216 }
    const { given } = systemsOf({
      linux: otherRun(mainJob(), 'a', () => ({
        ...LINUX,
        ...{ rcvbuf_asked_bytes: undefined, rcvbuf_bytes: 212_992, sndbuf_bytes: 212_992, mss_bytes: 65_483 },
      })),
      mac: otherRun(mainJob(), 'b', () => ({ ...MAC, ...buffers, mss_bytes: undefined })),
    })
    assert.deepEqual(
      given.filter(each => each.column !== 'congestion'),
      [
        { column: 'sndbuf_bytes', values: [['212,992 B'], ['9,216 B']] },
        { column: 'rcvbuf_bytes', values: [['212,992 B'], ['786,896 B']] },
      ],
    )
  })

  it('have the largest segment of TCP, which follows the MTU: trials with a small window have smaller ones', () => {
    const mac = otherRun(mainJob(), 'b', ({ round }) => ({ ...MAC, mss_bytes: round % 2 ? 16_344 : 12_288 }))
    const linux = (mss: number) =>
      otherRun(mainJob(), 'a', ({ round }) => ({ ...LINUX, mss_bytes: round % 3 ? mss : 12_000 }))
    const segments = (mss: number) =>
      systemsOf({ linux: linux(mss), mac }).given.find(each => each.column === 'mss_bytes')?.values
    assert.deepEqual(segments(65_483), [['65,483 B'], ['16,344 B']])
    assert.equal(segments(16_344), undefined)
  })

  it('of one file are compared with each other: both directions between two hosts', () => {
    const both = [
      ...system({ ...LINUX, receiver_os: 'darwin', direction: 'forward' }, 9216, 65_508),
      ...system({ ...MAC, os: 'linux', receiver_os: 'linux', direction: 'reverse' }, 9216, 9217),
    ]
    const comparison = compareSystems({ records: both })
    assert.deepEqual(
      comparison?.systems?.sets.map(each => [each.name, each.limits[0]?.expectedBytes]),
      [
        ['Linux to macOS', 65_507],
        ['macOS to Linux', 9216],
      ],
    )
    assert.equal(compareSystems({ records: mainJob() }), undefined)
    assert(comparison)
    // The label of a set is that of its system.
    assert.match(
      renderBlocks(systemsBlocks(comparison), { width: 100, color: false }),
      /^system +taken +refused/m,
    )
  })

  it('that send to wine have limits of their own', () => {
    const { sets } = systemsOf({
      there: system({ ...LINUX, receiver_os: 'win32', receiver_os_release: WINE }, 65_507, 65_508),
      back: system({ ...UNDER_WINE, receiver_os: 'linux', receiver_os_release: '6.18.0' }, 65_507, 65_508),
    })
    assert.deepEqual(
      sets.map(each => [each.name, each.standIn, each.limits[0]?.agreement]),
      [
        ['Linux to Windows under wine', 'wine', 'confirmed'],
        ['Windows under wine to Linux', 'wine', undefined],
      ],
    )
  })
})

describe('rows of a run under wine', () => {
  it('are doubted, and those of Windows are not', () => {
    const wineIn = (os_release: string) =>
      find(rounds(5, (_, noise) => stream(1e9 * noise, { ...WINDOWS, os_release }))).find(
        ({ code }) => code === 'wine',
      )
    assert.match(wineIn(WINE)?.message ?? '', /measured under wine, not on Windows/)
    assert.equal(wineIn('10.0.20348'), undefined)
  })
})
