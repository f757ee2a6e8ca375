/**
 * The process of an agent on this host: exchanges messages with its parent over IPC, and exits when the parent does. The end itself runs
 * in a separate thread, so that this one can answer while that one blocks.
 */
import { writeSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { monotonic } from '../../base/clock.ts'
import { keepCompiled } from '../../base/compile-cache.ts'
import type { Wake } from '../../transports/contract/sockets.ts'
import { AGENT_PROTOCOL } from '../fleet/agent/version.ts'
import type { Hello, ToAgent } from '../fleet/calls/agent-calls.ts'
import { environment } from '../fleet/facts/environment.ts'
import type { FromThread, Work } from './thread.ts'

keepCompiled()
/** CPUs, then the URLs of plug-ins. */
const words = process.argv.slice(2)
const isCpu = (word: string) => /^\d+$/.test(word)
const workerData: Work = {
  cpus: words.filter(isCpu).map(Number),
  plugins: words.filter(word => !isCpu(word)),
}
const thread = new Worker(new URL('./thread.js', import.meta.url), { workerData })
/** A 64-bit 1, as written to an eventfd(2). */
const ONE = Buffer.from(new BigUint64Array([1n]).buffer)
let wake: Wake | undefined

const hello: Hello = {
  type: 'hello',
  protocol: AGENT_PROTOCOL,
  environment: environment(),
  clockMs: monotonic(),
}
process.send?.(hello)

thread.on('message', (message: FromThread) => {
  if (message.type === 'wakeable') wake = message.wake
  else process.send?.(message)
})
// An error that ends the thread also ends the agent, with its message.
thread.on('error', error => {
  throw error
})
thread.on('exit', code => process.exit(code))
// The parent has validated messages that originate from another host.
process.on('message', (message: ToAgent) => {
  thread.postMessage(message)
  // A wait that begins right now ends soon enough.
  if (wake && Atomics.load(wake.waiting, 0) === 1) writeSync(wake.descriptor, ONE)
})
process.on('disconnect', () => process.exit(0))
// Ctrl-C reaches the whole process group: leave it to the parent to end the run.
for (const signal of ['SIGINT', 'SIGHUP', 'SIGBREAK'] as const) process.on(signal, () => {})
