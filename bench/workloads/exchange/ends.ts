/** Both ends of the workload `exchange` in an agent's process. */
import { monotonic } from '../../../base/clock.ts'
import { loopback } from '../../../transports/contract/addresses.ts'
import type { Exchange } from '../../../transports/contract/exchange.ts'
import type { Sockets } from '../../../transports/contract/sockets.ts'
import type { End, EndOptions, Ends } from '../../fleet/agent/end.ts'
import { ReceiverWatch, watchSender } from '../../fleet/agent/end-watch.ts'
import { atFreePort } from '../../fleet/agent/ports.ts'
import type { WarmUp } from '../../fleet/calls/agent-calls.ts'

/** The most time to spend on a warm-up, in ms, and how many requests it has at once. */
const WARM_UP_MS = 300
const WARM_UP_REQUESTS = 500

export class ExchangeEnds implements Ends {
  async open(options: EndOptions): Promise<End> {
    const exchange = exchangeOf(options)
    return options.message.role === 'receive' ? answeringEnd(exchange, options) : askingEnd(exchange, options)
  }

  async warmUp(
    { ipFamily: family }: WarmUp,
    { transport, sockets, signal }: Omit<EndOptions, 'message' | 'post'>,
  ): Promise<void> {
    const exchange = exchangeOf({ transport })
    const until = monotonic() + WARM_UP_MS
    while (monotonic() < until && !signal.aborted) await talkToItself(exchange, sockets, family, signal)
  }
}

/** The workload has an obstacle where there is none. */
function exchangeOf({ transport }: Pick<EndOptions, 'transport'>): Exchange {
  if (!transport.exchange) throw new Error(`${transport.name} answers no messages`)
  return transport.exchange
}

async function talkToItself(exchange: Exchange, sockets: Sockets, family: 4 | 6, signal: AbortSignal) {
  const local = loopback(family)
  const sizeBytes = exchange.usualBytes
  await using answerer = await exchange.serve(sockets, { signal, local, sizeBytes })
  await exchange.ask(sockets, answerer.endpoint, {
    ...{ signal, sizeBytes },
    requests: WARM_UP_REQUESTS,
    durationMs: WARM_UP_MS,
    answerTimeoutMs: WARM_UP_MS,
    sent: () => {},
  })
}

async function answeringEnd(exchange: Exchange, options: EndOptions): Promise<End> {
  const { message, transport, sockets, signal, post } = options
  const { trial, payload, local, ports, peer, socket } = message
  const answerer = await atFreePort(local, ports, at =>
    exchange.serve(sockets, { signal, local: at, peer, socket, sizeBytes: payload.sizeBytes }),
  )
  const { endpoint } = answerer
  const watch = new ReceiverWatch(transport, endpoint)
  return {
    endpoint,
    async settle({ sent, quietMs, deadlineMs }) {
      const report = await answerer.settle(sent, quietMs, deadlineMs)
      const { state, info } = answerer
      const { drops, ...spent } = watch.read(info.drops)
      post({ type: 'receive-report', trial, report: { ...report, drops, state, info }, ...spent })
    },
    [Symbol.asyncDispose]() {
      watch[Symbol.dispose]()
      return answerer[Symbol.asyncDispose]()
    },
  }
}

function askingEnd(exchange: Exchange, options: EndOptions): End {
  const { message, sockets, signal, post } = options
  const { trial, socket, payload, requests, answerTimeoutMs } = message
  return {
    async go({ to, from }) {
      const finish = watchSender(options, to.family)
      const report = await exchange.ask(sockets, to, {
        ...{ signal, from, socket, answerTimeoutMs },
        sizeBytes: payload.sizeBytes,
        requests: requests?.most ?? Number.POSITIVE_INFINITY,
        durationMs: requests?.durationMs,
        intervalMs: requests?.intervalMs,
        sent: sent => post({ type: 'sent', trial, sent }),
      })
      finish(report)
    },
    async [Symbol.asyncDispose]() {},
  }
}
