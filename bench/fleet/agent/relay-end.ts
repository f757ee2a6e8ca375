/** The end that stands between the others, and emulates the way. */
import type { Sockets } from '../../../transports/contract/sockets.ts'
import type { Transport } from '../../../transports/contract/transport.ts'
import { openDatagramRelay } from '../../../transports/impairment/datagram-relay.ts'
import { openStreamRelay } from '../../../transports/impairment/stream-relay.ts'
import type { FromAgent, Prepare } from '../calls/agent-calls.ts'
import type { End } from './end.ts'

/** @throws the system's error */
export async function openRelayEnd(
  { trial, local, relay: asked }: Prepare,
  { traits }: Transport,
  sockets: Sockets,
  signal: AbortSignal,
  post: (message: FromAgent) => void,
): Promise<End> {
  if (!asked) throw new Error('a relay has a receiver')
  const setting = { local, ...asked, signal }
  const relay =
    traits.socket === 'stream' ? await openStreamRelay(setting) : await openDatagramRelay(sockets, setting)
  return {
    endpoint: relay.endpoint,
    async settle() {
      post({ type: 'relay-report', trial, report: relay.report() })
    },
    [Symbol.asyncDispose]: () => relay[Symbol.asyncDispose](),
  }
}
