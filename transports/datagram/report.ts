/** What a receiver reports of a source's transfer. */
import { formatBytes } from '../../base/units.ts'
import type { ReceiveReport } from '../contract/reports.ts'
import type { Expectation } from '../contract/transport.ts'
import type { ReceivingFormat } from './format.ts'
import type { Source, Transfer } from './transfer.ts'

/** Whether it has ended as its format says, and nothing is doubtful about it. */
export function isWhole(open: Transfer, { endMarker }: ReceivingFormat): boolean {
  if (!open.begun || open.failure || open.mixed || isOpenQuestion(open)) return false
  if (endMarker) return open.ended
  return open.announcedBytes !== undefined && open.bytes >= open.announcedBytes
}

const BEGINNINGS = { begin: 'begin marker', header: 'length header' } as const

/** What is said of a datagram that belongs to no transfer. */
export function orphanWords(bytes: number, beginning: keyof typeof BEGINNINGS): string {
  return `a datagram of ${formatBytes(bytes)} before any ${BEGINNINGS[beginning]}; ignored until one comes`
}

/** Whether more of it is likely to come. */
export function expectsMore(
  open: Transfer | undefined,
  { endMarker }: ReceivingFormat,
  expected: Expectation | undefined,
): boolean {
  if (!open || open.failure || open.ended) return false
  const bytes = open.announcedBytes ?? expected?.sizeBytes
  return endMarker || (bytes !== undefined && open.bytes < bytes)
}

/** Whether it is doubtful so that only silence tells. */
export function isOpenQuestion({ doubt }: Transfer): boolean {
  return doubt === 'repeated' || doubt === 'last'
}

/**
 * @param open of that source; undefined: nothing came
 * @param beside datagrams that are not of it, and the host of the first of them that a translation moved there
 */
export function reportOf(
  source: Source | undefined,
  open: Transfer | undefined,
  format: ReceivingFormat,
  expected: Expectation | undefined,
  beside: { readonly stray: number; readonly strayFrom?: string },
): ReceiveReport {
  const counts = open?.reception.counts ?? { delivered: 0, duplicated: 0, reordered: 0, corrupt: 0 }
  const held = open?.reception.held
  const withoutEnd = format.endMarker && !open?.ended ? ('end' as const) : undefined
  const missing = open?.begun ? withoutEnd : format.beginning
  const whole = open !== undefined && isWhole(open, format)
  const announced = open?.announcedBytes
  const remark = announced === undefined || whole ? undefined : format.remark?.(announced, open?.bytes ?? 0)
  const saved = open?.begun && !open.overtaken
  const intact = saved ? open.reception.intact : expected && false
  return {
    ...(open && source ? { from: source.endpoint } : {}),
    ...(announced === undefined ? {} : { announcedBytes: announced }),
    bytesDelivered: open?.bytes ?? 0,
    datagrams: { ...counts, ...beside },
    ...(open?.firstAt === undefined ? {} : { firstAt: open.firstAt }),
    ...(open?.lastAt === undefined ? {} : { lastAt: open.lastAt }),
    complete: whole,
    ...(remark === undefined ? {} : { remark }),
    ...(open?.longestBytes ? { longestBytes: open.longestBytes } : {}),
    ...(open?.interrupted ? { interrupted: true } : {}),
    ...(intact === undefined ? {} : { intact }),
    ...(held ? { held } : {}),
    ...(missing ? { missing } : {}),
    ...(open?.failure ? { failure: open.failure } : {}),
  }
}
