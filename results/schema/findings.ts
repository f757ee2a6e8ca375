/** What a search or a probe found, in a JSON document after its rows; `bench show` works it out from these again. */
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
})
/** Both are absent in other runs. */
export type Findings = z.infer<typeof findingsSchema>
