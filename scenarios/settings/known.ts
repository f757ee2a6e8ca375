/** The names that settings can have: those of what a program can do. */
import type { Catalog } from '../../transports/catalog.ts'
import type { Known } from './setting.ts'

type Nameable = Catalog & { readonly workloads: ReadonlyMap<string, unknown> }

export function namesIn({ transports, workloads, engines }: Nameable): Known {
  return {
    transports: [...transports.keys()],
    sized: [...transports.values()].filter(each => !each.transfer).map(({ name }) => name),
    workloads: [...workloads.keys()],
    engines: engines.names,
  }
}
