/** The ends of pictures in a row. */
import type { End, EndOptions, Ends } from '../../fleet/agent/end.ts'
import type { WarmUp } from '../../fleet/calls/agent-calls.ts'
import { Remembered } from '../remembered.ts'
import { carrier, TransferEnds } from '../transfer/ends/ends.ts'
import { type Pictures, picturesOf } from './pictures.ts'
import { screenEnd } from './receiving-end.ts'
import { cameraEnd } from './sending-end.ts'

export class FramesEnds implements Ends {
  readonly #pictures = new Remembered<Pictures>()
  /** Each picture is a transfer. */
  readonly #transfers = new TransferEnds()

  async open(options: EndOptions): Promise<End> {
    const whole = { ...options, transport: carrier(options.transport) }
    const { role, payload } = options.message
    if (role === 'receive') return screenEnd(whole)
    return cameraEnd(whole, await this.#pictures.of(payload, () => picturesOf(payload)))
  }

  warmUp(message: WarmUp, options: Parameters<Ends['warmUp']>[1]): Promise<void> {
    return this.#transfers.warmUp(message, options)
  }
}
