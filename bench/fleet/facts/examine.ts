/** Everything that can be found out about the machine that this runs on, without another one. Takes a fraction of a second. */

import type { Finding } from '../calls/finding.ts'
import { examineBuffers } from './buffers.ts'
import { examineDatagrams } from './datagrams.ts'
import { bestEngine, examineEngines } from './engines.ts'
import { examineLoopback } from './loopback.ts'
import { examineMachine } from './machine.ts'
import { examineStack } from './stack.ts'

export async function examineHost(): Promise<Finding[]> {
  const sockets = await bestEngine()
  // One after the other: what one of them does, the next one would see.
  return [
    ...(await examineEngines()),
    await examineLoopback(),
    ...(await examineBuffers(sockets)),
    ...(await examineDatagrams(sockets)),
    ...(await examineStack(sockets)),
    ...(await examineMachine()),
  ]
}
