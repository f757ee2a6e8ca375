/** The file that the data of a flow are saved to (`--keep`). */
import { extname } from 'node:path'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { rowsPerTrial } from '../../results/schema/fold.ts'
import { isPicture } from '../../transports/payload/made.ts'

type Named = Pick<TrialRecord, 'transport'> &
  Partial<Pick<TrialRecord, 'file' | 'payload' | 'flow' | 'streams' | 'receivers'>>

/** Its name, from the columns of its row or from its case. */
export function keptName(
  runId: string,
  trial: number,
  { file, payload, transport, flow, ...flows }: Named,
): string {
  const made = payload !== undefined && isPicture(payload) ? `.${payload}` : '.bin'
  const which = rowsPerTrial(flows) === undefined ? '' : `-${flow}`
  return `${runId}-${String(trial).padStart(4, '0')}-${transport}${which}${file === undefined ? made : extname(file)}`
}
