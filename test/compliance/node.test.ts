/** Every transport over node:net and node:dgram, on loopback. */
import { transports } from '../../transports/registry.ts'
import { nodeSockets } from '../../transports/sockets/node.ts'
import { complianceSuite } from './suite.ts'

for (const transport of transports.values()) complianceSuite(transport, nodeSockets)
