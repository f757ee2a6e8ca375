/** Figures of all rounds -> medians and paired ratios -> the JSON document, or a table with how each figure came about. Pure. */

import { formatPercent, formatRate, formatSize } from '../../../base/units.ts'
import { environment } from '../../../bench/fleet/facts/environment.ts'
import { wrapWords } from '../../../results/document/text.ts'
import { median } from '../../../results/statistics/quantiles.ts'
import { plainTable } from '../plain-table.ts'
import { METHOD as OUR_METHOD } from './ours.ts'
import type { Figure, Peer, Setting } from './peer.ts'

const PROGRAMS = ['ours', 'iperf3', 'sockperf'] as const
type Program = (typeof PROGRAMS)[number]
/** What each measured in one round. */
export type Round = Readonly<Partial<Record<Program, Figure>>>

export interface Row {
  readonly setting: Setting
  readonly rounds: readonly Round[]
}

interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** One document: everything that the table shows, each round, and what the table leaves out. */
export function reportJson(rows: readonly Row[], peers: readonly Peer[]) {
  const { host: _, bench_version, ...machine } = environment()
  const programs = [
    { name: 'ours', version: bench_version, method: OUR_METHOD },
    ...peers.map(({ name, version, method }) => ({ name, version, method })),
  ]
  return { machine, programs, settings: rows.map(settingJson) }
}

/** For a terminal of `width` columns. */
export function reportText(rows: readonly Row[], peers: readonly Peer[], width: number): string {
  const head = ['', ...PROGRAMS, 'ours / iperf3', 'ours / better peer']
  const table = plainTable(
    head,
    rows.map(row => [row.setting.name, ...PROGRAMS.map(each => figureCell(row, each)), ...ratioCells(row)]),
  )
  return [table, '', ...notes(rows, peers).flatMap(note => wrapWords(note, width, '  '))].join('\n')
}

function settingJson({ setting, rounds }: Row) {
  return {
    setting: setting.name,
    protocol: setting.protocol,
    offload: setting.group === 'offload',
    verify: setting.verify ?? 'full',
    chunk_bytes: setting.chunkBytes,
    size_bytes: setting.sizeBytes,
    buffer_asked_bytes: setting.bufferBytes,
    medians: Object.fromEntries(PROGRAMS.map(each => [each, mediansOf(rounds, each)])),
    ratio_to_iperf3: spreadOf(rounds.map(toIperf3)),
    ratio_to_better_peer: spreadOf(rounds.map(toBetterPeer)),
    rounds: rounds.map((round, index) => ({
      round: index + 1,
      ...Object.fromEntries(PROGRAMS.map(each => [each, round[each]])),
      ratio_to_iperf3: toIperf3(round),
      ratio_to_better_peer: toBetterPeer(round),
    })),
  }
}

function mediansOf(rounds: readonly Round[], program: Program): Figure | undefined {
  const known = (key: 'goodput_bps' | 'loss_ratio' | 'rcvbuf_bytes') =>
    median(rounds.map(round => round[program]?.[key]).filter(isNumber))
  const figure = {
    goodput_bps: known('goodput_bps'),
    loss_ratio: known('loss_ratio'),
    rcvbuf_bytes: known('rcvbuf_bytes'),
  }
  return figure.goodput_bps === undefined ? undefined : figure
}

function toIperf3({ ours, iperf3 }: Round): number | undefined {
  return ratio(ours?.goodput_bps, iperf3?.goodput_bps)
}

function toBetterPeer({ ours, iperf3, sockperf }: Round): number | undefined {
  const peers = [iperf3?.goodput_bps, sockperf?.goodput_bps].filter(isNumber)
  return ratio(ours?.goodput_bps, peers.length > 0 ? Math.max(...peers) : undefined)
}

function ratio(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || !other ? undefined : one / other
}

function spreadOf(values: readonly (number | undefined)[]): Spread | undefined {
  const known = values.filter(isNumber)
  const middle = median(known)
  return middle === undefined
    ? undefined
    : { median: middle, min: Math.min(...known), max: Math.max(...known) }
}

