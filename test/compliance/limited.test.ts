/** Every transport over the wrapper that emulates a datagram limit: above the system's own, it changes nothing. */
import { BUILT_IN } from '../../transports/catalog.ts'
import { limited } from '../../transports/engines/limited.ts'
import { nodeSockets } from '../../transports/engines/node/node.ts'
import { complianceSuite } from './suite.ts'

const NO_LIMIT_BYTES = 1 << 30
const wrapped = limited(nodeSockets, NO_LIMIT_BYTES)

for (const transport of BUILT_IN.transports.values())
  complianceSuite(transport, wrapped, 'a wrapped node', [4])
