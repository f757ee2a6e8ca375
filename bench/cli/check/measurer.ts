/** Measures what a gate judges: a scenario, or the cases of stored rows; and any of these cells again. */
import { basename } from 'node:path'
import { AGAIN_ROUNDS } from '../../../results/gate/check.ts'
import { CELL_FIELDS, type Cell, SETTINGS } from '../../../results/schema/cells.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { DEFAULTS } from '../../../scenarios/defaults.ts'
import type { Case, Plan } from '../../../scenarios/plan.ts'
import type { Catalog } from '../../../transports/catalog.ts'
import { directionOf, type Flow } from '../../fleet/flow.ts'
import { Numbers } from '../../measure/measuring.ts'
import { askedColumns } from '../../measure/report-columns.ts'
import { type RunOptions, runPlan } from '../../measure/run.ts'
import { newRunId } from '../../measure/run-id.ts'
import { roundsInAll } from '../../measure/schedule.ts'
import type { Progress } from '../progress.ts'

/** A plan, and what its trials consist of. */
export interface Prepared {
  readonly plan: Plan
  readonly flows: readonly Flow[]
}

/** The cells that a plan's trials will have. */
export function plannedCells({ plan, flows }: Prepared): readonly Cell[] {
  const ways = flows.map(flow => ({
    ...{ direction: directionOf(flow, flows), engine: flow.engine },
    // A foreign receiver does not check the data.
    ...('target' in flow.to ? { verify: undefined } : {}),
  }))
  return plan.cases.flatMap(each => ways.map(way => ({ ...cellOfCase(each), ...way })))
}

/** For a second look: the same plans with those cases only whose cells are among `cells`, and more rounds; plans without any are left out. */
export function narrowed(prepared: readonly Prepared[], cells: readonly Cell[]): readonly Prepared[] {
  const wanted = new Set(cells.map(caseKey))
  return prepared.flatMap(({ plan, flows }) => {
    const cases = plan.cases.filter(each => wanted.has(caseKey(cellOfCase(each))))
    return cases.length > 0 ? [{ plan: { ...plan, cases, ...moreRounds(plan) }, flows }] : []
  })
}

/** As many rounds in each pair of processes, and more of these. */
export function moreRounds({ repeat, processes }: Plan): Pick<Plan, 'repeat' | 'processes'> {
  return { repeat: AGAIN_ROUNDS * repeat, processes: AGAIN_ROUNDS * processes }
}

export function trialsOf(prepared: readonly Prepared[]): number {
  return prepared.reduce((sum, { plan }) => sum + plan.cases.length * roundsInAll(plan), 0)
}

/**
 * Measures the plans as one run, and gives its records; those that there are when `signal` aborts.
 * @param to `keep` takes each record as its trial ends, `lost` what no record says of an agent's end
 * @param commit what is tested
 */
export async function measure(
  prepared: readonly Prepared[],
  progress: Progress,
  { keep, lost }: Pick<RunOptions, 'lost'> & { readonly keep: (record: TrialRecord) => Promise<void> },
  catalog: Catalog,
  signal: AbortSignal,
  commit?: string,
): Promise<readonly TrialRecord[]> {
  const runId = newRunId(new Date())
  const numbers = new Numbers()
  const records: TrialRecord[] = []
  try {
    for (const { plan, flows } of prepared) {
      const { began, ended } = progress
      const run = { catalog, flows, signal, runId, commit, numbers, began, ended, lost }
      for await (const record of runPlan(plan, run)) {
        await keep(record)
        records.push(record)
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    progress.clear()
  }
  return records
}

/** All of a cell but where and on what it runs. */
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

/** Equal for cells of one case: rows know a file by its name, and zero copy as the system gave it. */
export function caseKey(cell: Cell): string {
  const plain = {
    ...cell,
    file: cell.file === undefined ? undefined : basename(cell.file),
    zerocopy: cell.zerocopy !== undefined,
  }
  const fields = CELL_FIELDS.filter(field => field !== 'direction' && field !== 'engine' && field !== 'side')
  return JSON.stringify(fields.map(field => plain[field] ?? null))
}
