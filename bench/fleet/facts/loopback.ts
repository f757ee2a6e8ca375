/** The loopback interface: without it nothing can be measured on one host. In a fresh network namespace it exists, but is down. */
import { networkInterfaces } from 'node:os'
import { raiseLoopback } from '../../../results/warnings/remedies.ts'
import { bad, type Finding, good, type Look, look } from '../calls/finding.ts'

export async function examineLoopback(): Promise<Finding> {
  return look('loopback', loopback)
}

/** The system lists no addresses for interfaces that are down. */
function loopback(): Look {
  const up = Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
    (addresses ?? []).filter(each => each.internal).map(each => `${each.address} at ${name}`),
  )
  return up.length > 0
    ? good(up.join(', '))
    : bad(
        'the loopback interface is down: nothing can be measured on this host alone',
        raiseLoopback(process.platform),
      )
}
