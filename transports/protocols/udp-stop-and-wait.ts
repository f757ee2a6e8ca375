/** Reliable over UDP: a chunk leaves once the one before it has been acknowledged. The wire format is that of udp-arq. */
import { ARQ_FORMAT, ARQ_TRAITS } from '../arq/receiving.ts'
import { sendReliably } from '../arq/sending.ts'
import type { Carrier } from '../contract/transport.ts'
import { receiveDatagrams } from '../datagram/receiver.ts'

export const udpStopAndWait: Carrier = {
  name: 'udp-stop-and-wait',
  summary: 'UDP, reliable: one chunk at a time, each sent again until it is acknowledged',
  traits: ARQ_TRAITS,
  port: 7777,
  transfer: {
    receive: (sockets, options) => receiveDatagrams(sockets, options, ARQ_FORMAT),
    send: (sockets, to, payload, options) => sendReliably(sockets, to, payload, options, 'stop-and-wait'),
  },
}
