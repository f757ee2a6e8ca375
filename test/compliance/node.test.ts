/** Every transport over node:net and node:dgram, on loopback. */
import { BUILT_IN } from '../../transports/catalog.ts'
import { nodeSockets } from '../../transports/engines/node/node.ts'
import { complianceSuite } from './suite.ts'

for (const transport of BUILT_IN.transports.values()) complianceSuite(transport, nodeSockets)
