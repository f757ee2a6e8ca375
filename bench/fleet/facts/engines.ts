/** The engines: which of them work here, and why not. */

import type { Sockets } from '../../../transports/contract/sockets.ts'
import { ENGINES, engineOf, problemOf } from '../../../transports/engines/engines.ts'
import { obstacleToNative } from '../../../transports/engines/native/systems.ts'
import { bad, type Finding, good, type Look, look, notice } from '../calls/finding.ts'

export async function examineEngines(): Promise<Finding[]> {
  return Promise.all(ENGINES.map(({ name }) => look(`engine ${name}`, () => examine(name))))
}

/** The best one that works. */
export async function bestEngine(): Promise<Sockets> {
  for (const { name } of ENGINES) if ((await problemOf(name)) === undefined) return engineOf(name, undefined)
  throw new Error('no engine works here')
}

async function examine(name: string): Promise<Look> {
  const problem = await problemOf(name)
  if (problem === undefined) return good('works')
  if (name !== 'native') return bad(problem, 'install Node anew, and run npm install once more')
  return obstacleToNative() === undefined
    ? notice(problem, 'npm install once more, without --omit=optional: koffi brings its library that way')
    : notice(problem, 'compare hosts with --engine node, which all of them have')
}
