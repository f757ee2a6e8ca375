/** The table of intervals: what the ends of a stream counted between two times. Beside the table of trials, in a CSV of its own. */
import {
  BITS_PER_SECOND,
  BYTES,
  COUNT,
  type ColumnFacts,
  identity,
  MS,
  measured,
  SWITCH,
  type ValueOf,
} from './columns/column.ts'
import { TRIAL_COLUMNS } from './columns/trial.ts'

const { run_id, scenario, variant, side, round, trial, flow, transport, streams, direction } = TRIAL_COLUMNS

const IDENTITY = { run_id, scenario, variant, side, round, trial, flow, transport, streams, direction }
const TABLE = {
  ...IDENTITY,
  interval: identity({ ...COUNT, least: 1, required: true }, 'Number of the interval, from 1.'),
  from_ms: measured(
    { ...MS, required: true, over: 'least' },
    'Where it begins. Each end counts from its own first datagram or write, so the receiver’s intervals are later by the time that these take.',
  ),
  to_ms: measured(
    { ...MS, required: true },
    'Where it ends; one ends with the duration, and one more, if need be, with what arrived last.',
  ),
  omitted: measured(
    { ...SWITCH, required: true },
    'Before `--omit` was over: it does not count in goodput_bps of the trial.',
  ),
  goodput_bps: measured(
    BITS_PER_SECOND,
    'Payload bits that arrived in it, per second. Empty where the receiver does not report (`--target`).',
  ),
  bytes_accepted: measured(BYTES, 'Payload that the sender’s system accepted.'),
  bytes_delivered: measured(
    BYTES,
    'Payload that arrived, of datagrams each once. All intervals of a trial add up to its own.',
  ),
  datagrams_accepted: measured(COUNT, 'Datagrams that the sender’s system accepted.'),
  datagrams_delivered: measured(COUNT, 'Unique datagrams that arrived.'),
  datagrams_lost: measured(
    { ...COUNT, least: Number.MIN_SAFE_INTEGER },
    'Datagrams missing among those that arrived, by their indices; negative when more came late than are missing. Those after the last that arrived are in its interval, so all intervals add up to the trial’s.',
  ),
  rtt_ms: measured(
    { ...MS, over: 'mean' },
    'TCP_INFO of the sender at the end of the interval: smoothed round-trip time.',
  ),
  cwnd_segments: measured(COUNT, 'Congestion window, in segments.'),
  retransmits: measured(COUNT, 'Segments that were retransmitted in it.'),
} as const satisfies Readonly<Record<string, ColumnFacts>>

type Table = typeof TABLE
export type IntervalColumn = keyof Table
/** One interval of one flow: a key for each column, undefined where unknown. */
export type IntervalRecord = { readonly [Name in IntervalColumn]?: ValueOf<Table[Name]> | undefined }

/** What the intervals of a flow have in common. */
export type IntervalIdentity = Pick<IntervalRecord, keyof typeof IDENTITY>

export const INTERVAL_COLUMNS = Object.entries<ColumnFacts>(TABLE).map(([name, column]) => ({
  ...column,
  name: name as IntervalColumn,
}))

/** `results.csv` has its intervals in `results.intervals.csv`. */
export function intervalsPath(path: string): string {
  return `${path.replace(/\.[^./\\]+$/, '')}${SUFFIX}`
}

export function isIntervalsName(path: string): boolean {
  return path.endsWith(SUFFIX)
}

const SUFFIX = '.intervals.csv'
