/** Everything that can be found out about this machine on its own. Takes a fraction of a second. */

import type { Engines } from '../../../transports/engines/engines.ts'
import type { Finding } from '../calls/finding.ts'
import { examineBuffers } from './buffers.ts'
import { examineDatagrams } from './datagrams.ts'
import { bestEngine, examineEngines } from './engines.ts'
import { examineLoopback } from './loopback.ts'
import { examineMachine } from './machine.ts'
import { examineRelay } from './relay.ts'
import { examineStack } from './stack.ts'

export async function examineHost(engines: Engines): Promise<Finding[]> {
  const sockets = await bestEngine(engines)
  // In sequence, since the checks would disturb each other.
  return [
    ...(await examineEngines(engines)),
    await examineLoopback(),
    ...(await examineBuffers(sockets)),
    ...(await examineDatagrams(sockets)),
    ...(await examineStack(sockets)),
    await examineRelay(sockets),
    ...(await examineMachine()),
  ]
}
