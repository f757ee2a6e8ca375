/**
 * Round trips: ours beside sockperf (closed loop) and irtt (open loop), in turn, round by round. Whoever waits for an answer blocks in a
 * system call, in every program.
 */
import * as z from 'zod'
import { SetupError } from '../../../base/errors.ts'
import { runScenario } from '../../../bench/index.ts'
import type { Pins } from '../../../scenarios/settings/words.ts'
import { Child } from './child.ts'
import { freePort } from './ports.ts'

const MESSAGE_BYTES = 64
/** sockperf's shortest: whole seconds. */
const LASTS_S = 1
const VERSION_LIMIT_MS = 5000
const CLIENT_LIMIT_MS = 20_000
const SERVER_LIMIT_MS = CLIENT_LIMIT_MS + 10_000
const INTERVAL_MS = 1

/** What ours and one other program do. */
export interface Talk {
  readonly name: string
  readonly transport: string
  readonly peer: 'sockperf' | 'irtt'
  /** Open loop; closed if absent. */
  readonly intervalMs?: number
}

export const TALKS: readonly Talk[] = [
  { name: 'udp, ping-pong', transport: 'echo-udp', peer: 'sockperf' },
  { name: 'tcp, ping-pong', transport: 'echo-tcp', peer: 'sockperf' },
  { name: 'udp, every 1 ms', transport: 'echo-udp', peer: 'irtt', intervalMs: INTERVAL_MS },
]

/** Round trips of one round, in ms. */
interface Trips {
  readonly p50_ms: number
  readonly p99_ms?: number | undefined
  readonly count: number
  readonly problem?: string | undefined
}

export interface TalkRound {
  readonly ours: Trips
  readonly peer: Trips
}

export interface Paths {
  readonly sockperf: string
  readonly irtt: string
}

export const METHODS = {
  ours: 'from when a request was due until its answer came; in a closed loop that is from its send call, in an open one its lateness is included',
  sockperf: 'it prints half of a round trip: doubled, from its send call',
  irtt: 'from its send call, without its lateness; irtt server -i 1ms, client --tstamp=none --stats=none',
} as const

/** The version of each program that the talks need. @throws SetupError when one is missing */
export async function versions(
  paths: Paths,
  signal: AbortSignal,
): Promise<Readonly<Record<keyof Paths, string>>> {
  const version = async (path: string, word: string, pattern: RegExp, name: string) => {
    await using probe = new Child(path, [word], VERSION_LIMIT_MS, signal)
    const found = pattern.exec(await probe.output().catch(() => ''))?.[1]
    if (found === undefined)
      throw new SetupError(
        `no ${name} at ${JSON.stringify(path)}; apt-get install ${name}, or leave latency out of --only`,
      )
    return found
  }
  return {
    sockperf: await version(paths.sockperf, '--version', /sockperf, version (\S+)/, 'sockperf'),
    irtt: await version(paths.irtt, 'version', /irtt version: (\S+)/, 'irtt'),
  }
}

export async function measureTalk(
  talk: Talk,
  paths: Paths,
  rounds: number,
  pins: Pins | undefined,
  signal: AbortSignal,
): Promise<readonly TalkRound[]> {
  const measured: TalkRound[] = []
  const { transport, intervalMs } = talk
  const loop = intervalMs === undefined ? { 'ping-pong': true } : { interval: `${intervalMs}ms` }
  const scenario = { transport, size: MESSAGE_BYTES, duration: `${LASTS_S}s`, repeat: rounds, ...loop }
  for await (const record of runScenario(scenario, { signal, pins })) {
    const { outcome, error_code: code } = record
    const ours = {
      p50_ms: record.rtt_p50_ms ?? Number.NaN,
      p99_ms: record.rtt_p99_ms,
      count: record.answered ?? 0,
      ...(outcome === 'completed' || outcome === 'incomplete' ? {} : { problem: `${outcome} ${code ?? ''}` }),
    }
    measured.push({ ours, peer: await (talk.peer === 'irtt' ? irtt : sockperf)(talk, paths, pins, signal) })
  }
  return measured
}

async function sockperf(
  { transport }: Talk,
  { sockperf: path }: Paths,
  pins: Pins | undefined,
  signal: AbortSignal,
) {
  const protocol = transport.endsWith('tcp') ? 'tcp' : 'udp'
  const port = await freePort(protocol)
  const common = ['-i', '127.0.0.1', '-p', String(port), ...(protocol === 'tcp' ? ['--tcp'] : [])]
  await using server = new Child(path, ['server', ...common], SERVER_LIMIT_MS, signal, pins?.receiver)
  await server.listening(protocol, port)
  const asking = ['ping-pong', '-m', String(MESSAGE_BYTES), '-t', String(LASTS_S), ...common]
  await using client = new Child(path, asking, CLIENT_LIMIT_MS, signal, pins?.sender)
  const told = await client.output()
  const number = (pattern: RegExp) => Number(pattern.exec(told)?.[1] ?? Number.NaN)
  const [halfUs, half99Us] = [
    number(/percentile 50\.000 =\s+([\d.]+)/),
    number(/percentile 99\.000 =\s+([\d.]+)/),
  ]
  if (Number.isNaN(halfUs))
    throw new SetupError('sockperf: did not find percentile 50.000 in what it printed')
  return {
    p50_ms: (2 * halfUs) / 1000,
    p99_ms: (2 * half99Us) / 1000,
    count: number(/Total (\d+) observations/),
  }
}

const irttSchema = z.object({
  stats: z.object({ rtt: z.object({ median: z.number(), n: z.number() }) }),
  round_trips: z.array(z.object({ delay: z.object({ rtt: z.number().optional() }) })),
})

async function irtt(
  { intervalMs }: Talk,
  { irtt: path }: Paths,
  pins: Pins | undefined,
  signal: AbortSignal,
) {
  const port = await freePort('udp')
  const [at, interval] = [`127.0.0.1:${port}`, `${intervalMs}ms`]
  await using server = new Child(
    path,
    ['server', '-i', interval, '-b', at],
    SERVER_LIMIT_MS,
    signal,
    pins?.receiver,
  )
  await server.listening('udp', port)
  const shape = ['-i', interval, '-l', String(MESSAGE_BYTES), '--stats=none', '--tstamp=none', '--wait=100ms']
  const asking = ['client', '-Q', '-d', `${LASTS_S}s`, ...shape, '-o', '-', at]
  await using client = new Child(path, asking, CLIENT_LIMIT_MS, signal, pins?.sender)
  const { stats, round_trips: trips } = irttSchema.parse(JSON.parse(await client.output()))
  const sorted = trips.flatMap(({ delay }) => delay.rtt ?? []).sort((one, other) => one - other)
  const p99 = sorted[Math.ceil(0.99 * sorted.length) - 1]
  return {
    p50_ms: stats.rtt.median / 1e6,
    p99_ms: p99 === undefined ? undefined : p99 / 1e6,
    count: stats.rtt.n,
  }
}
