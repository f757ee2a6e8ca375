/** The exchange of a message format. */
import type { Exchange } from '../contract/exchange.ts'
import type { Sockets } from '../contract/sockets.ts'
import { askDatagrams } from './datagram-client.ts'
import { answerDatagrams } from './datagram-server.ts'
import type { MessageFormat } from './format.ts'
import { askStream } from './stream-client.ts'
import { answerStreams } from './stream-server.ts'

/** A datagram for each request, and one for each answer. @param fresh makes the format of one end, which may remember something */
export function datagramExchange(
  { usualBytes, leastBytes }: Pick<MessageFormat, 'usualBytes' | 'leastBytes'>,
  fresh: (sockets: Sockets) => MessageFormat,
): Exchange {
  return {
    ...{ usualBytes, leastBytes },
    ask: (sockets, to, options) => askDatagrams(sockets, to, options, fresh(sockets)),
    serve: (sockets, options) => answerDatagrams(sockets, options, fresh(sockets)),
  }
}

/** One connection for all requests; what is read is answered with the same bytes, at most `writeBytes` a write. */
export function streamExchange(format: MessageFormat, writeBytes: number): Exchange {
  const { usualBytes, leastBytes } = format
  return {
    ...{ usualBytes, leastBytes },
    ask: (sockets, to, options) => askStream(sockets, to, options, format),
    serve: (sockets, options) => answerStreams(sockets, options, format, writeBytes),
  }
}