function figureCell({ rounds }: Row, program: Program): string {
  const figure = mediansOf(rounds, program)
  if (figure?.goodput_bps === undefined) return '–'
  const rate = formatRate(figure.goodput_bps)
  return figure.loss_ratio === undefined ? rate : `${rate}\n${formatPercent(figure.loss_ratio)} lost`
}

function ratioCells({ rounds, setting }: Row): readonly string[] {
  const better = setting.protocol === 'tcp' ? undefined : spreadOf(rounds.map(toBetterPeer))
  return [spreadOf(rounds.map(toIperf3)), better].map(spread =>
    spread ? `${shown(spread.median)}\n${shown(spread.min)} – ${shown(spread.max)}` : '–',
  )
}

function shown(value: number): string {
  return value.toFixed(2)
}

function notes(rows: readonly Row[], peers: readonly Peer[]): readonly string[] {
  const rounds = Math.max(0, ...rows.map(row => row.rounds.length))
  const sizes = [
    ...new Set(rows.flatMap(({ setting: { sizeBytes } }) => (sizeBytes > 0 ? formatSize(sizeBytes) : []))),
  ].join(' or ')
  const offload = rows.find(row => row.setting.group === 'offload')
  return [
    `Medians of ${rounds === 1 ? '1 round' : `${rounds} rounds`}; ratios are paired by round: their median, and below it the least and the greatest. ${sizes === '' ? 'Streams last 5 s' : `Each transfer is ${sizes}`}, unpaced, over loopback; TCP without TCP_NODELAY.`,
    ...verifyNotes(rows),
    ...bufferNotes(rows),
    ...(offload ? [offloadNote(offload)] : []),
    `Goodput of ours: ${OUR_METHOD}.`,
    ...peers.map(({ name, version, method }) => `Goodput of ${name} ${version}: ${method}.`),
    ...(peers.some(peer => peer.name === 'sockperf')
      ? [countNote(rows)]
      : ['sockperf is not there: its column is empty. apt-get install sockperf, or --sockperf PATH.']),
  ].filter(note => note !== '')
}

/** The peers compare nothing. */
function verifyNotes(rows: readonly Row[]): readonly string[] {
  const modes = new Set(rows.map(row => row.setting.verify ?? 'full'))
  return modes.has('full')
    ? ['Ours compares every byte that arrives; the peers look at none.']
    : [
        'Of what arrives ours reads the index of each datagram, and over TCP nothing (--verify index); the peers look at nothing.',
      ]
}

function bufferNotes(rows: readonly Row[]): readonly string[] {
  const asked = rows.find(row => row.setting.group === 'udp')?.setting.bufferBytes
  return [
    ...(asked === undefined ? [] : [`UDP: all asked for send and receive buffers of ${formatSize(asked)}.`]),
    ...(rows.some(row => row.setting.protocol === 'tcp') ? ['TCP: the system’s own buffers.'] : []),
  ]
}

function offloadNote({ setting, rounds }: Row): string {
  const given = mediansOf(rounds, 'ours')?.rcvbuf_bytes
  const [asked, others] = [setting.sizeBytes, setting.bufferBytes ?? 0].map(formatSize)
  const note = `offload: ours with UDP GSO and GRO and a receive buffer as large as the transfer (${asked}), the peers without, with ${others}.`
  // Twice what was asked for is what Linux gives.
  return given !== undefined && given < setting.sizeBytes
    ? `${note} The system gave ${formatSize(given)}: raise net.core.rmem_max.`
    : note
}

/** sockperf's server and the kernel have to agree. */
function countNote(rows: readonly Row[]): string {
  const unexplained = rows
    .flatMap(row => row.rounds.map(round => round.sockperf?.details?.['unexplained_messages']))
    .filter(isNumber)
  if (unexplained.length === 0) return ''
  const off = unexplained.filter(messages => messages !== 0).length
  return off === 0
    ? 'In each round what sockperf counted was what it sent less the drops of its socket in /proc/net/udp.'
    : `In ${off} of ${unexplained.length} rounds what sockperf counted was not what it sent less the drops of its socket in /proc/net/udp: see --json.`
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}
