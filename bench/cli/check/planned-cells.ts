/** Finds the cells that cases will have, and which case a cell belongs to. Pure. */
import { basename } from 'node:path'
import { CELL_FIELDS, type Cell, SETTINGS } from '../../../results/schema/cells.ts'
import { DEFAULTS } from '../../../scenarios/defaults.ts'
import type { Case } from '../../../scenarios/plan.ts'
import { directionOf } from '../../fleet/flow.ts'
import type { Work } from '../../measure/blocks.ts'
import { askedColumns } from '../../measure/report-columns.ts'

/** The cells that a plan's trials will have. */
export function plannedCells({ plan, flows }: Work): readonly Cell[] {
  const ways = flows.map(flow => ({
    ...{ direction: directionOf(flow, flows), engine: flow.engine },
    // A foreign receiver does not check the data.
    ...('target' in flow.to ? { verify: undefined } : {}),
  }))
  return plan.cases.flatMap(each => ways.map(way => ({ ...cellOfCase(each), ...way })))
}

/** A case's cell, except for where and on which engine it runs. */
export function cellOfCase(each: Case): Cell {
  const asked = askedColumns(each.socket)
  const settings = Object.fromEntries(SETTINGS.map(field => [field, asked[field]]))
  return {
    ...settings,
    file: each.file,
    variant: each.variant,
    side: undefined,
    size_bytes: each.sizeBytes,
    chunk_bytes: each.chunkBytes,
    rate_bps: each.rateBps,
    max_datagram_bytes: each.maxDatagramBytes,
    verify: each.verify ?? DEFAULTS.verify,
    bind_asked: each.bind,
    direction: 'local',
    ip_family: each.ipFamily ?? DEFAULTS.ipFamily,
    engine: '',
    transport: each.transport,
  }
}

/** Equal for cells of one case: rows hold only the name of a file, and zero copy as the system granted it. */
export function caseKey(cell: Cell): string {
  const plain = {
    ...cell,
    file: cell.file === undefined ? undefined : basename(cell.file),
    zerocopy: cell.zerocopy !== undefined,
  }
  const fields = CELL_FIELDS.filter(field => field !== 'direction' && field !== 'engine' && field !== 'side')
  return JSON.stringify(fields.map(field => plain[field] ?? null))
}
