/** The flags of `bench run` that a case was measured with, told from its rows. */
import type { Cell } from '../../schema/cells.ts'
import type { TrialRecord } from '../../schema/columns.ts'
import type { CaseSummary } from '../../statistics/summary.ts'

/** What a case permits a flag to be: undefined leaves it out. The one that comes first is preferred. */
export type Permitted = readonly (string | undefined)[]

export interface CaseFlags {
  readonly summary: CaseSummary
  /** Flags of the whole command: cases that differ in these are of different commands. */
  readonly run: Readonly<Record<string, string | undefined>>
  /** Flags of what the transport stands on: cases of one command agree on a value. */
  readonly sockets: ReadonlyMap<string, Permitted>
}

/** What the native engine gives UDP where nothing is said (bench/socket-settings.ts); rows show it as asked for. */
const NATIVE_RCVBUF_BYTES = 4 << 20

export function flagsOf(summary: CaseSummary): CaseFlags {
  const { cell, records } = summary
  const [record] = records
  if (!record) throw new Error('a case without a trial')
  // Only datagrams are counted, and only by these transports.
  const datagrams = records.some(each => each.datagrams_offered !== undefined)
  return {
    summary,
    run: { ...runFlags(cell, record), ...hostFlags(records) },
    sockets: socketFlags(cell, records, datagrams),
  }
}

/** `800k` where it is a whole number of KiB, else bytes. */
export function bytesFlag(bytes: number): string {
  for (const [suffix, factor] of [
    ['g', 1024 ** 3],
    ['m', 1024 ** 2],
    ['k', 1024],
  ] as const)
    if (bytes >= factor && bytes % factor === 0) return `${bytes / factor}${suffix}`
  return String(bytes)
}

function runFlags(cell: Cell, { seed, pinned_cpus }: TrialRecord) {
  return {
    engine: cell.engine,
    ip: cell.ip_family === 4 ? undefined : String(cell.ip_family),
    seed: String(seed),
    pin: pinned_cpus,
  }
}

/** Where its ends were. What rows do not tell (a token, a port) is for the reader to fill in: words in capitals. */
function hostFlags(records: readonly TrialRecord[]): Readonly<Record<string, string | undefined>> {
  const [record] = records
  const named = (name: string | undefined) => name ?? 'HOST'
  switch (record?.direction) {
    case 'send':
      return { target: 'HOST:PORT' }
    case 'forward':
      return { host: named(record.receiver_host), 'token-file': 'FILE' }
    case 'reverse':
      return { host: named(record.sender_host), reverse: '', 'token-file': 'FILE' }
    case 'bidir-forward':
      return { host: named(record.receiver_host), bidir: '', 'token-file': 'FILE' }
    case 'bidir-reverse':
      return { host: named(record.sender_host), bidir: '', 'token-file': 'FILE' }
    case 'third-party':
      return { from: named(record.sender_host), to: named(record.receiver_host), 'token-file': 'FILE' }
    default:
      return {}
  }
}

function socketFlags(
  cell: Cell,
  records: readonly TrialRecord[],
  datagrams: boolean,
): ReadonlyMap<string, Permitted> {
  const both: [string, Permitted][] = [
    ['bind', [cell.bind_asked]],
    ['interface', [cell.interface_asked]],
    ['rcvbuf', rcvbufFlag(cell, datagrams)],
    // Nothing is asked of it unless it is said.
    ['sndbuf', [optional(cell.sndbuf_asked_bytes, bytesFlag)]],
    ['dscp', [optional(cell.dscp_asked, String)]],
    ['df', [cell.df_asked]],
    ['zerocopy', [cell.zerocopy === undefined ? undefined : '']],
    ['batch', [optional(cell.batch_asked, String)]],
    ['verify', [cell.verify === 'full' ? undefined : cell.verify]],
  ]
  const kind: [string, Permitted][] = datagrams
    ? [
        ['rate', [optional(cell.rate_bps, rateFlag)]],
        ['max-datagram', [optional(cell.max_datagram_bytes, String)]],
        ['offload', [cell.offload_asked]],
      ]
    : [
        ['congestion', [cell.congestion_asked]],
        ['mss', [optional(cell.mss_asked_bytes, String)]],
        ['max-pacing', [optional(cell.max_pacing_asked_bps, rateFlag)]],
        ['no-nodelay', [records.some(each => each.nodelay === false) ? '' : undefined]],
      ]
  return new Map([...both, ...kind])
}

function rcvbufFlag({ engine, rcvbuf_asked_bytes: asked }: Cell, datagrams: boolean): Permitted {
  const chosenByUs = datagrams && engine === 'native'
  if (asked === undefined) return chosenByUs ? ['default'] : [undefined, 'default']
  return chosenByUs && asked === NATIVE_RCVBUF_BYTES ? [undefined, bytesFlag(asked)] : [bytesFlag(asked)]
}

function optional(value: number | undefined, format: (value: number) => string): string | undefined {
  return value === undefined ? undefined : format(value)
}

function rateFlag(bps: number): string {
  for (const [suffix, factor] of [
    ['G', 1e9],
    ['M', 1e6],
    ['k', 1e3],
  ] as const)
    if (bps >= factor && bps % factor === 0) return `${bps / factor}${suffix}`
  return String(bps)
}
