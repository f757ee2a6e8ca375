/** What both ends report of a trial: the reports of their transports, and what the workload and the kernel add to them. */
import * as z from 'zod'
import { PICTURE_STATES } from '../../../results/schema/columns/counts.ts'
import { CONFIDENCES } from '../../../results/schema/columns/responsiveness.ts'
import { count, ms } from '../../../transports/contract/quantities.ts'
import {
  datagramCountsSchema,
  receiveReportSchema,
  sendReportSchema,
} from '../../../transports/contract/reports.ts'
import { socketInfoSchema, socketStateSchema } from '../../../transports/contract/socket-facts.ts'
import { framesCameSchema, framesSentSchema } from './payload-spec.ts'

export const sendReport = sendReportSchema.extend({
  /** Of a stream over TCP: the mean of the round-trip times, and the highest of the delivery rates, that its socket showed. */
  polled: z.object({ rttMs: ms, deliveryRateBps: z.number().min(0) }).optional(),
  /** Responsiveness: round trips before the load, what probes took under it (trimmed means), and how it ended. */
  responsiveness: z
    .object({
      idleMs: ms,
      tcpMs: ms.optional(),
      httpMs: ms.optional(),
      loadedMs: ms.optional(),
      rpm: z.number().min(0).optional(),
      probes: count,
      connections: count,
      goodputBps: z.number().min(0).optional(),
      confidence: z.enum(CONFIDENCES),
    })
    .optional(),
  /** Of pictures in a row. */
  frames: framesSentSchema.optional(),
  /** Kernel counters of the sender's host over the trial; absent if unavailable. */
  drops: z.object({ hostSndbufErrors: count.optional(), hostNoPorts: count.optional() }).optional(),
})

export const receiveReport = receiveReportSchema.extend({
  /** Of a stream: what arrived within its duration, after the part that does not count, and how long that is. */
  counted: z.object({ bytes: count, ms }).optional(),
  /** Of pictures in a row. */
  frames: framesCameSchema.optional(),
  /** `late` is absent if it was not determined. */
  datagrams: datagramCountsSchema.extend({ late: count.optional() }).optional(),
  /** What could be decoded of it, if it is a picture. */
  picture: z.enum(PICTURE_STATES).optional(),
  /** The receiver's socket. */
  state: socketStateSchema,
  info: socketInfoSchema,
  /** Kernel counters over the trial; absent if unavailable. */
  drops: z
    .object({
      socketDrops: count.optional(),
      hostRcvbufErrors: count.optional(),
      hostInErrors: count.optional(),
    })
    .optional(),
})
