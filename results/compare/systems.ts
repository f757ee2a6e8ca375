/** The systems of a comparison: what each takes and refuses beside what is expected of it, and which defaults differ. Pure. */
import { limitWith, OS_PROFILES, PROFILE_OF_SYSTEM, profileLimit } from '../../base/datagram-limits.ts'
import { given } from '../../base/given.ts'
import { groupBy } from '../../base/groups.ts'
import { joinWords } from '../document/text.ts'
import { environmentValues, type TrialSet } from '../read/trial-set.ts'
import type { ColumnName } from '../schema/columns.ts'
import { profileName, type System, systemOf, UNKNOWN_SYSTEM } from '../schema/systems.ts'
import type { Difference, RefusalFacts, SystemLimit, SystemOfSet, Systems } from './comparison.ts'
import { findGiven } from './differences.ts'
import { refusalsOf } from './facts.ts'
import type { Row } from './rows.ts'
import { titleOf } from './words.ts'

/** Undefined where all sets are of one system. */
export function findSystems(
  sets: readonly TrialSet[],
  rows: readonly Row[],
  differences: readonly Difference[],
): Systems | undefined {
  const named = sets.map(set => ({ set, ...systemOf(column => environmentValues(set, column)) }))
  const known = named.filter(each => each.name !== UNKNOWN_SYSTEM)
  if (new Set(known.map(each => each.name)).size < 2) return undefined
  const systems = named.map(({ set, ...system }, index) => ({
    ...system,
    limits: limitsOf(set, system, rows, index),
  }))
  return {
    sets: systems,
    given: findGiven(sets.length, rows, differences),
    ...conclusionsOf(
      systems.filter(each => each.name !== UNKNOWN_SYSTEM),
      differences,
    ),
  }
}

/** One for each version of IP and each SO_SNDBUF that was asked for: where these lift the limit, it is another. */
function limitsOf(
  set: TrialSet,
  { sending, standIn, isSenderItself }: System,
  rows: readonly Row[],
  index: number,
): readonly SystemLimit[] {
  const emulated = environmentValues(set, 'os_profile')
  const [system = '', ...others] = emulated.length > 0 ? emulated : sending
  const known =
    emulated.length > 0 ? OS_PROFILES.find(each => each === system) : PROFILE_OF_SYSTEM.get(system)
  // Of several nobody knows which one took or refused it.
  const profile = others.length === 0 ? known : undefined
  const stoodIn = standIn === 'profile' ? 'emulated (--os-profile)' : 'as wine has it'
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
    if (!profile || (facts.emulated && standIn !== 'profile')) return [limit]
    const documented = profileLimit(profile, ipFamily)
    const { note } = documented
    const expectedBytes = limitWith(documented, sndbuf)
    if (isSenderItself)
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
  differences: readonly Difference[],
): Pick<Systems, 'may' | 'mayNot'> {
  // A limit of --max-datagram is none of the system's.
  const kindOf = ({ standIn, limits }: SystemOfSet) =>
    standIn ?? (limits.some(each => each.emulated) ? 'limited' : 'itself')
  const namesOf = (kind: string) => [
    ...new Set(systems.filter(each => kindOf(each) === kind).map(each => each.name)),
  ]
  const hasLimits = systems.some(each => each.limits.length > 0)
  const [itself, emulated] = [namesOf('itself'), namesOf('profile')]
  const isWine = namesOf('wine').length > 0
  const other = MACHINE.filter(column => differences.some(each => each.column === column)).map(titleOf)
  const may = given(
    itself.length > 0 && `${hasLimits ? 'limits, refusals and ' : ''}defaults of ${joinWords(itself)}`,
    emulated.length > 0 && hasLimits && `what is refused under the ${joinWords(emulated)}`,
    isWine && 'that the build for Windows works under wine, and what it is refused there',
  )
  return {
    may: may.join('; ') || 'nothing of these systems',
    mayNot: given(
      `which system is faster${other.length > 0 ? `: machine or program differ too (${other.join(', ')})` : ''}`,
      emulated.length > 0 &&
        'buffers, losses and speed of a system that is emulated: they are those of the one below',
      isWine && 'buffers, losses and speed of Windows: they are those of wine and of the kernel below',
    ).join('; '),
  }
}
