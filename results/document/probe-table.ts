/** What `bench probe` found: the limits of datagrams beside those that are documented, and what receive buffers hold. Pure. */
import { OS_PROFILES, type OsProfile, profileLimit } from '../../base/datagram-limits.ts'
import { given } from '../../base/given.ts'
import { groupBy } from '../../base/groups.ts'
import { formatBytes, formatCount } from '../../base/units.ts'
import type { TrialRecord } from '../schema/columns.ts'
import type { Manifest } from '../schema/manifest.ts'
import { type DatagramLimits, limitsOf, PACKET_HEADER_BYTES } from '../statistics/datagram-limits.ts'
import { column, figureCell, NONE, tableOfColumns } from './figures.ts'
import type { Block, TableCell } from './model.ts'

/** The variants of a probe. */
const PROBES = ['usual', 'raised', 'known-path', 'any-path', 'held', 'held-usual'] as const
export type Probe = (typeof PROBES)[number]

const SYSTEMS: Readonly<Record<string, OsProfile>> = {
  linux: 'linux',
  darwin: 'macos',
  freebsd: 'freebsd',
  win32: 'windows',
}

const FAMILIES = [4, 6] as const
type Family = (typeof FAMILIES)[number]

/** A limit, as it was found. */
interface Found {
  readonly bytes: number
  readonly refusal?: string | undefined
  /** What is to be said of it. */
  readonly why: string | undefined
}

/** A limit of datagrams: how it was found and, where the system alone sets it, what is known of each system. */
interface Limit {
  readonly what: string
  readonly probe: Probe
  /** @param most the largest that the system takes, whatever the path */
  readonly found: (limits: DatagramLimits, family: Family, most: number) => Found
  readonly expected?: (profile: OsProfile, family: Family) => number
}

const taken = ({ taken: bytes, refusal }: DatagramLimits): Found => ({
  ...{ bytes, refusal },
  why: refusal && `${formatCount(bytes + 1)} B: ${refusal}`,
})
const arrived = ({ arrived: bytes, missing }: DatagramLimits): Found => ({
  bytes,
  why: missing === undefined ? undefined : `${formatCount(missing)} B: taken, and none arrived`,
})
const arrivedWhole = (limits: DatagramLimits, family: Family, most: number): Found => {
  const { bytes, why } = arrived(limits)
  if (bytes === 0) return { bytes, why }
  const mtu = formatBytes(bytes + PACKET_HEADER_BYTES[family])
  return { bytes, why: given(`an MTU of ${mtu}${bytes < most ? '' : ' or more'}`, why).join(', ') }
}

const LIMITS: readonly Limit[] = [
  {
    ...{ what: 'taken', probe: 'usual', found: taken },
    expected: (profile, family) => profileLimit(profile, family).maxDatagramBytes,
  },
  {
    ...{ what: 'taken, SO_SNDBUF raised', probe: 'raised', found: taken },
    expected(profile, family) {
      const { maxDatagramBytes, raisedBytes = maxDatagramBytes } = profileLimit(profile, family)
      return raisedBytes
    },
  },
  { what: 'arrived', probe: 'usual', found: arrived },
  { what: 'arrived, DF by the known path', probe: 'known-path', found: arrivedWhole },
  { what: 'arrived, DF always', probe: 'any-path', found: arrivedWhole },
]

