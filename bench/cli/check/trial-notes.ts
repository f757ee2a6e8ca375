/** Notes about the trials of a gate themselves. */
import { given } from '../../../base/given.ts'
import { counted } from '../../../base/units.ts'
import type { Note } from '../../../results/gate/check.ts'
import { summarize } from '../../../results/statistics/summary.ts'
import type { Warning } from '../../../results/warnings/warning.ts'
import { findWarnings } from '../../../results/warnings/warnings.ts'
import type { Session } from '../session.ts'

/** Why a case delivers nothing; checks judge what the other warnings say. */
const NOTHING_DELIVERED: readonly Warning['code'][] = [
  'refused-header',
  'refused',
  'protocol-part-lost',
  'nothing-arrives',
]

export function notesOf({ records, failures, path }: Session): readonly Note[] {
  const dead = findWarnings(summarize(records)).filter(({ code }) => NOTHING_DELIVERED.includes(code))
  const failed = `${counted(failures, 'trial')} failed or timed out; ${path} says why`
  return given<Note>(
    failures !== 0 && { message: failed },
    ...dead.map(({ message, remedy }) => ({ message, remedy })),
  )
}
