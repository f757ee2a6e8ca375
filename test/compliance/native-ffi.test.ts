/** Every transport over libc called by node:ffi, on loopback, where this Node has it. */
import { test } from 'node:test'
import { BUILT_IN } from '../../transports/catalog.ts'
import { BINDINGS, hasNodeFfi } from '../../transports/engines/native/binding.ts'
import { loadLibc } from '../../transports/engines/native/libc.ts'
import { createNativeSockets } from '../../transports/engines/native/native.ts'
import { obstacleToNative } from '../../transports/engines/native/systems.ts'
import { complianceSuite } from './suite.ts'

const obstacle = hasNodeFfi() ? obstacleToNative() : 'this Node has no node:ffi: it takes 26.9 or later'
if (obstacle === undefined) {
  const sockets = createNativeSockets(await loadLibc(await BINDINGS['node:ffi']()))
  for (const transport of BUILT_IN.transports.values())
    complianceSuite(transport, sockets, 'native by node:ffi')
} else test('native by node:ffi', { skip: obstacle }, () => {})
