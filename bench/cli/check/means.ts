/** Finds what this machine can measure stored cases with. */

import { UsageError } from '../../../base/errors.ts'
import { pinnableCpus } from '../../fleet/agent/pinning.ts'
import { checkedFile } from '../../measure/files.ts'
import type { Extended } from '../../workloads/catalog.ts'
import { type Means, type StoredPlan, sentFiles } from './stored-plans.ts'

/** Looks for files by their paths in the plans, from the working directory. */
export async function meansFor(stored: readonly StoredPlan[], catalog: Extended): Promise<Means> {
  const names = await catalog.engines.working()
  const engines = await Promise.all(
    names.map(async name => [name, await catalog.engines.sockets(name)] as const),
  )
  const fileSizes = new Map<string, number>()
  for (const file of new Set(stored.flatMap(({ plan }) => plan.cases.flatMap(sentFiles)))) {
    const size = await checkedFile(file).catch((error: unknown) => {
      if (error instanceof UsageError) return undefined
      throw error
    })
    if (size !== undefined) fileSizes.set(file, size)
  }
  const cpus = await pinnableCpus()
  return {
    transports: catalog.transports,
    workloads: catalog.workloads,
    plugins: catalog.plugins,
    engines: new Map(engines),
    cpus: typeof cpus === 'string' ? [] : cpus,
    fileSizes,
  }
}
