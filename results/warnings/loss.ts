/** Warnings about datagrams that were accepted and did not arrive, each with the flag that would mend it. */
import { formatBytes, formatCount, formatPercent } from '../../bench/units.ts'
import { datagramBytes } from '../cells.ts'
import type { TrialRecord } from '../columns.ts'
import { rateFlag } from '../format.ts'
import { type CaseSummary, known, mainCause } from '../summary.ts'
import { cellsOf, nameCases, type Rule, type Warning } from './warning.ts'

export const lossRules: readonly Rule[] = [
  summaries => {
    const cases = lossy(summaries).filter(each => mainCause(each) === 'receive buffer')
    return lossWarning('loss-receive-buffer', cases, summaries, `in the receive buffer${bufferNote(cases)}`)
  },
  summaries => {
    const cases = lossy(summaries).filter(each => mainCause(each) === 'elsewhere')
    return lossWarning('loss-elsewhere', cases, summaries, 'on the way, not in the receive buffer')
  },
  summaries => {
    const cases = lossy(summaries).filter(each => mainCause(each) === undefined)
    return lossWarning('loss', cases, summaries, 'and the kernel does not tell where')
  },
  protocolPartLost,
  lateDatagrams,
]

function lossy(summaries: readonly CaseSummary[]): readonly CaseSummary[] {
  return summaries.filter(each => each.loss !== undefined && each.loss.lost > 0)
}

function lossWarning(
  code: Warning['code'],
  cases: readonly CaseSummary[],
  all: readonly CaseSummary[],
  where: string,
): Warning | undefined {
  if (cases.length === 0) return undefined
  const ratios = cases.map(each => each.loss?.ratio ?? 0)
  const share = formatPercentRange(Math.min(...ratios), Math.max(...ratios))
  return {
    code,
    message: `${nameCases(cases, all)}: ${share} of the datagrams lost ${where}`,
    remedy: remedyOf(cases, code !== 'loss-elsewhere'),
    cells: cellsOf(cases),
  }
}

function formatPercentRange(low: number, high: number): string {
  const [from, to] = [formatPercent(low), formatPercent(high)]
  return from === to ? from : `${from} to ${to}`
}

/** `: its 212,992 B hold about 92 datagrams of 1,024 B`, where that is known of these cases and the same for all. */
function bufferNote(cases: readonly CaseSummary[]): string {
  const notes = new Set(
    cases.map(each => {
      const buffer = known(each.records, record => record.rcvbuf_bytes)[0]
      const length = datagramBytes(each.cell)
      if (buffer === undefined || each.records[0]?.os !== 'linux') return ''
      const count = Math.floor(buffer / linuxTruesize(length))
      return `: its ${formatBytes(buffer)} hold about ${formatCount(count)} datagrams of ${formatBytes(length)}`
    }),
  )
  return notes.size === 1 ? ([...notes][0] ?? '') : ''
}

/**
 * Bytes of the receive buffer that Linux charges for a queued datagram (skb->truesize over loopback), approximately: up to
 * about 16 KB the data and its header take a slab of a power of two (SLUB), above that page fragments; 212,992 bytes hold
 * 92 datagrams of 1,024 bytes, 12 of 9,216 and 3 of 65,507 (measured on Linux 6.18).
 */
export function linuxTruesize(lengthBytes: number): number {
  if (lengthBytes > 15_900) return lengthBytes + 1000
  return 256 + Math.max(512, 2 ** Math.ceil(Math.log2(lengthBytes + 384)))
}

/** `--rcvbuf 4m, or --rate 400M`: a buffer for the burst, or the rate at which it arrived, less a fifth. */
function remedyOf(cases: readonly CaseSummary[], bufferHelps: boolean): string {
  const arrived = known(cases, each => each.goodput?.medianBps).filter(bps => bps > 0)
  const slowest = arrived.length > 0 ? Math.min(...arrived) : undefined
  const uneven = slowest !== undefined && slowest < Math.max(...arrived) / 2
  const rate = `pace with --rate${slowest ? ` ${rateFlag(slowest * 0.8)}` : ''}${uneven ? ' (for the slowest)' : ''}`
  const asked = Math.max(0, ...known(cases, each => each.cell.rcvbuf_asked_bytes))
  if (!bufferHelps) return rate
  return `${asked < 4 * 1024 ** 2 ? 'try --rcvbuf 4m' : 'a larger --rcvbuf'}, or ${rate}`
}

const PARTS: Readonly<Record<string, string>> = {
  BEGIN_LOST: 'begin marker',
  END_LOST: 'end marker',
  HEADER_LOST: 'length header',
  ACK_LOST: 'acknowledgement',
}

function protocolPartLost(summaries: readonly CaseSummary[]): Warning | undefined {
  const isLost = (record: TrialRecord) => record.error_code !== undefined && record.error_code in PARTS
  const cases = summaries.filter(each => each.records.some(isLost))
  if (cases.length === 0) return undefined
  const trials = cases.flatMap(each => each.records.filter(isLost))
  const parts = [...new Set(known(trials, each => PARTS[each.error_code ?? '']))].join(' or ')
  return {
    code: 'protocol-part-lost',
    message: `${nameCases(cases, summaries)}: the ${parts} was lost in ${formatTrials(trials.length)}`,
    remedy: 'the format has no second one; pace with --rate or try --rcvbuf 4m, as for lost data',
    cells: cellsOf(cases),
  }
}

function lateDatagrams(summaries: readonly CaseSummary[]): Warning | undefined {
  const late = (each: CaseSummary) =>
    known(each.records, record => record.datagrams_late).reduce((total, count) => total + count, 0)
  const cases = summaries.filter(each => late(each) > 0)
  if (cases.length === 0) return undefined
  const count = cases.reduce((total, each) => total + late(each), 0)
  return {
    code: 'late-datagrams',
    message: `${nameCases(cases, summaries)}: ${formatCount(count)} ${count === 1 ? 'datagram' : 'datagrams'} came after the drain had ended and count as lost`,
    remedy: 'wait longer with --drain 1s',
    cells: cellsOf(cases),
  }
}

function formatTrials(count: number): string {
  return count === 1 ? '1 trial' : `${formatCount(count)} trials`
}
