/**
 * Run under Wine by compliance.test.ts: the compliance suite of the native engine, over IPv4 only if asked for. Wine's WSAPoll loses what the
 * system heard of a datagram's port where nobody listens, so there it is a silence; and it has no MCAST_JOIN_GROUP.
 */
import { BUILT_IN } from '../../transports/catalog.ts'
import { loadNativeSockets } from '../../transports/engines/native/native.ts'
import { complianceSuite } from '../compliance/suite.ts'

const NOT_IN_WINE = new Set([
  'nobody at the address is told as such',
  'nobody at the address is a failure',
  'each receiver of a group gets everything, at one port',
  'a group that is joined for its sender only gets everything',
])
const families = process.argv.includes('IPv4') ? ([4] as const) : ([4, 6] as const)

// An engine each, since a process may have several.
for (const transport of BUILT_IN.transports.values())
  complianceSuite(
    transport,
    await loadNativeSockets(),
    'native',
    families,
    transport.traits.socket === 'datagram' ? NOT_IN_WINE : undefined,
  )
