/** The protocol does what every protocol of bench has to, over each engine that works here: `node --test examples/plugin/`. */
import { BUILT_IN } from 'tcp-udp-bench'
import { complianceSuite } from 'tcp-udp-bench/compliance'
import plugin from './udp-sequence.js'

for (const engine of await BUILT_IN.engines.working()) {
  const sockets = await BUILT_IN.engines.sockets(engine)
  for (const transport of plugin.transports) complianceSuite(transport, sockets)
}
