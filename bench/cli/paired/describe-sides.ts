/** Describes how two sides differ. */
import { ROWS, textOf } from '../../../scenarios/settings/rows.ts'
import { BENCH_VERSION } from '../../fleet/facts/environment.ts'
import { SIDES, type SideName } from '../../pairs/side-names.ts'
import type { PreparedSides, SidesArguments } from './sides.ts'

/** `A: engine node; B: engine native`: every option given to one side at least, and what the other has instead. */
export function describeSides(args: SidesArguments, sides: PreparedSides): string {
  const names = [...new Set(SIDES.flatMap(side => Object.keys(args[side].given)))]
  return SIDES.map(side => {
    const parts = names.map(name => describeOption(name, args, side, sides))
    return `${side.toUpperCase()}: ${parts.join(', ')}`
  }).join('; ')
}

function describeOption(name: string, args: SidesArguments, side: SideName, sides: PreparedSides): string {
  const { flags, run } = args[side]
  const [work] = sides[side].works
  const here = work?.flows.flatMap(flow => flow.hosts).find(host => host.isHere)?.environment
  const path = flags[name] === undefined ? '' : ` (${String(flags[name])})`
  switch (name) {
    case 'engine':
      return `engine ${work?.plan.engine}`
    case 'node':
      return `Node ${here?.node_version ?? process.versions.node}${path}`
    case 'cli':
      return `bench ${here?.bench_version ?? BENCH_VERSION}${path}`
    default: {
      const row = ROWS.find(([each]) => each === name)?.[1]
      const value = row ? run.overrides[row.field] : flags[name]
      if (row?.initial === 'true') return value === false ? `no-${name}` : name
      if (value === undefined || value === false) return `${name} not given`
      return value === true ? name : `${name} ${row ? textOf(row, value) : String(value)}`
    }
  }
}
