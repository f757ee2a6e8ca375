/** One end of a trial: prepare -> ready -> go -> report. Handles messages only: it knows neither the caller nor the channel. */

import { errorCode, errorMessage, unreachable } from '../../../base/errors.ts'
import { doingOf, TRANSFER } from '../../../scenarios/settings/words.ts'
import type { Catalog } from '../../../transports/catalog.ts'
import type { Phase } from '../../../transports/contract/reports.ts'
import type { Transport } from '../../../transports/contract/transport.ts'
import type { FromAgent, Prepare, ToAgent, WarmUp } from '../calls/agent-calls.ts'
import type { End, Ends, WorkloadEnds } from './end.ts'
import { inGroup } from './group.ts'
import { collectGarbage, optimize } from './v8-flags.ts'

/** Trials with longer payloads, or more requests, gain more from optimized code than a compilation costs them. */
const SHORT_BYTES = 4 << 20
const FEW_REQUESTS = 4096

export class Agent {
  readonly #catalog: Catalog
  readonly #workloads: WorkloadEnds
  readonly #post: (message: FromAgent) => void
  /** By name of the workload. */
  readonly #ends = new Map<string, Ends>()
  #trial = 0
  /** Of the trial; undefined for a transfer. */
  #workload: string | undefined
  #end: End | undefined
  /** The end is running, and its report will be the answer. */
  #working = false
  #abort = new AbortController()

  constructor(catalog: Catalog, workloads: WorkloadEnds, post: (message: FromAgent) => void) {
    this.#catalog = catalog
    this.#workloads = workloads
    this.#post = post
  }

  /** Handles one message. Never rejects: reports any error as a failure of the trial. */
  async take(message: ToAgent): Promise<void> {
    try {
      await this.#handle(message)
    } catch (error) {
      await this.#release()
      const code = errorCode(error) ?? (this.#abort.signal.aborted ? 'ABORTED' : 'INTERNAL')
      const whose =
        code === 'INTERNAL' && this.#workload !== undefined ? `the workload ${this.#workload} fails: ` : ''
      this.#post({
        type: 'failed',
        trial: message.trial,
        failure: { phase: PHASES[message.type], code, message: whose + errorMessage(error) },
      })
    }
  }

  async #handle(message: ToAgent): Promise<void> {
    if (message.type === 'prepare') return this.#prepare(message)
    if (message.type === 'warm-up') return this.#warmUp(message)
    if (message.trial !== this.#trial) return
    switch (message.type) {
      case 'go':
        return this.#work(this.#end?.go?.(message))
      case 'settle':
        return this.#work(this.#end?.settle?.(message))
      case 'unanswered':
        return this.#end?.unanswered?.()
      case 'abort':
        return this.#letGo(message.trial)
      default:
        unreachable(message)
    }
  }

  async #prepare(asked: Prepare): Promise<void> {
    const message = inGroup(asked)
    // Set before the first await, since the next message may call this trial off.
    this.#trial = message.trial
    this.#workload = message.workload
    this.#abort = new AbortController()
    const { signal } = this.#abort
    await this.#release()
    collectGarbage()
    optimize(!message.practised || isLong(message))
    const transport = this.#transportOf(message)
    const emulatedBytes = message.role === 'send' ? message.maxDatagramBytes : undefined
    const isRelay = message.role === 'relay'
    // It is not what is measured, and is to be small beside that.
    const engine = isRelay ? (await this.#catalog.engines.choose('auto')).engine : message.engine
    const sockets = await this.#catalog.engines.sockets(engine, emulatedBytes)
    const { ends, wishes } = this.#workloadOf(message)
    const { binding } = sockets
    const post = (each: FromAgent) => this.#post('report' in each ? { ...each, binding } : each)
    const end = isRelay
      ? await (await import('./relay-end.ts')).openRelayEnd(message, transport, sockets, signal, this.#post)
      : await ends.open({ message, wishes, transport, sockets, signal, post })
    if (!end) throw new Error('open gives no end')
    this.#end = end
    const { endpoint, rehearsal } = end
    this.#post({ type: 'ready', trial: message.trial, endpoint, rehearsal })
    // Called off in the meantime, which has been answered already.
    if (signal.aborted) await this.#release()
  }

  async #work(work: Promise<void> | undefined): Promise<void> {
    this.#working = true
    try {
      await work
    } finally {
      this.#working = false
    }
    await this.#release()
  }

  /** Stops the trial and answers: the caller waits for that before it uses this agent again. */
  async #letGo(trial: number): Promise<void> {
    this.#abort.abort()
    if (this.#working) return
    await this.#release()
    const failure = { phase: 'prepare', code: 'ABORTED', message: 'the trial was called off' } as const
    this.#post({ type: 'failed', trial, failure })
  }

  async #warmUp(message: WarmUp): Promise<void> {
    const { trial, engine } = message
    this.#abort = new AbortController()
    const { signal } = this.#abort
    const sockets = await this.#catalog.engines.sockets(engine)
    optimize(true)
    const transport = this.#transportOf(message)
    await this.#workloadOf(message).ends.warmUp(message, { transport, sockets, signal })
    this.#post({ type: 'ready', trial })
  }

  #transportOf({ transport: name }: { readonly transport: string }): Transport {
    const transport = this.#catalog.transports.get(name)
    if (!transport) throw new Error(`this agent has no transport ${name}`)
    return transport
  }

  #workloadOf({ workload = TRANSFER }: Pick<Prepare, 'workload'>) {
    const { name, wishes } = doingOf(workload)
    const known = this.#workloads.get(name)
    if (!known) throw new Error(`this agent has no workload ${name}`)
    const ends = this.#ends.get(name) ?? known.ends()
    if (!ends) throw new Error('ends gives none')
    this.#ends.set(name, ends)
    return { ends, wishes }
  }

  async #release(): Promise<void> {
    const end = this.#end
    this.#end = undefined
    await end?.[Symbol.asyncDispose]()
  }
}

/** The phase to report when handling a message failed. */
const PHASES = {
  prepare: 'prepare',
  'warm-up': 'prepare',
  go: 'transfer',
  settle: 'drain',
  unanswered: 'ack',
  abort: 'transfer',
} as const satisfies Record<ToAgent['type'], Phase>

function isLong({ payload, requests, frames }: Prepare): boolean {
  if (frames) return frames.most * payload.sizeBytes > SHORT_BYTES
  const { most = Number.POSITIVE_INFINITY } = requests ?? {}
  return requests ? most > FEW_REQUESTS : payload.sizeBytes > SHORT_BYTES
}
