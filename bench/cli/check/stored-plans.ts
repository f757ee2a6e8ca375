/** Makes plans that measure the cases of stored results again here, or says why a case cannot be. Pure. */

import { given } from '../../../base/given.ts'
import { formatBytes } from '../../../base/units.ts'
import { type Cell, shorten } from '../../../results/schema/cells.ts'
import type { Manifest } from '../../../results/schema/manifest.ts'
import { SINGLE_ROUNDS, usualProcesses } from '../../../scenarios/defaults.ts'
import type { Abilities } from '../../../scenarios/file-conflicts.ts'
import { type Case, type Plan, planSchema } from '../../../scenarios/plan.ts'
import { doingOf, type Pins, TRANSFER } from '../../../scenarios/settings/words.ts'
import { flagOf } from '../../../scenarios/socket-settings.ts'
import { optionKindOf } from '../../../transports/contract/sockets.ts'
import { flowHere } from '../../fleet/flow.ts'
import { namespacesFor } from '../../measure/apart.ts'
import type { Work } from '../../measure/blocks.ts'
import type { Extended } from '../../workloads/catalog.ts'
import { caseKey, cellsOfCase } from './planned-cells.ts'

export interface StoredPlan {
  readonly plan: Plan
  readonly pins: Pins | undefined
}

/** What this machine can measure with. */
export interface Means {
  readonly catalog: Pick<Extended, 'transports' | 'workloads' | 'plugins' | 'engines'>
  readonly abilities: Pick<Abilities, 'socketsOf' | 'obstacleToPins'>
  /** Sizes in bytes of the files found here, by their paths in plans. */
  readonly fileSizes: ReadonlyMap<string, number>
}

export interface Unmeasurable {
  readonly cell: Cell
  /** Why, and what to do. */
  readonly reason: string
}

/** The plans of manifests, latest run first; plans in the format of another version are left out. */
export function storedPlans(manifests: readonly Manifest[]): readonly StoredPlan[] {
  return manifests
    .toSorted((a, b) => (a.started_at < b.started_at ? 1 : -1))
    .flatMap(({ plans }) =>
      plans.flatMap(({ plan, pins }) => {
        const parsed = planSchema.safeParse(plan)
        return parsed.success ? [{ plan: parsed.data, pins }] : []
      }),
    )
}

/**
 * Plans with these cells' cases only, each as the latest run had it: cases that were interleaved are interleaved again.
 * @param repeat recorded rounds; if absent, as many as there were
 */
export function plansAgain(
  cells: readonly Cell[],
  stored: readonly StoredPlan[],
  means: Means,
  repeat?: number,
): { readonly works: readonly Work[]; readonly left: readonly Unmeasurable[] } {
  const left: Unmeasurable[] = []
  const wanted = new Map<string, Cell>()
  for (const cell of cells) {
    const reason = elsewhere(cell)
    if (reason === undefined) wanted.set(keyOf(cell), cell)
    else left.push({ cell, reason })
  }
  const works = stored.flatMap(({ plan, pins }): Work[] => {
    const cases = plan.cases.filter(each => {
      const keys = cellsOfCase(each).map(cell => keyOf({ ...cell, engine: plan.engine }))
      const found = keys.flatMap(key => wanted.get(key) ?? [])
      if (found.length === 0) return false
      for (const key of keys) wanted.delete(key)
      const reason = obstacle(each, plan.engine, pins, means)
      if (reason !== undefined) left.push(...found.map(cell => ({ cell, reason })))
      return reason === undefined
    })
    const rounds = repeat === undefined ? {} : { repeat, processes: usualProcesses(repeat, SINGLE_ROUNDS) }
    const namespaces = namespacesFor([plan], means.catalog.engines)
    const flows = [flowHere(plan.engine, { pins, plugins: means.catalog.plugins, namespaces })]
    return cases.length > 0 ? [{ plan: { ...plan, cases, ...rounds }, flows }] : []
  })
  for (const cell of wanted.values()) left.push({ cell, reason: UNRECORDED })
  return { works, left }
}

const UNRECORDED =
  'there is no record of how it was measured (the .run.json beside its CSV, which older versions did not write), or the run chose it itself (bench search, bench probe); name a scenario, or flags such as --size 64k'

function elsewhere({ side, direction }: Cell): string | undefined {
  if (side !== undefined) return 'it is a side of bench ab; measure it again with bench ab'
  if (direction !== 'local')
    return 'it was measured with another host; measure it with bench run, and give that file'
  return undefined
}

/** Rows and plans differ in how they name a file, and in what the system chose. */
function keyOf(cell: Cell): string {
  return `${cell.engine} ${caseKey(cell)}`
}

/** The files that a case sends. */
export function sentFiles({ file, files = [] }: Case): readonly string[] {
  return file === undefined ? [] : [file, ...files]
}

function obstacle(
  each: Case,
  engine: string,
  pins: Pins | undefined,
  { catalog, abilities, fileSizes }: Means,
): string | undefined {
  const transport = catalog.transports.get(each.transport)
  if (!transport)
    return `transport ${shorten(each.transport)} is not available here; load its plug-in with --plugin`
  const { name } = doingOf(each.workload ?? TRANSFER)
  if (!catalog.workloads.has(name))
    return `workload ${shorten(name)} is not available here; load its plug-in with --plugin`
  const sockets = abilities.socketsOf(engine, [])
  if (typeof sockets === 'string') return `the engine ${shorten(engine)} does not work here`
  if (pins && abilities.obstacleToPins(pins) !== undefined)
    return `it was measured on the CPUs ${pins.sender},${pins.receiver}, which this process may not use`
  const files = sentFiles(each)
  const sizes = files.map(file => fileSizes.get(file))
  const missing = files[sizes.indexOf(undefined)]
  if (missing !== undefined) return `the file ${shorten(missing)} is not here; run this where it is`
  // Of several pictures it is that of the largest.
  const sizeBytes = Math.max(0, ...given(...sizes))
  if (files.length > 0 && sizeBytes !== each.sizeBytes)
    return `the file ${shorten(files.join(', '))} has ${formatBytes(sizeBytes)} now, not ${formatBytes(each.sizeBytes)}`
  const objection = sockets.objection(optionKindOf(transport.traits), each.ipFamily, each.socket)
  return objection && `${flagOf(objection.option)}: ${objection.reason}`
}
