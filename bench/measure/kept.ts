/** The file that the data of a trial are saved to (`--keep`). */
import { extname } from 'node:path'
import { isPicture } from '../../transports/payload/made.ts'

/** Its name, from the columns of its row or from its case. */
export function keptName(
  runId: string,
  trial: number,
  {
    file,
    payload,
    transport,
  }: {
    readonly file?: string | undefined
    readonly payload?: string | undefined
    readonly transport: string
  },
): string {
  const made = payload !== undefined && isPicture(payload) ? `.${payload}` : '.bin'
  return `${runId}-${String(trial).padStart(4, '0')}-${transport}${file === undefined ? made : extname(file)}`
}
