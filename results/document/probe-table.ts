/** What `bench probe` found: the limits of datagrams beside those that are documented, and what receive buffers hold. Pure. */
import { OS_PROFILES, type OsProfile, PROFILE_OF_SYSTEM, profileLimit } from '../../base/datagram-limits.ts'
import { given } from '../../base/given.ts'
import { groupBy } from '../../base/groups.ts'
import { formatBytes, formatCount } from '../../base/units.ts'
import type { TrialRecord } from '../schema/columns.ts'
import type { Manifest } from '../schema/manifest.ts'
import { PACKET_HEADER_BYTES } from '../statistics/datagram-limits.ts'
import {
  FAMILIES,
  type Family,
  LIMITS,
  type Limit,
  PROBES,
  type Probed,
  probedLimits,
} from '../statistics/probe-results.ts'
import { captionedTable, column, figureCell, NONE } from './figures.ts'
import type { Block, TableCell } from './model.ts'

/** What is to be said of a limit. */
function whyOf({ limit, bytes, refusal, missing, family, most }: Probed): string | undefined {
  if (limit.of === 'taken') return refusal && `${formatCount(bytes + 1)} B: ${refusal}`
  const lost = missing === undefined ? undefined : `${formatCount(missing)} B: taken, and none arrived`
  if (!limit.whole || bytes === 0) return lost
  const mtu = formatBytes(bytes + PACKET_HEADER_BYTES[family])
  return given(`an MTU of ${mtu}${bytes < most ? '' : ' or more'}`, lost).join(', ')
}

/** Nothing if no run was a probe. */
export function probeBlocks(
  records: readonly TrialRecord[],
  manifests: readonly Manifest[],
): readonly Block[] {
  if (!manifests.some(each => each.probe)) return []
  const probed = probedLimits(records)
  const found = (limit: Limit, family: Family) =>
    probed.find(each => each.limit === limit && each.family === family)
  const limits = LIMITS.filter(limit => probed.some(each => each.limit === limit))
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
  const profile = PROFILE_OF_SYSTEM.get(os)
  const words = FAMILIES.flatMap(family =>
    probed
      .filter(each => each.family === family)
      .flatMap(each => {
        const { limit, bytes, refusal } = each
        const expected = profile && limit.expected?.(profile, family)
        const verdict =
          expected !== undefined && refusal === 'EMSGSIZE' && (expected === bytes ? 'confirmed' : 'differs')
        const facts = given(
          verdict && `${profile}: ${verdict}${emulated ? ', an emulated limit' : ''}`,
          whyOf(each),
        )
        return facts.length > 0 ? [{ of: `${limit.what}, IPv${family}`, text: facts.join('; ') }] : []
      }),
  )
  const lifts = [...groupBy(OS_PROFILES, each => profileLimit(each, 4).note)]
  return [
    captionedTable(caption, columns),
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
  const families = FAMILIES.filter(family => late.some(each => each.ip_family === family))
  const columns = [
    column('datagram', 'right', bytes, each => figureCell(each, formatBytes)),
    ...PROBES.flatMap(probe =>
      families.flatMap(family => {
        const [first, ...others] = late.filter(each => each.variant === probe && each.ip_family === family)
        if (!first) return []
        const cell = (each: number) => heldCell([first, ...others].find(row => row.chunk_bytes === each))
        const version = families.length > 1 ? `IPv${family}, ` : ''
        return [column(`${version}${bufferName(first)}`, 'right', bytes, cell)]
      }),
    ),
  ]
  return [captionedTable(caption, columns)]
}

function bufferName(first: TrialRecord): string {
  const size = first.rcvbuf_bytes === undefined ? 'of unknown size' : `of ${formatBytes(first.rcvbuf_bytes)}`
  return first.rcvbuf_asked_bytes === undefined ? `the system’s, ${size}` : size
}

/** How many of what was sent a receiver found that began to read when all was. */
export function heldCell(record: TrialRecord | undefined): TableCell {
  const { datagrams_delivered: held, datagrams_accepted: accepted } = record ?? {}
  if (held === undefined || !accepted) return NONE
  return {
    ...figureCell(held, formatCount),
    ...(held === accepted ? { text: `${formatCount(held)} or more` } : {}),
  }
}
