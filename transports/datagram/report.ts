/** Builds a receiver's report about the transfer of a source. */
import { formatBytes } from '../../base/units.ts'
import type { ReceiveReport } from '../contract/reports.ts'
import type { Expectation } from '../contract/transport.ts'
import type { ReceivingFormat } from './format.ts'
import type { Source, Transfer } from './transfer.ts'

/** True if the transfer has ended as its format requires and nothing about it is in doubt. */
export function isWhole(open: Transfer, { endMarker }: ReceivingFormat): boolean {
  if (!open.begun || open.failure || open.mixed || isOpenQuestion(open)) return false
  if (open.assembly) return open.assembly.complete
  if (endMarker) return open.ended
  return open.announcedBytes !== undefined && open.bytes >= open.announcedBytes
}

const BEGINNINGS = { begin: 'begin marker', header: 'length header' } as const

/** The message about a datagram that belongs to no transfer. */
export function orphanWords(bytes: number, beginning: keyof typeof BEGINNINGS): string {
  return `a datagram of ${formatBytes(bytes)} before any ${BEGINNINGS[beginning]}; ignored until one comes`
}

/** True if more of the transfer is likely to arrive; without one, `begins`. */
export function expectsMore(
  open: Transfer | undefined,
  { endMarker }: ReceivingFormat,
  expected: Expectation | undefined,
  begins: boolean,
): boolean {
  if (!open) return begins
  if (open.failure || open.ended) return false
  const bytes = open.announcedBytes ?? expected?.sizeBytes
  return endMarker || (bytes !== undefined && open.bytes < bytes)
}

/** True if only silence can resolve the doubt. */
export function isOpenQuestion({ doubt }: Transfer): boolean {
  return doubt === 'repeated' || doubt === 'last'
}

/**
 * @param open the source's transfer; undefined if nothing arrived
 * @param beside datagrams outside the transfer, and the host of the first one that address translation separated from it
 */
export function reportOf(
  source: Source | undefined,
  open: Transfer | undefined,
  format: ReceivingFormat,
  expected: Expectation | undefined,
  beside: { readonly stray: number; readonly strayFrom?: string },
): ReceiveReport {
  const counts = open?.reception.counts ?? { delivered: 0, duplicated: 0, reordered: 0, corrupt: 0 }
  const arrived = open?.reception.held
  const held = (arrived && open?.assembly?.inOrder?.(arrived)) ?? arrived
  const withoutEnd = format.endMarker && !open?.ended ? ('end' as const) : undefined
  const missing = open?.begun ? withoutEnd : format.beginning
  const whole = open !== undefined && isWhole(open, format)
  const announced = open?.announcedBytes
  const remark = announced === undefined || whole ? undefined : format.remark?.(announced, open?.bytes ?? 0)
  const saved = open?.begun && !open.overtaken
  const longest = open?.longestBytes || open?.assembly?.chunkBytes
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
    ...(longest ? { longestBytes: longest } : {}),
    ...(open?.interrupted ? { interrupted: true } : {}),
    ...(intact === undefined ? {} : { intact }),
    ...(held ? { held } : {}),
    ...(missing ? { missing } : {}),
    ...(format.beginning ? { begun: open?.begun ?? false } : {}),
    ...(open?.failure ? { failure: open.failure } : {}),
  }
}
