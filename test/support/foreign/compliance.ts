/** `node --test compliance.js` with FOREIGN=freebsd or darwin: the compliance suite of the native engine as it runs on that system. */
// Loads its library for the system that this really is.
import 'koffi'
import type { Foreign } from './headers.ts'

const system = process.env['FOREIGN'] as Foreign
Object.defineProperty(process, 'platform', { value: system })

const { BUILT_IN } = await import('../../../transports/catalog.ts')
const { loadLibc } = await import('../../../transports/engines/native/libc.ts')
const { createNativeSockets } = await import('../../../transports/engines/native/native.ts')
const { complianceSuite } = await import('../../compliance/suite.ts')
const { foreignBinding } = await import('./foreign-libc.ts')

const sockets = createNativeSockets(await loadLibc(await foreignBinding(system)))
for (const transport of BUILT_IN.transports.values())
  complianceSuite(transport, sockets, `native as on ${system}`)
