/**
 * A workload: a transfer after both ends had nothing to do for a while, when caches are cold and CPUs have slowed down.
 *
 *     bench run --plugin ./examples/plugin/idle.js --workload transfer --workload idle,wait=200ms --out idle.csv
 *     bench compare idle.csv --by workload --base transfer
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { transfer } from 'tcp-udp-bench/workloads'

const DEFAULT_MS = 100
const LONGEST_MS = 10_000

/** `{ wait: '200ms' }` -> 200; undefined if it is no such time. */
function waitMs({ wait = `${DEFAULT_MS}ms`, ...others }) {
  const ms = Number(/^(\d{1,5})ms$/.exec(wait)?.[1])
  return ms <= LONGEST_MS && Object.keys(others).length === 0 ? ms : undefined
}

/** @type {import('tcp-udp-bench/workloads').Workload} */
const idle = {
  ...transfer,
  name: 'idle',
  summary: `the same after a pause; wait=${DEFAULT_MS}ms`,

  obstacle(transport, wishes) {
    if (waitMs(wishes) === undefined) return `it takes only wait, from 0ms to ${LONGEST_MS}ms`
    return transfer.obstacle(transport, {})
  },

  ends() {
    const ends = transfer.ends()
    return {
      warmUp: (message, options) => ends.warmUp(message, options),
      async open(options) {
        const { wishes, signal, message } = options
        const end = await ends.open(options)
        if (message.role === 'receive') return end
        return {
          // Both ends are idle: the receiver waits for the first byte meanwhile.
          async go(message) {
            await sleep(waitMs(wishes), undefined, { signal })
            // A rehearsal would warm them up again.
            await end.go(Object.assign({}, message, { rehearsal: undefined }))
          },
          unanswered: () => end.unanswered(),
          [Symbol.asyncDispose]: () => end[Symbol.asyncDispose](),
        }
      },
    }
  },

  limits(job, clocks) {
    const limits = transfer.limits(job, clocks)
    // A time-out that was asked for includes the pause.
    return job.plan.timeoutMs === undefined ? { ...limits, timeoutMs: limits.timeoutMs + LONGEST_MS } : limits
  },
}

export default { name: 'idle', version: '1.0.0', workloads: [idle] }
