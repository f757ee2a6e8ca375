/** The sender of one trial. */
import { monotonic } from '../../../../base/clock.ts'
import type { Carrier } from '../../../../transports/contract/transport.ts'
import type { End, EndOptions } from '../../../fleet/agent/end.ts'
import { watchSender } from '../../../fleet/agent/end-watch.ts'
import { IntervalMeter } from '../../interval-meter.ts'
import type { Outgoing } from './payload-store.ts'
import { rehearse } from './rehearsal.ts'

export function sendingEnd(
  options: EndOptions & { readonly transport: Carrier },
  { payload, fingerprint }: Outgoing,
): End {
  const { message, transport, sockets, signal, post } = options
  const { trial, socket, rateBps, answerTimeoutMs, stream, resumption } = message
  const tls = resumption ? { resume: resumption } : undefined
  const unanswered = new AbortController()
  return {
    async go({ to, from, rehearsal }) {
      if (rehearsal) await rehearse(transport, sockets, rehearsal, { signal, from, socket, tls })
      const finish = watchSender(options, to.family)
      const meter = stream && new IntervalMeter(trial, stream, post)
      const report = await transport.transfer.send(sockets, to, payload, {
        signal,
        from,
        unanswered: unanswered.signal,
        socket,
        tls,
        rateBps,
        durationMs: stream?.durationMs,
        meter,
        answerTimeoutMs,
        sent: sent =>
          post({ type: 'sent', trial, sent, ...(fingerprint === undefined ? {} : { fingerprint }) }),
      })
      const { bytesAccepted: bytes, datagramsAccepted: datagrams, datagramsOffered: advanced } = report
      const now = monotonic()
      meter?.end(now, now, { bytes, datagrams, advanced }, report.info)
      finish({ ...report, polled: meter?.polled })
    },
    unanswered: () => unanswered.abort(),
    async [Symbol.asyncDispose]() {},
  }
}
