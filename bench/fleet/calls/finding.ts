/** What was found out about a machine, or about the way to another one: data, with what to do about it. */

import * as z from 'zod'
import { harmless } from '../../../base/foreign-text.ts'
import { reasonOf } from '../../../base/system-errors.ts'

const STATES = ['good', 'notice', 'bad', 'unknown'] as const

/** Findings of other hosts are shown on a terminal: nothing in them may control it. */
const LONGEST = 600
const text = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^\P{Cc}*$/u)

export const findingSchema = z.object({
  /** What was looked at. */
  subject: text(60),
  /** `notice`: measuring works, and the figures may not be what one thinks. `bad`: something does not work. */
  state: z.enum(STATES),
  finding: text(LONGEST),
  /** What to do about it. */
  remedy: text(LONGEST).optional(),
})
export type Finding = Readonly<z.infer<typeof findingSchema>>
export type State = Finding['state']

/** What one look at something gave, to which its subject is added. */
export type Look = Omit<Finding, 'subject'>

export const good = (finding: string): Look => ({ state: 'good', finding })
export const notice = (finding: string, remedy: string): Look => ({ state: 'notice', finding, remedy })
export const bad = (finding: string, remedy: string): Look => ({ state: 'bad', finding, remedy })
export const unknown = (finding: string, remedy?: string): Look =>
  remedy === undefined ? { state: 'unknown', finding } : { state: 'unknown', finding, remedy }

/** Looks at something; what cannot be found out is unknown, and never the end of the others. */
export async function look(subject: string, at: () => Look | Promise<Look>): Promise<Finding> {
  try {
    const { finding, ...rest } = await at()
    return { subject, ...rest, finding: plain(finding) }
  } catch (error) {
    return { subject, ...unknown(plain(`it cannot be found out: ${reasonOf(error)}`)) }
  }
}

/** Files of the system and messages of others may hold anything, and any amount of it. */
export function plain(finding: string): string {
  const line = harmless(finding)
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line
}
