/** Every transport over node:net and node:dgram, on loopback. */
import { transports } from '../../transports/catalog.ts'
import { nodeSockets } from '../../transports/engines/node/node.ts'
import { complianceSuite } from './suite.ts'

for (const transport of transports.values()) complianceSuite(transport, nodeSockets)
