/** A program of CommonJS, which requires the package (Node 20.19 and later can). */
import bench = require('tcp-udp-bench')
import transports = require('tcp-udp-bench/transports')

async function main(): Promise<void> {
  const outcomes: string[] = []
  for await (const { outcome } of bench.runScenario({ size: '64k', transport: 'tcp', repeat: 2, warmup: 0 }))
    outcomes.push(outcome)
  console.log(JSON.stringify({ outcomes, entries: Object.keys(transports).length > 0 }))
}
void main()
