/** The sender of one trial. */

import { cpuClock } from '../../../fleet/agent/cpu.ts'
import type { End, EndOptions } from '../../../fleet/agent/end.ts'
import { sendDrops } from '../../../fleet/agent/kernel.ts'
import { watchThread } from '../../../fleet/agent/thread-watch.ts'
import type { Go } from '../../../fleet/calls/agent-calls.ts'
import type { Outgoing } from './payload-store.ts'
import { rehearse } from './rehearsal.ts'

export class SendingEnd implements End {
  readonly #options: EndOptions
  readonly #outgoing: Outgoing
  readonly #unanswered = new AbortController()

  constructor(options: EndOptions, outgoing: Outgoing) {
    this.#options = options
    this.#outgoing = outgoing
  }

  async go({ to, from, rehearsal }: Go): Promise<void> {
    const { message, transport, sockets, signal, post } = this.#options
    const { trial, socket, rateBps, answerTimeoutMs } = message
    const { payload, fingerprint } = this.#outgoing
    if (rehearsal) await rehearse(transport, sockets, rehearsal, { signal, from, socket })
    const drops = transport.traits.socket === 'datagram' ? sendDrops(to.family) : undefined
    const thread = watchThread()
    const cpuMs = cpuClock()
    const report = await transport.send(sockets, to, payload, {
      signal,
      from,
      unanswered: this.#unanswered.signal,
      socket,
      rateBps,
      answerTimeoutMs,
      sent: sent =>
        post({ type: 'sent', trial, sent, ...(fingerprint === undefined ? {} : { fingerprint }) }),
    })
    const costs = { cpuMs: cpuMs(), thread: thread() }
    post({ type: 'send-report', trial, report: { ...report, drops: drops?.() }, ...costs })
  }

  unanswered(): void {
    this.#unanswered.abort()
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
