/** Which engines work here, and why others do not. */

import type { Sockets } from '../../../transports/contract/sockets.ts'
import { ENGINES, type Engine, engineOf, problemOf } from '../../../transports/engines/engines.ts'
import { bad, type Finding, good, type Look, look, notice } from '../calls/finding.ts'

export async function examineEngines(): Promise<Finding[]> {
  return Promise.all(ENGINES.map(engine => look(`engine ${engine.name}`, () => examine(engine))))
}

/** The preferred engine of those that work. */
export async function bestEngine(): Promise<Sockets> {
  for (const { name } of ENGINES) if ((await problemOf(name)) === undefined) return engineOf(name, undefined)
  throw new Error('no engine works here')
}

async function examine({ name, obstacle }: Engine): Promise<Look> {
  const problem = await problemOf(name)
  if (problem === undefined) return good('works')
  const everywhere = ENGINES.at(-1)?.name
  if (name === everywhere) return bad(problem, 'install Node anew, and run npm install once more')
  return obstacle() === undefined
    ? notice(problem, 'npm install once more, without --omit=optional: koffi brings its library that way')
    : notice(problem, `compare hosts with --engine ${everywhere}, which all of them have`)
}
