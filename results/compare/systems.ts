/** The systems of a comparison: what each takes and refuses beside what is expected of it, and which defaults differ. Pure. */
import { limitWith, OS_PROFILES, PROFILE_OF_SYSTEM, profileLimit } from '../../base/datagram-limits.ts'
import { given } from '../../base/given.ts'
import { groupBy } from '../../base/groups.ts'
import { formatBytes } from '../../base/units.ts'
import { joinWords } from '../document/text.ts'
import { type CellTrials, environmentValues, type TrialSet } from '../read/trial-set.ts'
import { shorten } from '../schema/cells.ts'
import type { ColumnName } from '../schema/columns.ts'
import { profileName, type System, systemOf } from '../schema/systems.ts'
import type {
  Difference,
  RefusalFacts,
  SystemDefault,
  SystemLimit,
  SystemOfSet,
  Systems,
} from './comparison.ts'
import { countValues, isStream } from './differences.ts'
import { refusalsOf } from './facts.ts'
import type { Row } from './rows.ts'
import { titleOf } from './words.ts'

/** Columns that it looks at, beside those of others. */
export const SYSTEM_NUMBERS: readonly ColumnName[] = ['sndbuf_bytes', 'mss_bytes']

/** Undefined where all sets are of one system. */
export function findSystems(
  sets: readonly TrialSet[],
  labels: readonly string[],
  rows: readonly Row[],
  differences: readonly Difference[],
): Systems | undefined {
  const named = sets.map((set, index) => {
    const system = systemOf(column => environmentValues(set, column))
    return { ...system, limits: limitsOf(set, system, rows, index) }
  })
  if (new Set(named.map(each => each.name)).size < 2) return undefined
  return {
    sets: named,
    defaults: DEFAULTS.map(({ name, valuesOf }) => ({
      name,
      values: sets.map(({ cells }) => [...new Set(cells.flatMap(valuesOf))]),
    })).filter(differs),
    ...conclusionsOf(named, labels, differences),
  }
}

/** One for each version of IP and each SO_SNDBUF that was asked for: where these lift the limit, it is another. */
function limitsOf(
  set: TrialSet,
  { sending: [system = '', ...others], standIn }: System,
  rows: readonly Row[],
  index: number,
): readonly SystemLimit[] {
  const [emulated] = environmentValues(set, 'os_profile')
  const own = others.length === 0 ? PROFILE_OF_SYSTEM[system] : undefined
  const profile = emulated === undefined ? own : OS_PROFILES.find(each => each === emulated)
  const stoodIn = standIn === 'profile' ? 'emulated (--os-profile)' : standIn && 'as wine has it'
  // With DF set, a refusal is the limit of a path.
  const parts = rows
    .flatMap(each => each.parts[index] ?? [])
    .filter(({ trials: { cell } }) => cell.df_asked !== 'do' && cell.df_asked !== 'probe')
  const alike = groupBy(parts, ({ trials: { cell } }) => `${cell.ip_family} ${cell.sndbuf_asked_bytes}`)
  return [...alike.values()].flatMap((group): SystemLimit[] => {
    const [first] = group
    const facts = refusalsOf(group)
    if (!first || !facts || (facts.largestAcceptedBytes ?? facts.smallestRefusedBytes) === undefined)
      return []
    const { ip_family: family, sndbuf_asked_bytes: sndbuf, max_datagram_bytes: limited } = first.trials.cell
    const ipFamily = family === 6 ? 6 : 4
    const expected = profile && profileLimit(profile, ipFamily)
    // A limit of --max-datagram is nobody's.
    const isNobodys = emulated === undefined && limited !== undefined
    return [
      {
        ipFamily,
        ...(sndbuf === undefined ? {} : { sndbufAskedBytes: sndbuf }),
        ...facts,
        ...(profile && expected && !isNobodys
          ? {
              ...agreementOf(facts, limitWith(expected, sndbuf), stoodIn === undefined),
              cause: given(
                stoodIn,
                `${stoodIn ? `on ${profileName(profile)} itself ` : ''}${expected.note}`,
              ).join('; '),
            }
          : {}),
      },
    ]
  })
}

