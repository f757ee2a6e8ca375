/** A run of a fleet of simulated hosts, over a real NATS server, measured by the program in a process of its own. Linux. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { monotonic } from '../../base/clock.ts'
import { type Bus, connectBus } from '../../bench/fleet/bus/connection.ts'
import { readRun } from '../../bench/fleet/bus/rows.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { type Running, startBench } from '../e2e/cli.ts'
import { readCsv } from '../e2e/rows.ts'
import { NatsServer } from './nats.ts'
import { SimulatedHosts } from './simulated-hosts.ts'

const LOOK_EVERY_MS = 50
/** How long the server is watched while nothing but presence goes through it. */
const IDLE_MS = 10_000

/** What a server has carried, both ways. */
export interface Carried {
  readonly messages: number
  readonly bytes: number
}

export interface Simulation {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly rows: readonly TrialRecord[]
  readonly stored: readonly TrialRecord[]
  /** What hosts saw that must not be. */
  readonly violations: readonly string[]
  readonly joinMs: number
  readonly runMs: number
  /** The most memory that the coordinator had, in MiB. */
  readonly peakMiB: number
  /** A second of presence of all hosts, if that was asked for; and the run, with presence. */
  readonly idle: Carried | undefined
  readonly run: Carried
}

/** @param words of `bench fleet run`, beside where hosts and rows are @param prepare done at the server before hosts join */
export async function simulateFleet(
  hostCount: number,
  words: readonly string[],
  {
    watchIdle = false,
    prepare = async () => {},
  }: { readonly watchIdle?: boolean; readonly prepare?: (bus: Bus) => Promise<void> } = {},
): Promise<Simulation> {
  const cwd = mkdtempSync(join(tmpdir(), 'bench-simulation-'))
  await using server = await NatsServer.start({ config: 'http: "127.0.0.1:-1"' })
  try {
    await using bus = await connectBus({ host: server.host, port: server.port, tls: false })
    await prepare(bus)
    const startedAt = monotonic()
    await using hosts = await SimulatedHosts.join(server, hostCount)
    const joinMs = monotonic() - startedAt
    const before = await carriedBy(server)
    if (watchIdle) await sleep(IDLE_MS)
    const idleMs = monotonic() - startedAt - joinMs
    const atStart = await carriedBy(server)
    const runAt = monotonic()
    const file = join(cwd, 'f.csv')
    await using running = startBench(['fleet', 'run', '--hosts', server.url, '--out', file, ...words], {
      cwd,
    })
    const peakMiB = await peakOf(running)
    const { code, stdout, stderr } = await running.ended
    const runMs = monotonic() - runAt
    const run = less(await carriedBy(server), atStart)
    const rows = readCsv(file)
    const { records: stored } = await readRun(bus, rows[0]?.run_id ?? '', new AbortController().signal)
    const idle = watchIdle ? perSecond(less(atStart, before), idleMs) : undefined
    const { violations } = hosts
    return { code, stdout, stderr, rows, stored, violations, joinMs, runMs, peakMiB, idle, run }
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
}

/** Resolves when it has ended. */
async function peakOf(running: Running): Promise<number> {
  let isOver = false
  void running.ended.then(() => {
    isOver = true
  })
  let peakMiB = 0
  while (!isOver) {
    peakMiB = Math.max(peakMiB, highWaterMiB(running.pid))
    await sleep(LOOK_EVERY_MS)
  }
  return peakMiB
}

/** 0 when it has ended. */
function highWaterMiB(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

async function carriedBy(server: NatsServer): Promise<Carried> {
  const monitor = /Starting http monitor on (\S+)/.exec(server.log)?.[1]
  assert(monitor)
  const answer = await fetch(`http://${monitor}/varz`)
  const {
    in_msgs = 0,
    out_msgs = 0,
    in_bytes = 0,
    out_bytes = 0,
  } = (await answer.json()) as {
    readonly [name: string]: number
  }
  return { messages: in_msgs + out_msgs, bytes: in_bytes + out_bytes }
}

function less(a: Carried, b: Carried): Carried {
  return { messages: a.messages - b.messages, bytes: a.bytes - b.bytes }
}

function perSecond({ messages, bytes }: Carried, ms: number): Carried {
  return { messages: (1000 * messages) / ms, bytes: (1000 * bytes) / ms }
}
