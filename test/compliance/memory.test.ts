/** Every transport over the engine that the property tests stand on: what they show there holds for sockets. */
import { BUILT_IN } from '../../transports/catalog.ts'
import { MemorySockets } from '../support/memory-sockets.ts'
import { complianceSuite } from './suite.ts'

for (const transport of BUILT_IN.transports.values())
  complianceSuite(transport, new MemorySockets(), 'memory', [4])
