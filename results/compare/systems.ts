/** The systems of a comparison: what each takes and refuses beside what is expected of it, and which defaults differ. Pure. */
import { limitWith, OS_PROFILES, PROFILE_OF_SYSTEM, profileLimit } from '../../base/datagram-limits.ts'
import { groupBy } from '../../base/groups.ts'
import { joinWords } from '../document/text.ts'
import { environmentValues, type TrialSet } from '../read/trial-set.ts'
import { shorten } from '../schema/cells.ts'
import type { ColumnName } from '../schema/columns.ts'
import { profileName, type System, systemOf } from '../schema/systems.ts'
import type { Difference, RefusalFacts, SystemLimit, SystemOfSet, Systems } from './comparison.ts'
import { findGiven } from './differences.ts'
import { refusalsOf } from './facts.ts'
import type { Row } from './rows.ts'
import { titleOf } from './words.ts'

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
    given: findGiven(sets.length, rows, differences),
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
    const { ip_family: family, sndbuf_asked_bytes: sndbuf } = first.trials.cell
    const ipFamily: 4 | 6 = family === 6 ? 6 : 4
    const limit = { ipFamily, ...(sndbuf === undefined ? {} : { sndbufAskedBytes: sndbuf }), ...facts }
    // A limit of --max-datagram is nobody's.
    if (!profile || (facts.emulated && stoodIn === undefined)) return [limit]
    const documented = profileLimit(profile, ipFamily)
    const { note } = documented
    const expectedBytes = limitWith(documented, sndbuf)
    if (stoodIn === undefined)
      return [{ ...limit, expectedBytes, agreement: agreementOf(facts, expectedBytes), cause: note }]
    // It confirms nothing of the system itself.
    return [{ ...limit, expectedBytes, cause: `${stoodIn}; on ${profileName(profile)} itself ${note}` }]
  })
}

function agreementOf(facts: RefusalFacts, expectedBytes: number): SystemLimit['agreement'] & string {
  const { largestAcceptedBytes: taken = 0, smallestRefusedBytes: refused = Number.POSITIVE_INFINITY } = facts
  if (taken > expectedBytes || refused <= expectedBytes) return 'differs'
  if (refused === Number.POSITIVE_INFINITY) return 'not reached'
  return refused === taken + 1 ? 'confirmed' : 'fits'
}

/** What is of the machine or the program rather than of the system. */
const MACHINE: readonly ColumnName[] = ['cpu_model', 'cpu_count', 'arch', 'host', 'engine', 'node_version']

function conclusionsOf(
  systems: readonly SystemOfSet[],
  labels: readonly string[],
  differences: readonly Difference[],
): Pick<Systems, 'may' | 'mayNot'> {
  // A limit of --max-datagram is none of the system's.
  const kinds = systems.map(
    ({ standIn, limits }) => standIn ?? (limits.some(each => each.emulated) ? 'limited' : 'itself'),
  )
  const setsOf = (kind: string) => joinWords(labels.filter((_, set) => kinds[set] === kind).map(shorten))
  const [itself = '', emulated = '', wine = ''] = ['itself', 'profile', 'wine'].map(setsOf)
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
