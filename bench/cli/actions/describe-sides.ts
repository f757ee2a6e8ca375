/** In what two sides differ, in words. */
import { BENCH_VERSION } from '../../fleet/facts/environment.ts'
import { SIDES, type SideName } from '../../pairs/side-names.ts'
import type { Written } from '../flags.ts'
import type { PreparedSides, SidesArguments } from './sides.ts'

/** `A: engine node; B: engine native`: all that was said for one side at least, and what the other has instead. */
export function describeSides(args: SidesArguments, sides: PreparedSides): string {
  const names = [...new Set(SIDES.flatMap(side => Object.keys(args[side].given)))]
  return SIDES.map(side => {
    const parts = names.map(name => describeOption(name, args[side].flags, side, sides))
    return `${side.toUpperCase()}: ${parts.filter(part => part !== '').join(', ')}`
  }).join('; ')
}

function describeOption(name: string, flags: Written, side: SideName, sides: PreparedSides): string {
  const { flows, plans } = sides[side]
  const here = flows.flatMap(flow => flow.hosts).find(host => host.isHere)?.environment
  const path = flags[name] === undefined ? '' : ` (${String(flags[name])})`
  switch (name) {
    case 'engine':
      return `engine ${plans[0]?.engine}`
    case 'node':
      return `Node ${here?.node_version ?? process.versions.node}${path}`
    case 'cli':
      return `bench ${here?.bench_version ?? BENCH_VERSION}${path}`
    default:
      return describeFlag(name, flags[name])
  }
}

function describeFlag(name: string, value: unknown): string {
  // A flag that is on by itself, and one that is off.
  if (name === 'nodelay') return value === false ? 'no-nodelay' : 'nodelay'
  if (value === undefined || value === false) return `${name} not given`
  if (value === true) return name
  return `${name} ${[value].flat().map(String).join(',')}`
}
