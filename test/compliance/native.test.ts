/** Every transport over libc, on loopback. */
import { BUILT_IN } from '../../transports/catalog.ts'
import { loadNativeSockets } from '../../transports/engines/native/native.ts'
import { complianceSuite } from './suite.ts'

const nativeSockets = await loadNativeSockets()
for (const transport of BUILT_IN.transports.values()) complianceSuite(transport, nativeSockets)
