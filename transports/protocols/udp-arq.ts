/** Reliable over UDP: as many chunks under way as the path takes, and only those that were lost are sent again (selective repeat). */
import { ARQ_FORMAT, ARQ_TRAITS } from '../arq/receiving.ts'
import { sendReliably } from '../arq/sending.ts'
import type { Carrier } from '../contract/transport.ts'
import { receiveDatagrams } from '../datagram/receiver.ts'

export const udpArq: Carrier = {
  name: 'udp-arq',
  summary: 'UDP, reliable: selective repeat with NewReno congestion control; what is lost is sent again',
  traits: ARQ_TRAITS,
  port: 7777,
  transfer: {
    receive: (sockets, options) => receiveDatagrams(sockets, options, ARQ_FORMAT),
    send: (sockets, to, payload, options) => sendReliably(sockets, to, payload, options, 'selective-repeat'),
  },
}
