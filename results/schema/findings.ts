/** What a search, a probe or a fleet found, in a JSON document after its rows; `bench show` works it out from these again. */
import * as z from 'zod'
import { cellSchema } from './record.ts'

const bps = z.number().positive()

export const findingsSchema = z.strictObject({
  search: z
    .array(
      z.strictObject({
        cell: cellSchema.describe('The case, without a rate.'),
        loss_ratio: z.number().min(0).max(1).describe('Goal Loss Ratio, 0 to 1.'),
        lower_bound_bps: bps.optional().describe('Relevant Lower Bound, of payload; absent for none.'),
        upper_bound_bps: bps.optional().describe('Relevant Upper Bound, of payload; absent for none.'),
        conditional_throughput_bps: z.number().min(0).optional().describe('At the lower bound.'),
        trials: z.int().min(0).describe('All of the case, whichever loss they served.'),
        limit: z
          .string()
          .describe(
            'What was the limit: the cause of most losses at the upper bound, `queue`, `unknown`; or `sender-limited`, `asked` (`--rate`).',
          ),
        finished: z.boolean().describe('False where the search ran out of time, or was interrupted.'),
      }),
    )
    .optional()
    .describe('What `bench search` found: one a case and loss, with the words of RFC 9971.'),
  probe: z
    .array(
      z.strictObject({
        limit: z.string(),
        ip_family: z.literal([4, 6]),
        bytes: z.int().min(0).describe('Largest datagram, in bytes of UDP payload.'),
        error_code: z.string().optional().describe('What the system said of the next byte.'),
      }),
    )
    .optional()
    .describe('Limits of datagrams that `bench probe` found to the byte.'),
  fleet: z
    .array(
      z.strictObject({
        cell: cellSchema.describe('The case, without a pair.'),
        figure: z.string().describe('The column that hosts are compared by.'),
        odd: z
          .array(
            z.strictObject({
              what: z.literal(['sender', 'receiver', 'way']),
              label: z.string().optional().describe('Of groups: the label whose values the names are.'),
              names: z.array(z.string()).describe('A host or group, or two for a way from one to the other.'),
              ratio: z.number().min(0).describe('What it brings of what others do.'),
              within: z
                .literal(true)
                .optional()
                .describe('The ratio is to what both groups have within, as two or three have no middle.'),
              worse: z.int().min(0).describe('Its pairs that are worse than the middle of the others.'),
              pairs: z.int().min(0).describe('Its pairs that were measured.'),
            }),
          )
          .describe('Groups, hosts and ways that are far worse than the others.'),
        disturbance: z
          .strictObject({
            ratio: z.number().min(0).describe('Beside others, of that alone: geometric mean over the pairs.'),
            interval: z
              .strictObject({ low: z.number().min(0), high: z.number().min(0) })
              .optional()
              .describe('95 %; absent for fewer than four pairs.'),
            verdict: z
              .literal(['disturbed', 'little', 'unproven', 'few'])
              .describe(
                '`disturbed`: by more than 5 %; `little`: no evidence that it is more than that; `unproven`: no evidence that the rounds disturb each other; `few`: fewer than four pairs. Corrected (Holm) over the cases.',
              ),
            pairs: z
              .array(z.strictObject({ from: z.string(), to: z.string(), ratio: z.number().min(0) }))
              .describe('The most affected first.'),
          })
          .optional()
          .describe('What pairs take from others of their round; absent with `--serial 0`.'),
      }),
    )
    .optional()
    .describe('What `bench fleet run` found: one a case.'),
})
/** All are absent in other runs. */
export type Findings = z.infer<typeof findingsSchema>
