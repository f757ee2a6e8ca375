/** The file that the data of a flow are saved to (`--keep`). */
import { extname } from 'node:path'
import { rowsPerTrial } from '../../results/schema/fold.ts'
import { isPicture } from '../../transports/payload/made.ts'

/** Its name, from the columns of its row or from its case. */
export function keptName(
  runId: string,
  trial: number,
  {
    file,
    payload,
    transport,
    flow,
    ...flows
  }: {
    readonly file?: string | undefined
    readonly payload?: string | undefined
    readonly transport: string
    /** Of flows at the same time, which one. */
    readonly flow?: number | undefined
    readonly streams?: number | undefined
    readonly receivers?: number | undefined
  },
): string {
  const made = payload !== undefined && isPicture(payload) ? `.${payload}` : '.bin'
  const which = rowsPerTrial(flows) === undefined ? '' : `-${flow}`
  return `${runId}-${String(trial).padStart(4, '0')}-${transport}${which}${file === undefined ? made : extname(file)}`
}
