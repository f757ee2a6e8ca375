/**
 * The process of an agent on this host: messages come and go over the IPC channel of its parent, and it ends with it. The end itself
 * is a thread of its own, so that this one answers whatever that waits for.
 */
import { writeSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { monotonic } from '../../../base/clock.ts'
import type { Wake } from '../../../transports/contract/sockets.ts'
import type { Hello, ToAgent } from '../calls/messages.ts'
import { environment } from '../facts/environment.ts'
import type { FromThread } from './thread.ts'
import { optimizeSoon } from './v8-flags.ts'
import { AGENT_PROTOCOL } from './version.ts'

optimizeSoon()
const [, , cpu] = process.argv
const thread = new Worker(new URL('./thread.js', import.meta.url), {
  workerData: cpu === undefined ? {} : { cpu: Number(cpu) },
})
/** A 64-bit 1, as eventfd(2) takes it. */
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
// What ends the thread ends the agent, with its last words.
thread.on('error', error => {
  throw error
})
thread.on('exit', code => process.exit(code))
// Whoever passes on what another host said has looked at it.
process.on('message', (message: ToAgent) => {
  thread.postMessage(message)
  // A wait that begins at this very moment ends soon enough.
  if (wake && Atomics.load(wake.waiting, 0) === 1) writeSync(wake.descriptor, ONE)
})
process.on('disconnect', () => process.exit(0))
// Ctrl-C reaches the whole process group: the parent decides what becomes of the run.
for (const signal of ['SIGINT', 'SIGHUP', 'SIGBREAK'] as const) process.on(signal, () => {})
