/**
 * What a protocol or an engine of a plug-in is made of: `import … from 'tcp-udp-bench/transports'`. docs/plugins.md says how.
 */
export { monotonic } from '../base/clock.ts'
export type { Answerer, AskOptions, Exchange, ServeOptions } from './contract/exchange.ts'
export type {
  Failure,
  Phase,
  ReceiveReport,
  SendReport,
  SentCounts,
} from './contract/reports.ts'
export type { Endpoint, SocketInfo, SocketOptions, SocketState } from './contract/socket-facts.ts'
export type {
  ConnectRequest,
  DatagramRequest,
  DatagramSocket,
  ListenRequest,
  Objection,
  SendTally,
  SocketKind,
  Sockets,
  StreamListener,
  StreamSocket,
  TakeDatagram,
  Wake,
} from './contract/sockets.ts'
export type {
  Expectation,
  Line,
  Payload,
  PayloadWindow,
  ReceiveOptions,
  Receiver,
  SendOptions,
  Traits,
  Transfer,
  Transport,
} from './contract/transport.ts'
export type { Meaning, ReceivingFormat } from './datagram/format.ts'
export type { ChunkHeader } from './datagram/headers.ts'
export { receiveDatagrams } from './datagram/receiver.ts'
export { datagramSender, type SendingFormat } from './datagram/sender.ts'
export type { OpenTransfer } from './datagram/transfer.ts'
export type { Engine } from './engines/engines.ts'
export { newTally } from './engines/tally.ts'
export { datagramExchange, streamExchange } from './exchange/exchanges.ts'
export type { Message, MessageFormat } from './exchange/format.ts'
export { Reception } from './payload/reception.ts'
