/** What `bench receive` listens for: one service for each transport and port. Pure. */
import { UsageError } from '../../../base/errors.ts'
import { integer } from '../../../scenarios/settings/grammar.ts'
import type { Catalog } from '../../../transports/catalog.ts'
import type { Transport } from '../../../transports/contract/transport.ts'
import { transportNamed } from '../options.ts'

export const PORT = integer(0, 65_535)

export interface Service {
  readonly transport: Transport
  /** 0 lets the system choose. */
  readonly port: number
  /** Another service has the same transport. */
  readonly hasTwin: boolean
  /** How to choose another port, for messages. */
  readonly byPort: string
}

/**
 * @param operands `udp-header:9999`, or `udp-header` for its usual port
 * @throws UsageError for what is not a service, or if two need the same port
 */
export function servicesOf(
  operands: readonly string[],
  { transport, port }: { readonly transport?: string | undefined; readonly port?: number | undefined },
  catalog: Catalog,
): readonly Service[] {
  if (operands.length === 0) {
    if (transport === undefined)
      throw new UsageError(
        '--transport is missing, or services such as udp-header:9999 messages-udp; see bench receive --help',
      )
    const found = transportNamed(catalog, transport, '--transport: ')
    return [{ transport: found, port: port ?? found.port, hasTwin: false, byPort: '--port' }]
  }
  const services = operands.map(each => serviceOf(each, catalog))
  const flag = transport === undefined ? (port === undefined ? undefined : 'port') : 'transport'
  if (flag !== undefined)
    throw new UsageError(
      `--${flag} is for a single service, and ${operands[0]} names one too; write each as TRANSPORT:PORT, without --${flag}`,
    )
  checkPorts(services)
  return services.map(each => ({
    ...each,
    hasTwin: services.filter(({ transport }) => transport === each.transport).length > 1,
  }))
}

/** What its lines call it. @param port that it has */
export function nameOf({ transport, hasTwin }: Service, port: number): string {
  return hasTwin ? `${transport.name}:${port}` : transport.name
}

function serviceOf(operand: string, catalog: Catalog): Omit<Service, 'hasTwin'> {
  const [, name = '', port] = /^([^:]*)(?::(.*))?$/s.exec(operand) ?? []
  const transport = transportNamed(catalog, name)
  const byPort = `${name}:PORT`
  if (port === undefined) return { transport, port: transport.port, byPort }
  try {
    return { transport, port: PORT.parse(port), byPort }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw new UsageError(`${operand}: ${error.message}; 0 lets the system choose`, { cause: error })
  }
}

/** TCP and UDP have ports of their own. */
function checkPorts(services: readonly Omit<Service, 'hasTwin'>[]): void {
  for (const [at, { transport, port, byPort }] of services.entries()) {
    const kind = transport.traits.socket
    const other = services
      .slice(0, at)
      .find(each => port > 0 && each.port === port && each.transport.traits.socket === kind)
    if (other)
      throw new UsageError(
        `${other.transport.name} and ${transport.name} need the same ${nameOfKind(kind)} port ${port}; choose another with ${byPort}`,
      )
  }
}

export function nameOfKind(kind: Transport['traits']['socket']): string {
  return kind === 'stream' ? 'TCP' : 'UDP'
}
