/** The process of an agent on this host: messages come and go over the IPC channel of its parent, and it ends with it. */
import { monotonic } from '../clock.ts'
import { environment } from '../environment.ts'
import { Agent } from './agent.ts'
import { AGENT_PROTOCOL, type Hello, parseToAgent } from './messages.ts'
import { pinThisThread } from './pinning.ts'

// The CPU to run on, where --pin says one.
const [, , cpu] = process.argv
if (cpu !== undefined) await pinThisThread(Number(cpu))

const hello: Hello = {
  type: 'hello',
  protocol: AGENT_PROTOCOL,
  environment: environment(),
  clockMs: monotonic(),
}
process.send?.(hello)

const agent = new Agent(message => process.send?.(message))
process.on('message', message => void agent.take(parseToAgent(message)))
process.on('disconnect', () => process.exit(0))
// Ctrl-C reaches the whole process group: the parent decides what becomes of the run.
for (const signal of ['SIGINT', 'SIGHUP', 'SIGBREAK'] as const) process.on(signal, () => {})
