/** What a program can measure with: its protocols and engines, built in and from plug-ins. A value that is passed on, never a global. */
import type { Carrier, Transport } from './contract/transport.ts'
import { BUILT_IN_ENGINES, Engines } from './engines/engines.ts'
import { echoTcp, echoUdp } from './protocols/echo.ts'
import { messagesTcp, messagesUdp } from './protocols/messages.ts'
import { stamp } from './protocols/stamp.ts'
import { tcp } from './protocols/tcp.ts'
import { tls } from './protocols/tls.ts'
import { udpArq, udpStopAndWait } from './protocols/udp-arq.ts'
import { udpDatagram } from './protocols/udp-datagram.ts'
import { udpHeader } from './protocols/udp-header.ts'
import { udpMarker } from './protocols/udp-marker.ts'
import { udpMulticast } from './protocols/udp-multicast.ts'

export interface Catalog {
  /** By name. The CLI choices, `bench list` and the compliance suite are built from these. */
  readonly transports: ReadonlyMap<string, Transport>
  readonly engines: Engines
  readonly plugins: readonly PluginIdentity[]
}

/** A plug-in that is loaded, and what it provides by name. */
export interface PluginIdentity {
  readonly name: string
  readonly version: string
  /** URL of its module on this host. */
  readonly module: string
  readonly transports: readonly string[]
  readonly workloads: readonly string[]
  readonly engines: readonly string[]
  /** Their extensions. */
  readonly sinks: readonly string[]
}

/** The transports that a run measures by default. */
const USUAL = [tcp, udpHeader, udpMarker]
export const DEFAULT_TRANSPORTS: readonly string[] = USUAL.map(each => each.name)
/** Those of them whose payload may end with time. */
export const DEFAULT_STREAMS: readonly string[] = USUAL.filter(each => each.transfer.endless).map(
  each => each.name,
)
/** Those of them that answer each payload. */
export const DEFAULT_ANSWERED: readonly string[] = USUAL.filter(each => each.traits.acknowledged).map(
  each => each.name,
)

const TRANSPORTS: readonly Transport[] = [
  tcp,
  tls,
  udpHeader,
  udpMarker,
  udpDatagram,
  udpStopAndWait,
  udpArq,
  udpMulticast,
  messagesUdp,
  messagesTcp,
  echoUdp,
  echoTcp,
  stamp,
]

export const BUILT_IN: Catalog = {
  transports: new Map(TRANSPORTS.map(each => [each.name, each])),
  engines: new Engines(BUILT_IN_ENGINES),
  plugins: [],
}

/** Those that the ends of a run need, which have to be the same at both: a sink is the business of the command alone. */
export function pluginsOfEnds(plugins: readonly PluginIdentity[]): readonly PluginIdentity[] {
  return plugins.filter(({ transports, workloads, engines }) => [...transports, ...workloads, ...engines][0])
}

/** The transport as one that carries a payload; undefined if it does not. */
export function carrierOf(transport: Transport): Carrier | undefined {
  const { transfer } = transport
  return transfer && { ...transport, transfer }
}

/** True if the transport sends the whole payload in one datagram, whatever the chunk size. */
export function inOneDatagram({ transports }: Catalog, name: string): boolean {
  return transports.get(name)?.traits.limit === 'one-datagram'
}
