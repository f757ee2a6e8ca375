/** Every transport over libc, on loopback. */
import { transports } from '../../transports/registry.ts'
import { loadNativeSockets } from '../../transports/sockets/native/native.ts'
import { complianceSuite } from './suite.ts'

const nativeSockets = await loadNativeSockets()
for (const transport of transports.values()) complianceSuite(transport, nativeSockets)
