/** The sender of one trial. */
import type { Sockets } from '../../../transports/contract/sockets.ts'
import type { Transport } from '../../../transports/contract/transport.ts'
import type { FromAgent, Go, Prepare } from '../calls/agent-calls.ts'
import { cpuClock } from './cpu.ts'
import type { End } from './end.ts'
import { sendDrops } from './kernel.ts'
import type { Outgoing } from './payload-store.ts'
import { rehearse } from './rehearsal.ts'
import { watchThread } from './thread-watch.ts'

export class SendingEnd implements End {
  readonly #message: Prepare
  readonly #transport: Transport
  readonly #sockets: Sockets
  readonly #outgoing: Outgoing
  readonly #signal: AbortSignal
  readonly #post: (message: FromAgent) => void
  readonly #unanswered = new AbortController()

  constructor(
    message: Prepare,
    transport: Transport,
    sockets: Sockets,
    outgoing: Outgoing,
    signal: AbortSignal,
    post: (message: FromAgent) => void,
  ) {
    this.#message = message
    this.#transport = transport
    this.#sockets = sockets
    this.#outgoing = outgoing
    this.#signal = signal
    this.#post = post
  }

  async go({ to, from, rehearsal }: Go): Promise<void> {
    const { trial, socket, rateBps, answerTimeoutMs } = this.#message
    const { payload, fingerprint } = this.#outgoing
    if (rehearsal)
      await rehearse(this.#transport, this.#sockets, rehearsal, { signal: this.#signal, from, socket })
    const drops = this.#transport.traits.socket === 'datagram' ? sendDrops(to.family) : undefined
    const thread = watchThread()
    const cpuMs = cpuClock()
    const report = await this.#transport.send(this.#sockets, to, payload, {
      signal: this.#signal,
      from,
      unanswered: this.#unanswered.signal,
      socket,
      rateBps,
      answerTimeoutMs,
      sent: sent =>
        this.#post({ type: 'sent', trial, sent, ...(fingerprint === undefined ? {} : { fingerprint }) }),
    })
    const costs = { cpuMs: cpuMs(), thread: thread() }
    this.#post({ type: 'send-report', trial, report: { ...report, drops: drops?.() }, ...costs })
  }

  unanswered(): void {
    this.#unanswered.abort()
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
