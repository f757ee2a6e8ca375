/** A finding about a machine, or about the path to another one: data, with what to do about it. */

import * as z from 'zod'
import { harmless } from '../../../base/foreign-text.ts'
import { reasonOf } from '../../../base/system-errors.ts'

const STATES = ['good', 'notice', 'bad', 'unknown'] as const

/** Findings from other hosts are shown on a terminal and must not control it. */
const LONGEST = 600
const text = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^\P{Cc}*$/u)

export const findingSchema = z.object({
  subject: text(60),
  /** `notice`: measuring works, but the figures may be misleading. `bad`: something does not work. */
  state: z.enum(STATES),
  finding: text(LONGEST),
  remedy: text(LONGEST).optional(),
})
export type Finding = Readonly<z.infer<typeof findingSchema>>
export type State = Finding['state']

/** The result of one check, before its subject is added. */
export type Look = Omit<Finding, 'subject'>

export const good = (finding: string): Look => ({ state: 'good', finding })
export const notice = (finding: string, remedy: string): Look => ({ state: 'notice', finding, remedy })
export const bad = (finding: string, remedy: string): Look => ({ state: 'bad', finding, remedy })
export const unknown = (finding: string, remedy?: string): Look =>
  remedy === undefined ? { state: 'unknown', finding } : { state: 'unknown', finding, remedy }

/** Runs a check; reports an error as unknown, so that it does not stop the other checks. */
export async function look(subject: string, at: () => Look | Promise<Look>): Promise<Finding> {
  try {
    const { finding, ...rest } = await at()
    return { subject, ...rest, finding: plain(finding) }
  } catch (error) {
    return { subject, ...unknown(plain(`cannot be determined: ${reasonOf(error)}`)) }
  }
}

/** System files and messages from others may contain anything, at any length. */
export function plain(finding: string): string {
  const line = harmless(finding)
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line
}
