/** The names that settings can have: those in a catalog. */
import type { Catalog } from '../../transports/catalog.ts'
import type { Known } from './setting.ts'

export function namesIn({ transports, engines }: Catalog): Known {
  return { transports: [...transports.keys()], engines: engines.names }
}
