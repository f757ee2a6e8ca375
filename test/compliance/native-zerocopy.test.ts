/** Every transport over libc with MSG_ZEROCOPY: memory is only used again when the kernel has done with it. */
import { BUILT_IN } from '../../transports/catalog.ts'
import { loadNativeSockets } from '../../transports/engines/native/native.ts'
import { withOptions } from '../support/with-options.ts'
import { complianceSuite } from './suite.ts'

const sockets = withOptions(await loadNativeSockets(), { zerocopy: true })
for (const transport of BUILT_IN.transports.values())
  complianceSuite(transport, sockets, 'native with zerocopy', [6])
