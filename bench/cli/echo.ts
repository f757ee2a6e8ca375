/** Describes what will be measured in full, so that `800k` is never ambiguous. Pure. */

import { harmlessName } from '../../base/foreign-text.ts'
import { sumOf } from '../../base/groups.ts'
import { counted, formatBytes, formatCount, formatDuration, formatMs, formatSpan } from '../../base/units.ts'
import { type Case, isExchange, isStream, type Plan } from '../../scenarios/plan.ts'
import { describeMaxTime, describeShare, type Until } from '../../scenarios/until.ts'
import { type Catalog, inOneDatagram } from '../../transports/catalog.ts'
import { chunkCount } from '../../transports/payload/reception.ts'
import { type Block, plansOf } from '../measure/blocks.ts'
import { roundsInAll } from '../measure/schedule.ts'

/** The plan in a line, and how long it takes at least; both plans if they read differently. */
export function describeBlock(block: Block, catalog: Catalog): string {
  const plans = plansOf(block)
  const [a = '', b] = plans.map(plan => describePlan(plan, catalog))
  const time = describeTime(plans, catalog)
  if (b === undefined) return a + time
  return (a === b ? `${a}, ${counted(block.items.length, 'pair')} a round` : `A ${a}\nB ${b}`) + time
}

/** `custom: 819,200 B in 800 chunks of 1,024 B; tcp, udp-header; 20 rounds in 5 processes, each after 1 of warm-up` */
export function describePlan(
  { scenario, cases, repeat, warmup, processes, until, timeoutMs }: Plan,
  catalog: Catalog,
): string {
  const payloads = distinct(cases.map(each => describePayload(each, catalog)))
  const shown = payloads.length > 3 ? span(cases) : payloads.join('; ')
  const first = atOnce(cases, catalog)
  const parts = [
    shown,
    ...distinct(cases.flatMap(describePace)),
    distinct(cases.map(each => each.transport)).join(', '),
    ...distinct(
      cases.flatMap(each =>
        each.rateBps === undefined
          ? []
          : [`paced at ${formatCount(each.rateBps)} bit/s${first}${pacedTime(each, catalog, timeoutMs)}`],
      ),
    ),
    until
      ? describeUntil(until, repeat, warmup)
      : `${counted(repeat, 'round')}${inProcesses(Math.min(processes, repeat), warmup)}`,
  ]
  return `${scenario}: ${parts.join('; ')}`
}

/** `; takes 24 s or more`, by what is asked for: durations, rates and pauses; empty where that is less than a second, or `--max-time` says it. */
function describeTime(plans: readonly Plan[], catalog: Catalog): string {
  const ofPlan = (plan: Plan) => {
    const rounds = roundsInAll(plan)
    const trials = rounds * plan.cases.length
    const inRound = sumOf(plan.cases, each => leastMs(each, catalog))
    return rounds * inRound + (trials - 1) * (plan.pauseMs ?? 0)
  }
  const ms = plans.some(({ until }) => until) ? 0 : sumOf(plans, ofPlan)
  return ms < SHORT_MS ? '' : `; takes ${formatSpan(ms)} or more`
}

/** How long a trial takes at least. */
function leastMs(each: Case, catalog: Catalog): number {
  const { durationMs, frames = 0, fps = Number.POSITIVE_INFINITY, messages = 0, intervalMs = 0 } = each
  return durationMs ?? Math.max((1000 * frames) / fps, messages * intervalMs, pacedMs(each, catalog))
}

type Paced = Pick<Case, 'transport' | 'sizeBytes' | 'chunkBytes' | 'workload'> & {
  readonly rateBps?: number | undefined
}

/**
 * `: 18 h a transfer`; empty if one takes less than a minute and less than its time-out. Shows up a forgotten M.
 * @param timeoutMs undefined: grows with the transfer
 */
export function pacedTime(each: Paced, catalog: Catalog, timeoutMs?: number): string {
  if (isStream(each)) return ''
  const ms = pacedMs(each, catalog)
  const over = timeoutMs !== undefined && ms > timeoutMs
  if (ms < LONG_MS && !over) return ''
  return `: ${formatSpan(ms)} a transfer${over ? `, over its --timeout of ${formatMs(timeoutMs)}` : ''}`
}

function pacedMs(each: Paced, catalog: Catalog): number {
  const { chunkBytes, rateBps = Number.POSITIVE_INFINITY } = each
  return ((chunksOf(each, catalog) - 1) * chunkBytes * 8000) / rateBps
}

/** ` (the first chunk leaves at once)`, so 10 chunks come at 10 / 9 of their rate; empty if each payload has so many that it shows little. */
export function atOnce(paced: readonly Paced[], catalog: Catalog): string {
  const few = paced.some(each => {
    const chunks = each.rateBps === undefined ? 1 : chunksOf(each, catalog)
    return chunks > 1 && chunks <= FEW_CHUNKS
  })
  return few ? ' (the first chunk leaves at once)' : ''
}

