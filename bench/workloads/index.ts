/**
 * What a workload of a plug-in is made of: `import … from 'tcp-udp-bench/workloads'`. docs/plugins.md says how.
 */
export type { End, EndOptions, Ends } from '../fleet/agent/end.ts'
export type { FromAgent, Go, Prepare, Settle, WarmUp } from '../fleet/calls/agent-calls.ts'
export type { Clocks } from './clocks.ts'
export { transfer } from './transfer/transfer.ts'
export type { AlignedReports, FlowColumns, Job, Limits, Workload } from './workload.ts'
