/** The kernel emulates the way: tc(8) sets the queues of the devices between two namespaces, and says what they dropped. This process is between them. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import * as z from 'zod'
import {
  type Link,
  type LinkCounts,
  noCounts,
  queueOf,
  type Way,
} from '../../../transports/impairment/spec.ts'
import type { FromAgent, Prepare } from '../calls/agent-calls.ts'
import { type Apart, BETWEEN } from '../calls/handle.ts'
import type { End } from './end.ts'

const run = promisify(execFile)
/** tbf sends so much at once: two packets, or what a rate lets through between two ticks. */
const TICK_MS = 1
const ETHERNET_BYTES = 14
const MOST_PACKETS = 1_000_000
/** As of Ethernet. */
const MTU_BYTES = 1500

/** @throws Error that names what this kernel lacks */
export async function shapingEnd(
  trial: number,
  apart: Apart,
  { to, way, ports = [to.port] }: NonNullable<Prepare['relay']>,
  post: (message: FromAgent) => void,
): Promise<End> {
  const { device, sender, receiver } = apart
  await setMtu(way, device, [sender, receiver])
  await shape(BETWEEN.up, way.up)
  await shape(BETWEEN.down, way.down)
  const [upBefore, downBefore] = [await countsAt(BETWEEN.up), await countsAt(BETWEEN.down)]
  // Its counts are of queues for a rate alone, and of all flows together: of anything else nothing is known.
  const isKnown = [way.up, way.down].every(each => isQueueAlone(each)) && ports.length === 1
  return {
    endpoint: to,
    async settle() {
      const up = since(upBefore, await countsAt(BETWEEN.up))
      const down = since(downBefore, await countsAt(BETWEEN.down))
      post({ type: 'relay-report', trial, reports: isKnown ? [{ up, down, lateMs: 0, drops: 0 }] : [] })
    },
    async [Symbol.asyncDispose]() {},
  }
}

/** Of what both ends send; no more than a packet at a time is to meet what is emulated. */
async function setMtu({ up, down }: Way, device: string, [sender, receiver]: readonly [number, number]) {
  const { mtuBytes: upBytes = MTU_BYTES } = up
  const { mtuBytes: downBytes = MTU_BYTES } = down
  for (const name of Object.values(BETWEEN))
    await run('ip', ['link', 'set', 'dev', name, 'mtu', String(Math.max(upBytes, downBytes))])
  for (const [pid, bytes] of [
    [sender, upBytes],
    [receiver, downBytes],
  ] as const) {
    const words = ['ip', 'link', 'set', 'dev', device, 'mtu', String(bytes), 'gso_max_segs', '1']
    await run('nsenter', ['-t', String(pid), '-n', ...words])
  }
}

function isQueueAlone(link: Link): boolean {
  return link.rateBps !== undefined && netemWords(link).length === 0
}

async function shape(device: string, link: Link): Promise<void> {
  const netem = netemWords(link)
  const queue = (...words: readonly string[]) => run('tc', ['qdisc', 'add', 'dev', device, ...words])
  // There is none in the first trial.
  await run('tc', ['qdisc', 'del', 'dev', device, 'root']).catch(() => {})
  const { rateBps, mtuBytes = MTU_BYTES } = link
  // netem's limit is of packets, the delayed ones included: a rate and its queue are within it, in bytes.
  if (netem.length > 0)
    await queue('root', 'handle', '1:', 'netem', ...netem, 'limit', String(MOST_PACKETS)).catch(error =>
      lacks('netem', chancesIn(link), error),
    )
  if (rateBps !== undefined) {
    const place = netem.length > 0 ? ['parent', '1:1'] : ['root']
    const burst = Math.ceil(Math.max(2 * (mtuBytes + ETHERNET_BYTES), (rateBps / 8000) * TICK_MS))
    const words = [
      'rate',
      `${Math.round(rateBps)}bit`,
      'burst',
      `${burst}b`,
      'limit',
      `${Math.round(queueOf(link)) + burst}b`,
    ]
    await queue(...place, 'tbf', ...words).catch(error => lacks('tbf', ['rate'], error))
  }
}

function lacks(name: string, what: readonly string[], error: unknown): never {
  const said =
    typeof error === 'object' && error !== null && 'stderr' in error ? String(error.stderr) : String(error)
  const line = said.trim().split('\n')[0] ?? ''
  const isMissing = /unknown qdisc|specified qdisc|not found|no such file/i.test(line)
  const why = isMissing
    ? `, since this kernel has no ${name}: ${line}; leave that out`
    : `: ${line}; change that`
  throw Object.assign(new Error(`tc cannot apply ${what.join(', ')}${why}, or choose --impair-with tun`), {
    code: 'NO_QDISC',
  })
}

function chancesIn({ delay, loss, duplicate, corrupt, reorder }: Link): readonly string[] {
  return Object.entries({ delay, loss, duplicate, corrupt, reorder }).flatMap(([name, value]) =>
    value ? [name] : [],
  )
}

/** In the order of tc-netem(8). */
function netemWords({ delay, loss, duplicate, corrupt, reorder }: Link): readonly string[] {
  const chance = (name: string, value: typeof duplicate) =>
    value ? [name, share(value.share), ...some(value.correlation, share)] : []
  const words = [
    ...(delay
      ? [
          ...['delay', ms(delay.ms), ...some(delay.jitterMs, ms), ...some(delay.correlation, share)],
          ...(delay.distribution === undefined || delay.distribution === 'uniform'
            ? []
            : ['distribution', delay.distribution]),
        ]
      : []),
    ...(loss === undefined
      ? []
      : 'share' in loss
        ? chance('loss', loss)
        : ['loss', 'gemodel', ...[loss.toBad, loss.toGood, loss.inBad, loss.inGood].map(share)]),
    ...chance('duplicate', duplicate),
    ...chance('corrupt', corrupt),
    ...chance('reorder', reorder),
  ]
  return words
}

function some<T>(value: T | undefined, format: (value: T) => string): readonly string[] {
  return value === undefined ? [] : [format(value)]
}

function share(value: number): string {
  return `${Number((value * 100).toPrecision(12))}%`
}

function ms(value: number): string {
  return `${value}ms`
}

const queues = z.array(z.object({ packets: z.number().optional(), drops: z.number().optional() }))
type Counts = Pick<LinkCounts, 'passed' | 'dropped'>

/** Packets that its queues have passed on, and dropped. */
async function countsAt(device: string): Promise<Counts> {
  const { stdout } = await run('tc', ['-s', '-j', 'qdisc', 'show', 'dev', device])
  const shown = queues.parse(JSON.parse(stdout || '[]'))
  // A queue counts what those within it drop.
  return { passed: shown[0]?.packets ?? 0, dropped: Math.max(0, ...shown.map(each => each.drops ?? 0)) }
}

function since(before: Counts, now: Counts): LinkCounts {
  const passed = now.passed - before.passed
  const dropped = now.dropped - before.dropped
  return { ...noCounts(), taken: passed + dropped, passed, dropped }
}
