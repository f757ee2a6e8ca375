/** Which datagram size gives the highest median goodput here? An example of the library, which CI compiles and runs. */
import { runScenario, summarize, type TrialRecord } from 'tcp-udp-bench'

const records: TrialRecord[] = []
const scenario = { size: '256k', chunk: ['512', '1024', '8192'], transport: 'udp-header', repeat: 6 }
for await (const record of runScenario(scenario, { signal: AbortSignal.timeout(60_000) }))
  records.push(record)

const found = summarize(records).flatMap(({ cell, goodput }) =>
  // Where nothing arrived whole there is no goodput.
  goodput ? [{ chunk: cell.chunk_bytes, bps: goodput.medianBps }] : [],
)
const [best] = found.toSorted((a, b) => b.bps - a.bps)
if (!best) throw new Error('no transfer was whole')
console.log(`${best.chunk} B: ${(best.bps / 1e6).toFixed(0)} Mbit/s`)
