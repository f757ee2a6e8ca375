/**
 * `npm run bench:scale`: that size and number cost neither memory nor time. A 10 GiB TCP transfer and a 2 GiB paced UDP one with the
 * memory of both agents watched, then 10,000 trials of 4 KiB. Prints a table; exits with 1 when a bound is broken. Linux.
 */
import { runScenario, type ScenarioInput, type TrialRecord } from '../../bench/index.ts'
import { median } from '../../results/statistics/quantiles.ts'
import { childPids, usageOf } from './processes.ts'
import { say } from './tool.ts'

const MEMORY_LIMIT_MIB = 200
const OVERHEAD_LIMIT_MS = 10
const GROWTH_LIMIT_MIB = 20

interface Figures {
  readonly records: readonly TrialRecord[]
  /** Largest resident memory of an agent, in MiB, early on and at the end. */
  readonly early: number
  readonly peak: number
  /** Wall time of each trial beyond the transfer itself, in ms. */
  readonly overheads: readonly number[]
}

let broken = 0

await large('TCP, 10 GiB', {
  size: '10G',
  chunk: '64k',
  transport: 'tcp',
  repeat: 1,
  warmup: 0,
  timeout: '5m',
})
await large('UDP, 2 GiB paced at 1 Gbit/s', {
  size: '2G',
  chunk: 8192,
  transport: 'udp-marker',
  rate: '1G',
  rcvbuf: '4m',
  repeat: 1,
  warmup: 0,
  timeout: '5m',
})
await many({
  size: '4k',
  chunk: 1024,
  transport: ['tcp', 'udp-header', 'udp-marker', 'udp-datagram'],
  repeat: 2500,
})
process.exitCode = broken > 0 ? 1 : 0

async function large(title: string, scenario: ScenarioInput): Promise<void> {
  const { records, peak } = await measured(scenario)
  const [record] = records
  const gbps = ((record?.goodput_bps ?? 0) / 1e9).toFixed(2)
  const loss = record?.loss_ratio === undefined ? '' : `, loss ${(record.loss_ratio * 100).toFixed(3)} %`
  say(`${title}: ${record?.outcome} ${record?.error_code ?? ''}, ${gbps} Gbit/s${loss}`)
  verdict('  largest agent', peak, MEMORY_LIMIT_MIB, 'MiB')
  if (record?.outcome !== 'completed' && record?.outcome !== 'incomplete') broken++
}

async function many(scenario: ScenarioInput): Promise<void> {
  const { records, early, peak, overheads } = await measured(scenario)
  const completed = records.filter(each => each.outcome === 'completed').length
  say(`${records.length} trials of 4 KiB: ${completed} completed`)
  verdict('  growth of the largest agent after a tenth of the run', peak - early, GROWTH_LIMIT_MIB, 'MiB')
  verdict('  median overhead of a trial', median(overheads) ?? Number.NaN, OVERHEAD_LIMIT_MS, 'ms')
}

async function measured(scenario: ScenarioInput): Promise<Figures> {
  const records: TrialRecord[] = []
  const overheads: number[] = []
  let begunAt = 0
  let early = 0
  let peak = 0
  const watch = setInterval(() => {
    peak = Math.max(peak, agentMemoryMiB())
  }, 200)
  const began = () => {
    begunAt = performance.now()
  }
  const options = { signal: new AbortController().signal, began }
  for await (const record of runScenario(scenario, options)) {
    overheads.push(performance.now() - begunAt - Math.max(record.total_ms ?? 0, record.delivery_ms ?? 0))
    records.push(record)
    if (records.length === 1000) early = agentMemoryMiB()
    if (records.length % 1000 === 0) peak = Math.max(peak, agentMemoryMiB())
  }
  clearInterval(watch)
  return { records, early, peak, overheads }
}

/** Resident memory of the larger agent. */
function agentMemoryMiB(): number {
  return Math.max(0, ...childPids().map(pid => usageOf(pid)?.residentMiB ?? 0))
}

function verdict(what: string, value: number, limit: number, unit: string): void {
  const ok = value <= limit
  if (!ok) broken++
  say(`${what}: ${value.toFixed(1)} ${unit} (at most ${limit} ${unit})${ok ? '' : '  BROKEN'}`)
}
