/** What a gate says: one check for each thing that was judged. Terminal, GitHub, JUnit and JSON are rendered from it. */
import * as z from 'zod'
import type { Note } from '../document/model.ts'
import type { Cell } from '../schema/cells.ts'
import { cellSchema } from '../schema/record.ts'

export type { Note } from '../document/model.ts'

export const STATUSES = ['failed', 'inconclusive', 'skipped', 'passed'] as const
export type Status = (typeof STATUSES)[number]

const KINDS = ['threshold', 'metric', 'loss', 'refusal', 'damage', 'failure', 'delivery', 'missing'] as const
export type Kind = (typeof KINDS)[number]

const status = z.enum(STATUSES)
const interval = z.object({ low: z.number(), high: z.number() })

/** The figures behind a sentence, in the unit that is named. */
const figures = z.object({
  unit: z.enum(['bit/s', 'ms', '0 to 1', 'trials', 'datagrams', 'B']).optional(),
  value: z.number().describe('Of the results.').optional(),
  valueInterval: interval.describe('Of the value, 95 %.').optional(),
  limit: z.number().describe('What a threshold permits.').optional(),
  base: z.number().describe('Value of the baseline, or of side A.').optional(),
  change: z
    .number()
    .describe('Results / base; for a loss, the difference of both. Absent when the base is 0.')
    .optional(),
  changeInterval: interval.describe('Of the change, 95 %.').optional(),
  p: z.number().describe('Of the test.').optional(),
  pHolm: z.number().describe('After Holm over all that were judged together.').optional(),
  delta: z.number().describe('The least effect that counts, as a share.').optional(),
  basis: z.enum(['trials', 'pairs', 'processes', 'runs']).describe('What `count` counts.').optional(),
  count: z.number().optional(),
})
export type Figures = Readonly<z.infer<typeof figures>>

const again = z.union([
  z.object({ status, sentence: z.string(), figures }).describe('What fresh trials showed.'),
  z.object({ notMeasured: z.string().describe('Why there are no fresh trials.') }),
])

export const checkSchema = z.object({
  kind: z
    .enum(KINDS)
    .describe(
      'What was judged: a threshold; against a baseline or side A: a metric, loss, or a fact (refusal, damage, failure, delivery, missing: trials, or with --strict any judgement of the case).',
    ),
  subject: z.string().describe('The threshold as it was written, or what was compared.'),
  cell: cellSchema.describe('Absent for a threshold that selects no cell.').optional(),
  status: status.describe(
    'failed: a threshold is broken, a regression is proven, or a fact says so; inconclusive: neither proven nor excluded; skipped: shown but not judged.',
  ),
  sentence: z.string().describe('What was found, in one sentence.'),
  suspect: z
    .literal(true)
    .describe('It would fail if it were judged alone (before Holm), which is enough to look at it again.')
    .optional(),
  statistical: z.boolean().describe('A failure must appear again in fresh trials, if these can be measured.'),
  figures,
  again: again.optional(),
})

/** Its sentence is without the cell's name. */
export interface Check extends Readonly<Omit<z.infer<typeof checkSchema>, 'cell' | 'again'>> {
  readonly cell: Cell | undefined
  /** What came of measuring it again; undefined when that was not needed. */
  readonly again?: Readonly<z.infer<typeof again>>
}

/** What was found, without statistics. */
export function factOf(
  { kind, subject, cell }: Pick<Check, 'kind' | 'subject' | 'cell'>,
  status: Status,
  sentence: string,
  figures: Figures = {},
): Check {
  return { kind, subject, cell, status, sentence, figures, statistical: false }
}

export type GateVerdict = 'passed' | 'failed'

export interface Gate {
  readonly verdict: GateVerdict
  /** What is inconclusive or was skipped fails too. */
  readonly strict: boolean
  /** What was judged, and against what: a line each. */
  readonly heading: readonly string[]
  readonly checks: readonly Check[]
  /** An environment that differs, a cell that could not be measured, rows left out. */
  readonly notes: readonly Note[]
}

/** With `strict`, only what has passed passes. */
export function verdictOfChecks(checks: readonly Check[], strict: boolean): GateVerdict {
  const bad: readonly Status[] = strict ? ['failed', 'inconclusive', 'skipped'] : ['failed']
  return checks.some(each => bad.includes(each.status)) ? 'failed' : 'passed'
}

export function countStatuses(checks: readonly Check[]): Readonly<Record<Status, number>> {
  const counts = { failed: 0, inconclusive: 0, skipped: 0, passed: 0 }
  for (const { status } of checks) counts[status]++
  return counts
}

/**
 * Worth measuring again: it fails, and may do so by chance; or it would fail alone. Suspects that have to fail by the whole rule
 * in twice as many trials find more and cry wolf less than one look does (docs/statistics.md, "Rules").
 */
export function isSuspicious({ status, statistical, suspect, cell }: Check): boolean {
  return (status === 'failed' || suspect === true) && statistical && cell !== undefined
}

/** So many times the rounds of the first look has the second one. */
export const AGAIN_ROUNDS = 2