function chunksOf(each: Paced, catalog: Catalog): number {
  return inOneDatagram(catalog, each.transport) ? 1 : chunkCount(each)
}

/** With more, they come at no more than 5 % over the rate. */
const FEW_CHUNKS = 20
const LONG_MS = 60_000
const SHORT_MS = 1000

function inProcesses(processes: number, warmup: number): string {
  const after = warmup > 0 ? ` after ${warmup} of warm-up` : ''
  return processes > 1 ? ` in ${processes} processes${after && `, each${after}`}` : after
}

/** `20 rounds or more, until each median is known within ± 5 %, for at most 5m; fresh processes every 10 rounds, each after 1 of warm-up` */
function describeUntil(until: Until, repeat: number, warmup: number): string {
  const known = `until each median is known within ${describeShare(until)}, for at most ${describeMaxTime(until)}`
  const after = warmup > 0 ? `, each after ${warmup} of warm-up` : ''
  return `${counted(repeat, 'round')} or more, ${known}; fresh processes every ${until.ofProcess} rounds${after}`
}

function describePayload(each: Case, catalog: Catalog): string {
  if (isExchange(each)) return describeRequests(each)
  if (isStream(each)) return describeStream(each)
  const { frames, file, files = [], ...rest } = each
  if (frames === undefined) return describeChunks(each, catalog)
  if (files.length === 0) return `pictures of ${describeChunks(each, catalog)}`
  return `pictures of up to ${describeChunks(rest, catalog)}: ${harmlessName(file ?? '')} and ${counted(files.length, 'other file')}`
}

/** `50 pictures at 25 fps` */
function describePace({ frames, fps }: Case): readonly string[] {
  if (frames === undefined) return []
  return [`${counted(frames, 'picture')}${fps === undefined ? ', each after an answer' : ` at ${fps} fps`}`]
}

/** `800,000 B in 782 chunks of 1,024 B, the last of 256 B` */
function describeChunks(each: Case, catalog: Catalog): string {
  const { sizeBytes, chunkBytes } = each
  const count = chunkCount(each)
  const last = sizeBytes - (count - 1) * chunkBytes
  const name = each.file === undefined ? '' : `${harmlessName(each.file)}, `
  if (inOneDatagram(catalog, each.transport)) return `${name}${formatBytes(sizeBytes)} in one datagram`
  if (count === 1) return `${name}${formatBytes(sizeBytes)} in 1 chunk`
  const short = last === chunkBytes ? '' : `, the last of ${formatBytes(last)}`
  return `${name}${formatBytes(sizeBytes)} in ${formatCount(count)} chunks of ${formatBytes(chunkBytes)}${short}`
}

/** `4 streams of 10 s in chunks of 1,024 B` */
function describeStream({ durationMs = 0, omitMs, streams = 1, chunkBytes }: Case): string {
  const start = omitMs === undefined ? '' : `, of which ${formatDuration(omitMs)} do not count,`
  return `${counted(streams, 'stream')} of ${formatDuration(durationMs)}${start} in chunks of ${formatBytes(chunkBytes)}`
}

/** `100 requests of 64 B, 10 ms apart` */
function describeRequests({ sizeBytes, messages, durationMs, intervalMs }: Case): string {
  const requests = messages === undefined ? 'requests' : counted(messages, 'request')
  const loop =
    intervalMs === undefined
      ? 'each after the answer to the one before'
      : `${formatDuration(intervalMs)} apart`
  const time = durationMs === undefined ? '' : `for ${formatDuration(durationMs)}, `
  return `${time}${requests} of ${formatBytes(sizeBytes)}, ${loop}`
}

/** `2 sizes (2,048 B to 4,096 B); 3 chunk sizes (512 B to 2,048 B)` */
function span(cases: readonly Case[]): string {
  const of = (what: string, format: (value: number) => string, values: readonly number[]) => {
    const all = [...new Set(values)].sort((a, b) => a - b)
    const [low = 0, high = low] = [all[0], all.at(-1)]
    if (all.length < 2) return all.map(value => `${what} ${format(value)}`)
    return [`${all.length} ${what}s (${format(low)} to ${format(high)})`]
  }
  const sizes = cases.flatMap(each => (isStream(each) ? [] : [each.sizeBytes]))
  return [
    ...of('size', formatBytes, sizes),
    ...of(
      'chunk size',
      formatBytes,
      cases.map(each => each.chunkBytes),
    ),
    ...of(
      'stream count',
      formatCount,
      cases.flatMap(each => (isStream(each) ? [each.streams ?? 1] : [])),
    ),
  ].join('; ')
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)]
}
