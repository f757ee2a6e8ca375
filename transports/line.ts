/** Carries one payload after the other, over any transport that carries one. */
import type { Endpoint } from './contract/socket-facts.ts'
import type { Sockets } from './contract/sockets.ts'
import type { Carrier, Line, LineOptions } from './contract/transport.ts'
import { pauseByTimers } from './engines/node/pause.ts'

/** From one socket, or over a connection for each payload where the format has it so. Never rejects: `send` says why there is no socket. */
export async function lineTo(
  { transfer }: Carrier,
  sockets: Sockets,
  to: Endpoint,
  options: LineOptions,
): Promise<Line> {
  const line = await transfer.open?.(sockets, to, options).catch(() => undefined)
  if (line) return line
  return {
    send: (payload, each) => transfer.send(sockets, to, payload, { ...each, ...options }),
    pause: pauseByTimers,
    async [Symbol.asyncDispose]() {},
  }
}
