/** Finds the cells that cases will have, and which case a cell belongs to. Pure. */
import { basename } from 'node:path'
import { given } from '../../../base/given.ts'
import { CELL_FIELDS, type Cell, type CellField } from '../../../results/schema/cells.ts'
import { askedColumns } from '../../../scenarios/asked.ts'
import type { Case } from '../../../scenarios/plan.ts'
import { directionOf, engineOf } from '../../fleet/flow.ts'
import type { Work } from '../../measure/blocks.ts'

export function plannedCells({ plan, flows }: Work): readonly Cell[] {
  const ways = flows.map(flow => ({
    ...{ direction: directionOf(flow, flows), engine: engineOf([flow]) },
    // A foreign receiver does not check the data.
    ...('target' in flow.to ? { verify: undefined } : {}),
  }))
  const [first] = ways
  const ofGroup = given(first && { ...first, engine: engineOf(flows) })
  return plan.cases.flatMap(each => [
    ...(each.group === undefined ? ways : ofGroup).map(way => ({ ...cellOfCase(each), ...way })),
    ...(each.probe ? [{ ...cellOfCase(each.probe), ...first }] : []),
  ])
}

/** A case's cell, except for where and on which engine it runs. */
function cellOfCase(each: Case): Cell {
  const { seed: _seed, nodelay: _nodelay, ...asked } = askedColumns(each)
  return {
    ...asked,
    variant: each.variant,
    beside: each.beside,
    side: undefined,
    pair_from: undefined,
    pair_to: undefined,
    fleet_alone: undefined,
    direction: 'local',
    engine: '',
  } satisfies Cell & Record<CellField, unknown>
}

/** The cells of a case: its own, and that of the requests beside it. */
export function cellsOfCase(each: Case): readonly Cell[] {
  return given(each, each.probe).map(cellOfCase)
}

/** Equal for cells of one case, wherever its ends are: rows hold only the name of a file or a trace, and zero copy as the system granted it. */
export function caseKey(cell: Cell): string {
  const plain = {
    ...cell,
    file: cell.file === undefined ? undefined : basename(cell.file),
    trace: cell.trace === undefined ? undefined : basename(cell.trace),
    zerocopy: cell.zerocopy !== undefined,
  }
  const fields = CELL_FIELDS.filter(field => !ENDS.includes(field))
  return JSON.stringify(fields.map(field => plain[field] ?? null))
}

const ENDS: readonly CellField[] = ['direction', 'engine', 'side', 'pair_from', 'pair_to', 'fleet_alone']