/** What stands in for a system confirms nothing of it. */
function agreementOf(facts: RefusalFacts, expectedBytes: number, isItself: boolean) {
  const { largestAcceptedBytes: taken = 0, smallestRefusedBytes: refused = Number.POSITIVE_INFINITY } = facts
  if (!isItself) return { expectedBytes }
  const fits = taken <= expectedBytes && expectedBytes < refused
  return {
    expectedBytes,
    agreement: fits ? (refused === taken + 1 ? 'confirmed' : 'fits') : 'differs',
  } as const
}

/** What sockets have where nobody asks, and of what this program asks for. TCP tunes its buffers as it goes: only those of datagrams say something. */
const DEFAULTS: readonly {
  readonly name: string
  readonly valuesOf: (trials: CellTrials) => readonly string[]
}[] = [
  {
    name: 'SO_SNDBUF, UDP',
    valuesOf: trials => bytesIn(trials, false, 'sndbuf_bytes', 'sndbuf_asked_bytes'),
  },
  {
    name: 'SO_RCVBUF, UDP',
    valuesOf: trials => bytesIn(trials, false, 'rcvbuf_bytes', 'rcvbuf_asked_bytes'),
  },
  { name: 'largest segment, TCP', valuesOf: trials => bytesIn(trials, true, 'mss_bytes', 'mss_asked_bytes') },
  {
    name: 'congestion control, TCP',
    valuesOf: trials => (isStream(trials) ? [...countValues(trials.texts('congestion')).keys()] : []),
  },
]

/** `8,388,608 B (4,194,304 B asked)` */
function bytesIn(
  trials: CellTrials,
  ofStreams: boolean,
  column: ColumnName,
  askedColumn: 'sndbuf_asked_bytes' | 'rcvbuf_asked_bytes' | 'mss_asked_bytes',
): readonly string[] {
  if (isStream(trials) !== ofStreams) return []
  const asked = trials.cell[askedColumn]
  return [...countValues(trials.numbers(column)).keys()]
    .filter(each => !Number.isNaN(each))
    .map(each => formatBytes(each) + (asked === undefined ? '' : ` (${formatBytes(asked)} asked)`))
}

/** A set in which it is not known differs from none. */
function differs({ values }: SystemDefault): boolean {
  return new Set(values.filter(each => each.length > 0).map(each => JSON.stringify(each.toSorted()))).size > 1
}

/** What is of the machine or the program rather than of the system. */
const MACHINE: readonly ColumnName[] = ['cpu_model', 'cpu_count', 'arch', 'host', 'engine', 'node_version']

function conclusionsOf(
  systems: readonly SystemOfSet[],
  labels: readonly string[],
  differences: readonly Difference[],
): Pick<Systems, 'may' | 'mayNot'> {
  const setsOf = (standIn: System['standIn']) =>
    joinWords(labels.filter((_, set) => systems[set]?.standIn === standIn).map(shorten))
  const [itself, emulated, wine] = [setsOf(undefined), setsOf('profile'), setsOf('wine')]
  const other = MACHINE.filter(column => differences.some(each => each.column === column)).map(titleOf)
  const clauses = (...each: readonly string[]) => each.filter(clause => clause !== '').join('; ')
  return {
    may: clauses(
      itself && `limits, refusals and defaults of the system of ${itself}`,
      emulated && `what is refused at the limit that ${emulated} emulates`,
      wine && `that the build for Windows works in ${wine}, and what wine refuses it`,
    ),
    mayNot: clauses(
      `which system is faster${other.length > 0 ? `: machine or program differ too (${other.join(', ')})` : ''}`,
      emulated && `buffers, losses and speed of the system whose limit ${emulated} emulates`,
      wine && `buffers, losses and speed of Windows: those of ${wine} are of wine, and of the kernel below`,
    ),
  }
}
