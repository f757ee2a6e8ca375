/** Every transport over the wrapper that emulates a datagram limit: above the system's own, it changes nothing. */
import { transports } from '../../transports/registry.ts'
import { limited } from '../../transports/sockets/limited.ts'
import { nodeSockets } from '../../transports/sockets/node.ts'
import { complianceSuite } from './suite.ts'

const NO_LIMIT_BYTES = 1 << 30
const wrapped = limited(nodeSockets, NO_LIMIT_BYTES)

for (const transport of transports.values()) complianceSuite(transport, wrapped, 'a wrapped node')
