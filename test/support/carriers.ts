/** The built-in transports that carry a payload. */
import { BUILT_IN, carrierOf } from '../../transports/catalog.ts'
import { obstacleOf, type Sockets } from '../../transports/contract/sockets.ts'
import type { Carrier } from '../../transports/contract/transport.ts'
import { udpStopAndWait } from '../../transports/protocols/udp-arq.ts'

export const CARRIERS: readonly Carrier[] = [...BUILT_IN.transports.values()].flatMap(
  each => carrierOf(each) ?? [],
)

/** Those that the engine runs. */
export function carriersOver(sockets: Sockets): readonly Carrier[] {
  return CARRIERS.filter(each => obstacleOf(sockets, each) === undefined)
}

/** True if it never has more than one datagram under way. */
export function isSingle({ name }: Carrier): boolean {
  return name === udpStopAndWait.name
}

/** @throws if there is none */
export function carrierNamed(name: string): Carrier {
  const found = CARRIERS.find(each => each.name === name)
  if (!found) throw new Error(`no transport ${name}`)
  return found
}