/** Nothing if no run was a probe. */
export function probeBlocks(
  records: readonly TrialRecord[],
  manifests: readonly Manifest[],
): readonly Block[] {
  if (!manifests.some(each => each.probe)) return []
  const found = (limit: Limit, family: Family) => {
    const of = (probe: Probe) => records.filter(each => each.variant === probe && each.ip_family === family)
    const own = of(limit.probe)
    const limits = limitsOf(own)
    return limits.decided ? limit.found(limits, family, limitsOf(of('usual')).taken) : undefined
  }
  const limits = LIMITS.filter(limit => FAMILIES.some(family => found(limit, family)))
  const caption = 'Largest datagrams, in bytes of UDP payload'
  const columns = [
    column('limit', 'left', limits, ({ what: text }) => ({ text })),
    ...FAMILIES.map(family =>
      column(`IPv${family}`, 'right', limits, limit =>
        figureCell(found(limit, family)?.bytes, bytes => (bytes === 0 ? 'none' : formatCount(bytes))),
      ),
    ),
    ...[
      ...groupBy(OS_PROFILES, profile => JSON.stringify(LIMITS.map(each => profileCell(each, profile)))),
    ].map(([, [first, ...alike]]) =>
      column([first, ...alike].join(', '), 'right', limits, limit => profileCell(limit, first)),
    ),
  ]
  const [{ sender_os: os = '', limit_emulated: emulated } = { limit_emulated: false }] = records
  const words = FAMILIES.flatMap(family =>
    limits.flatMap(limit => {
      const { bytes, why, refusal } = found(limit, family) ?? {}
      const expected = SYSTEMS[os] && limit.expected?.(SYSTEMS[os], family)
      const verdict =
        expected !== undefined &&
        bytes !== undefined &&
        refusal === 'EMSGSIZE' &&
        (expected === bytes ? 'confirmed' : 'differs')
      const facts = given(
        verdict && `${SYSTEMS[os]}: ${verdict}${emulated ? ', an emulated limit' : ''}`,
        why,
      )
      return facts.length > 0 ? [{ of: `${limit.what}, IPv${family}`, text: facts.join('; ') }] : []
    }),
  )
  const lifts = [...groupBy(OS_PROFILES, each => profileLimit(each, 4).note)]
  return [
    { kind: 'heading', text: [caption] },
    { kind: 'table', table: tableOfColumns(caption, columns) },
    {
      kind: 'legend',
      lines: [
        ...[...groupBy(words, ({ text }) => text)].map(
          ([text, of]) => `${of.map(each => each.of).join('; ')}: ${text}.`,
        ),
        ...lifts.map(([note, systems]) => `${systems.join(', ')}: ${note}.`),
      ],
    },
    ...heldBlocks(records),
  ]
}

/** `9,216`, or `65,507 / 65,527` where the versions of IP differ. */
function profileCell({ expected }: Limit, profile: OsProfile): TableCell {
  if (!expected) return NONE
  const values = new Set(FAMILIES.map(family => expected(profile, family)))
  return { text: [...values].map(formatCount).join(' / ') }
}

function heldBlocks(records: readonly TrialRecord[]): readonly Block[] {
  const late = records.filter(each => each.read_late)
  const bytes = [...groupBy(late, each => each.chunk_bytes).keys()].sort((a, b) => a - b)
  if (bytes.length === 0) return []
  const caption = 'Datagrams that a receive buffer holds'
  const buffers = groupBy(late, each => each.variant)
  const columns = [
    column('datagram', 'right', bytes, each => figureCell(each, formatBytes)),
    ...PROBES.flatMap(probe => {
      const own = buffers.get(probe)
      const cell = (each: number) => heldCell(own?.find(row => row.chunk_bytes === each))
      return own ? [column(bufferName(own), 'right', bytes, cell)] : []
    }),
  ]
  return [
    { kind: 'heading', text: [caption] },
    { kind: 'table', table: tableOfColumns(caption, columns) },
  ]
}

function bufferName([first]: readonly [TrialRecord, ...TrialRecord[]]): string {
  const size = first.rcvbuf_bytes === undefined ? 'of unknown size' : `of ${formatBytes(first.rcvbuf_bytes)}`
  return first.rcvbuf_asked_bytes === undefined ? `the system’s, ${size}` : size
}

function heldCell(record: TrialRecord | undefined): TableCell {
  const { datagrams_delivered: held, datagrams_accepted: accepted } = record ?? {}
  if (held === undefined || !accepted) return NONE
  return {
    ...figureCell(held, formatCount),
    ...(held === accepted ? { text: `${formatCount(held)} or more` } : {}),
  }
}
