/** Which engines work here, and why others do not. */

import type { Sockets } from '../../../transports/contract/sockets.ts'
import type { Engine, Engines } from '../../../transports/engines/engines.ts'
import { bad, type Finding, good, type Look, look, notice } from '../calls/finding.ts'

export async function examineEngines(engines: Engines): Promise<Finding[]> {
  return Promise.all(
    [...engines].map(engine => look(`engine ${engine.name}`, () => examine(engine, engines))),
  )
}

/** The preferred engine of those that work. */
export async function bestEngine(engines: Engines): Promise<Sockets> {
  const { engine } = await engines.choose('auto')
  return engines.sockets(engine)
}

async function examine({ name, obstacle, untested }: Engine, engines: Engines): Promise<Look> {
  const problem = await engines.problemOf(name)
  const doubt = untested?.()
  if (problem === undefined) {
    const { binding } = await engines.sockets(name)
    if (doubt !== undefined) return notice(doubt, `it is used only with --engine ${name}`)
    return good(binding === undefined ? 'works' : `works through ${binding}`)
  }
  const everywhere = engines.everywhere
  if (name === everywhere) return bad(problem, 'reinstall Node, and run npm install again')
  return obstacle() === undefined
    ? notice(
        problem,
        'run npm install again without --omit=optional, which leaves out the library of koffi, on a disk that is not mounted noexec; or use Node 26.9 or later',
      )
    : notice(problem, `compare hosts with --engine ${everywhere}, which all of them have`)
}
