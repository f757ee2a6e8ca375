/** Both ends of the workload `transfer` in an agent's process. */

import type { End, EndOptions, Ends } from '../../../fleet/agent/end.ts'
import type { WarmUp } from '../../../fleet/calls/agent-calls.ts'
import { PayloadStore } from './payload-store.ts'
import { openReceivingEnd } from './receiving-end.ts'
import { sendingEnd } from './sending-end.ts'
import { warmUp } from './warm-up.ts'

export class TransferEnds implements Ends {
  readonly #payloads = new PayloadStore()

  async open(options: EndOptions): Promise<End> {
    const { message, transport } = options
    if (message.role === 'receive') return openReceivingEnd(options, this.#payloads)
    return sendingEnd(options, await this.#payloads.outgoing(message.payload, transport))
  }

  warmUp(
    { chunkBytes, ipFamily }: WarmUp,
    { transport, sockets, signal }: Omit<EndOptions, 'message' | 'post'>,
  ): Promise<void> {
    return warmUp(transport, sockets, chunkBytes, ipFamily, signal)
  }
}
