/** Both ends of the workload `responsiveness` in an agent's process. */
import { monotonic } from '../../../base/clock.ts'
import { loopback } from '../../../transports/contract/addresses.ts'
import type { Load } from '../../../transports/contract/load.ts'
import type { End, EndOptions, Ends } from '../../fleet/agent/end.ts'
import { watchSender } from '../../fleet/agent/end-watch.ts'
import { atFreePort } from '../../fleet/agent/ports.ts'
import { watchCosts } from '../../fleet/agent/thread-watch.ts'
import type { WarmUp } from '../../fleet/calls/agent-calls.ts'
import { Search } from './search.ts'

const WARM_UP_ANSWER_MS = 1000

export class ResponsivenessEnds implements Ends {
  async open(options: EndOptions): Promise<End> {
    const load = loadOf(options)
    return options.message.role === 'receive' ? takingEnd(load, options) : searchingEnd(load, options)
  }

  async warmUp(
    { ipFamily: family, chunkBytes }: WarmUp,
    { transport, sockets, signal }: Omit<EndOptions, 'message' | 'post'>,
  ): Promise<void> {
    const load = loadOf({ transport })
    const local = loopback(family)
    await using server = await load.serve(sockets, { signal, local })
    const connect = (signal: AbortSignal) =>
      load.connect(sockets, server.endpoint, { signal, answerTimeoutMs: WARM_UP_ANSWER_MS })
    await new Search(connect, chunkBytes).run(0, signal)
  }
}

/** The workload has an obstacle where there is none. */
function loadOf({ transport }: Pick<EndOptions, 'transport'>): Load {
  if (!transport.load) throw new Error(`${transport.name} carries no load`)
  return transport.load
}

async function takingEnd(load: Load, { message, sockets, signal, post }: EndOptions): Promise<End> {
  const { trial, local, ports, peer, socket } = message
  const server = await atFreePort(local, ports, at =>
    load.serve(sockets, { signal, local: at, peer, socket }),
  )
  const costs = watchCosts()
  return {
    endpoint: server.endpoint,
    async settle() {
      // What is still on its way when the time is over counts for nothing.
      const report = { ...server.report(), complete: true }
      post({ type: 'receive-report', trial, report, ...costs() })
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

function searchingEnd(load: Load, options: EndOptions): End {
  const { message, sockets, signal, post } = options
  const { trial, socket, payload, stream, answerTimeoutMs } = message
  return {
    async go({ to, from }) {
      const finish = watchSender(options, to.family)
      const startedAt = monotonic()
      const connect = (signal: AbortSignal) =>
        load.connect(sockets, to, { signal, from, socket, answerTimeoutMs })
      // Practice has no time: it asks, and fills nothing.
      const found = await new Search(connect, payload.chunkBytes).run(stream?.durationMs ?? 0, signal)
      const totalMs = monotonic() - startedAt
      post({ type: 'sent', trial, sent: { bytesAccepted: found.bytesAccepted } })
      finish({ startedAt, totalMs, acknowledged: true, ...found })
    },
    async [Symbol.asyncDispose]() {},
  }
}
