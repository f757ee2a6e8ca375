/** The thread that runs an end: it sends and receives, and blocks in system calls meanwhile. The main thread of its process answers the parent. */
import { parentPort, workerData } from 'node:worker_threads'
import { writeCompiled } from '../../base/compile-cache.ts'
import { BUILT_IN } from '../../transports/catalog.ts'
import type { Wake } from '../../transports/contract/sockets.ts'
import { Agent } from '../fleet/agent/agent.ts'
import { keepBackgroundAway, pinThisThread } from '../fleet/agent/pinning.ts'
import { setLaterFlags } from '../fleet/agent/v8-flags.ts'
import type { FromAgent, ToAgent } from '../fleet/calls/agent-calls.ts'
import type { Extended } from '../workloads/catalog.ts'
import { BUILT_IN_ENDS } from '../workloads/ends.ts'

/** Posted once for an engine that blocks: how to make it notice a message immediately. */
interface Wakeable {
  readonly type: 'wakeable'
  readonly wake: Wake
}
export type FromThread = FromAgent | Wakeable

/** What its process was started with. */
export interface Work {
  /** With --pin: the CPU of this end, and that of the other one. */
  readonly cpus: readonly number[]
  /** URLs of modules, which the caller has checked. */
  readonly plugins: readonly string[]
}
const { cpus: pinned, plugins }: Work = workerData
// Before flags with which it would be of no use.
writeCompiled()
setLaterFlags()
let giveWay: (() => void) | undefined = await keepBackgroundAway(pinned).catch(() => undefined)
if (pinned[0] !== undefined) await pinThisThread(pinned[0])

const port = parentPort
if (!port) throw new Error('the thread of an agent was started as a program')
const post = (message: FromThread) => port.postMessage(message)
const { workloads, ...catalog } =
  plugins.length > 0 ? await extendedBy(plugins) : { ...BUILT_IN, workloads: BUILT_IN_ENDS }
const agent = new Agent(catalog, workloads, post)
const known = new Set<Wake>()
port.on('message', (message: ToAgent) => {
  if ('engine' in message) void announce(message.engine)
  // Not in the warm-up: there the garbage collector waits for a compiler that waits for the end, or for any other program.
  if (message.type === 'prepare' && !message.unrecorded) {
    giveWay?.()
    giveWay = undefined
  }
  void agent.take(message)
})

async function announce(engine: string): Promise<void> {
  try {
    const wake = (await catalog.engines.sockets(engine)).wake?.()
    if (wake === undefined || known.has(wake)) return
    known.add(wake)
    post({ type: 'wakeable', wake })
  } catch {
    // The first real use of the engine reports what is wrong with it.
  }
}

async function extendedBy(modules: readonly string[]): Promise<Extended> {
  const { BUILT_IN, extended, importPlugin } = await import('../workloads/catalog.ts')
  let all = BUILT_IN
  for (const module of modules) all = extended(all, await importPlugin(module), module)
  return all
}
