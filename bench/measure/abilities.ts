/** Finds out what this program can do on this machine, for the settings of scenario files. */
import { errorMessage } from '../../base/errors.ts'
import type { Abilities } from '../../scenarios/file-conflicts.ts'
import { obstacleOf } from '../../transports/contract/sockets.ts'
import { obstacleToPins, pinnableCpus } from '../fleet/agent/pinning.ts'
import type { Extended } from '../workloads/catalog.ts'
import { obstacleToWorkload } from './workload-checks.ts'

export async function abilitiesOf(catalog: Extended): Promise<Abilities> {
  const { engines, transports } = catalog
  const { engine: best } = await engines.choose('auto')
  const found = engines.names.map(async name => {
    const problem = await engines.problemOf(name)
    return [
      name,
      problem === undefined ? await engines.sockets(name) : `${problem}; use ${engines.everywhere}`,
    ] as const
  })
  const sockets = new Map(await Promise.all(found))
  const cpus = await pinnableCpus().catch(errorMessage)
  const running = (names: readonly string[]) =>
    [best, ...engines.names].find(engine => {
      const own = sockets.get(engine)
      const asked = names.flatMap(each => transports.get(each) ?? [])
      return typeof own === 'object' && asked.every(each => obstacleOf(own, each) === undefined)
    }) ?? best
  return {
    transports,
    socketsOf: (engine, names) =>
      sockets.get(engine === 'auto' ? running(names) : engine) ?? `there is no engine ${engine}`,
    obstacleToPins: pins => obstacleToPins(pins, cpus),
    obstacleToWorkload: (workload, transport) => obstacleToWorkload(catalog, { workload, transport }),
  }
}
