/** The largest datagram that a system takes, and that arrives, from trials of several sizes; and which size to try next. Pure. */
import { largestOf, smallestOf } from '../../base/groups.ts'
import type { TrialRecord } from '../schema/columns.ts'

/** The largest UDP length field, less the headers that it includes: UDP's, and over IPv4 also IP's (RFC 768, 791, 8200). */
export const MOST_BYTES = { 4: 65_507, 6: 65_527 } as const
/** Headers of IP and UDP in a packet. */
export const PACKET_HEADER_BYTES = { 4: 28, 6: 48 } as const

/** A trial of datagrams of one size. */
export type SizeTrial = Pick<TrialRecord, 'chunk_bytes'> &
  Partial<
    Pick<
      TrialRecord,
      ('datagrams_accepted' | 'datagrams_refused' | 'datagrams_delivered') | ('error_code' | 'path_mtu_bytes')
    >
  >

/** In bytes of UDP payload; 0: none. */
export interface DatagramLimits {
  /** The largest that the system took. */
  readonly taken: number
  /** The smallest that it did not take, and its error. */
  readonly refused: number | undefined
  readonly refusal: string | undefined
  /** The largest that arrived, and the smallest that was taken and did not. */
  readonly arrived: number
  readonly missing: number | undefined
  /** Both are known to the byte. */
  readonly decided: boolean
}

export function limitsOf(records: readonly SizeTrial[]): DatagramLimits {
  const [first] = records.filter(each => !isTaken(each)).toSorted((a, b) => bytesOf(a) - bytesOf(b))
  const refused = first && bytesOf(first)
  // A size that was taken before the kernel knew the path is refused after that.
  const whole = records.filter(each => isTaken(each) && bytesOf(each) < (refused ?? Number.POSITIVE_INFINITY))
  const taken = largestOf(whole, bytesOf) ?? 0
  const arrived = largestOf(whole.filter(hasArrived), bytesOf) ?? 0
  const missing = smallestOf(
    whole.filter(each => !hasArrived(each) && bytesOf(each) > arrived),
    bytesOf,
  )
  return {
    ...{ taken, refused, arrived, missing },
    refusal: first?.error_code,
    decided: refused === taken + 1 && (missing ?? taken + 1) === arrived + 1,
  }
}

function bytesOf({ chunk_bytes: bytes }: SizeTrial): number {
  return bytes
}

function isTaken({ datagrams_accepted: accepted = 0, datagrams_refused: refused = 0 }: SizeTrial): boolean {
  return accepted > 0 && refused === 0
}

function hasArrived({ datagrams_delivered: delivered = 0 }: SizeTrial): boolean {
  return delivered > 0
}

/** Undefined when both limits are known to the byte. @param likely limits that are tried before others */
export function nextSize(
  records: readonly SizeTrial[],
  family: 4 | 6,
  likely: readonly number[],
): number | undefined {
  const { taken, refused = MOST_BYTES[family] + 2, arrived, missing = taken + 1 } = limitsOf(records)
  const paths = records.flatMap(({ path_mtu_bytes: mtu }) =>
    mtu === undefined ? [] : [mtu - PACKET_HEADER_BYTES[family]],
  )
  // A limit is shown by what it takes, and by the next byte.
  const tries = [MOST_BYTES[family], ...paths, ...likely].flatMap(each => [each + 1, each])
  const between = (low: number, high: number) =>
    high - low < 2
      ? undefined
      : (tries.find(each => low < each && each < high) ?? Math.floor((low + high) / 2))
  // What was taken last has arrived, in most cases.
  return between(taken, refused) ?? (missing > taken && arrived < taken ? taken : between(arrived, missing))
}
