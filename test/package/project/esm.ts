/** Imports every entry of the package, and measures. */
import { encode, readTrials, runScenario, summarize, type TrialRecord, UsageError } from 'tcp-udp-bench'
import { complianceSuite } from 'tcp-udp-bench/compliance'
import schema from 'tcp-udp-bench/docs/results.schema.json' with { type: 'json' }
import about from 'tcp-udp-bench/package.json' with { type: 'json' }
import * as transports from 'tcp-udp-bench/transports'
import * as workloads from 'tcp-udp-bench/workloads'

const records: TrialRecord[] = []
for await (const record of runScenario({ size: '64k', chunk: 1024, transport: 'tcp', repeat: 2, warmup: 0 }))
  records.push(record)

let mistake: unknown
try {
  for await (const { run_id } of runScenario({ size: 'much' })) throw new Error(`measured ${run_id}`)
} catch (error) {
  mistake = error
}
console.log(
  JSON.stringify({
    version: about.version,
    rows: records.map(({ outcome, goodput_bps }) => [outcome, typeof goodput_bps]),
    cases: summarize(records).length,
    schema: typeof schema.$schema,
    functions: [typeof encode, typeof readTrials, typeof complianceSuite],
    entries: [Object.keys(transports).length > 0, Object.keys(workloads).length > 0],
    mistake: mistake instanceof UsageError,
  }),
)
