/** Schemas of the numbers in reports and calls. */
import * as z from 'zod'

export const count = z.int().min(0)
/** Milliseconds. */
export const ms = z.number().min(0)
