/** Every UDP transport over libc with UDP_SEGMENT and UDP_GRO: what the kernel cuts and glues is counted as if it had not. */
import { BUILT_IN } from '../../transports/catalog.ts'
import { loadNativeSockets } from '../../transports/engines/native/native.ts'
import { withOptions } from '../support/with-options.ts'
import { complianceSuite } from './suite.ts'

const sockets = withOptions(await loadNativeSockets(), { gso: true, gro: true })
for (const transport of BUILT_IN.transports.values())
  if (transport.traits.socket === 'datagram') complianceSuite(transport, sockets, 'native with offload')
