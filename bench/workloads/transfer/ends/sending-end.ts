/** The sender of one trial. */
import type { Carrier } from '../../../../transports/contract/transport.ts'
import type { End, EndOptions } from '../../../fleet/agent/end.ts'
import { sendDrops } from '../../../fleet/agent/kernel.ts'
import { watchCosts } from '../../../fleet/agent/thread-watch.ts'
import type { Outgoing } from './payload-store.ts'
import { rehearse } from './rehearsal.ts'

export function sendingEnd(
  { message, transport, sockets, signal, post }: EndOptions & { readonly transport: Carrier },
  { payload, fingerprint }: Outgoing,
): End {
  const { trial, socket, rateBps, answerTimeoutMs } = message
  const unanswered = new AbortController()
  return {
    async go({ to, from, rehearsal }) {
      if (rehearsal) await rehearse(transport, sockets, rehearsal, { signal, from, socket })
      const drops = transport.traits.socket === 'datagram' ? sendDrops(to.family) : undefined
      const costs = watchCosts()
      const report = await transport.transfer.send(sockets, to, payload, {
        signal,
        from,
        unanswered: unanswered.signal,
        socket,
        rateBps,
        answerTimeoutMs,
        sent: sent =>
          post({ type: 'sent', trial, sent, ...(fingerprint === undefined ? {} : { fingerprint }) }),
      })
      const spent = costs()
      post({ type: 'send-report', trial, report: { ...report, drops: drops?.() }, ...spent })
    },
    unanswered: () => unanswered.abort(),
    async [Symbol.asyncDispose]() {},
  }
}
