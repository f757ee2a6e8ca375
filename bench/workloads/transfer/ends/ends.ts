/** Both ends of the workload `transfer` in an agent's process. */

import { carrierOf } from '../../../../transports/catalog.ts'
import type { Carrier, Transport } from '../../../../transports/contract/transport.ts'
import type { End, EndOptions, Ends } from '../../../fleet/agent/end.ts'
import type { WarmUp } from '../../../fleet/calls/agent-calls.ts'
import { PayloadStore } from './payload-store.ts'
import { openReceivingEnd } from './receiving-end.ts'
import { sendingEnd } from './sending-end.ts'
import { warmUp } from './warm-up.ts'

export class TransferEnds implements Ends {
  readonly #payloads = new PayloadStore()

  async open(options: EndOptions): Promise<End> {
    const { message } = options
    const transport = carrier(options.transport)
    if (message.role === 'receive') return openReceivingEnd({ ...options, transport }, this.#payloads)
    return sendingEnd({ ...options, transport }, await this.#payloads.outgoing(message.payload, transport))
  }

  warmUp(
    { chunkBytes, ipFamily }: WarmUp,
    { transport, sockets, signal }: Pick<EndOptions, 'transport' | 'sockets' | 'signal'>,
  ): Promise<void> {
    return warmUp(carrier(transport), sockets, chunkBytes, ipFamily, signal)
  }
}

/** The workload has an obstacle where it is none. */
export function carrier(transport: Transport): Carrier {
  const found = carrierOf(transport)
  if (!found) throw new Error(`${transport.name} carries no payload`)
  return found
}
