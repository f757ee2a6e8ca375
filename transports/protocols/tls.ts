/** The dialogue of TCP inside TLS 1.3. */
import type { Endpoint } from '../contract/socket-facts.ts'
import { obstacleOf, type ServerTls, type Sockets } from '../contract/sockets.ts'
import type { Carrier, Payload, SendOptions } from '../contract/transport.ts'
import { receiveStream } from '../stream/receiver.ts'
import { fingerprintOf, makeCertificate } from '../tls/certificate.ts'
import { TicketStore } from '../tls/tickets.ts'
import { sendStream } from './tcp.ts'

export const tls: Carrier = {
  name: 'tls',
  summary: 'TLS 1.3 over TCP, and inside it what tcp does',
  traits: { socket: 'stream', reliable: true, acknowledged: true, secured: true },
  port: 12346,
  transfer: {
    endless: true,
    receive: async (sockets, options) =>
      receiveStream(serving(withTls(sockets), options.tls ?? ownCertificate()), options),
    send: sendInTls,
  },
}

/** Made when it is first needed, and the same for as long as the process lives, so that its tickets are good for all of its receivers. */
let own: ServerTls | undefined
function ownCertificate(): ServerTls {
  own ??= makeCertificate()
  return own
}

/** Accepts connections inside TLS; the endpoint says with which certificate. */
function serving(sockets: Sockets, identity: ServerTls): Pick<Sockets, 'listen'> {
  const certificate = fingerprintOf(identity.cert)
  return {
    async listen(request, connection) {
      const listener = await sockets.listen(request, stream => {
        stream.serveTls?.(identity)
        connection(stream)
      })
      return {
        local: { ...listener.local, certificate },
        [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
      }
    },
  }
}

const tickets = new TicketStore()

async function sendInTls(sockets: Sockets, to: Endpoint, payload: Payload, options: SendOptions) {
  withTls(sockets)
  const { resume, ca, name } = options.tls ?? {}
  const accepted = { certificate: to.certificate, ca, name }
  const ticket = resume ? await tickets.ticketFor(sockets, to, accepted, options) : undefined
  return sendStream(sockets, to, payload, options, async stream => {
    if (!stream.startTls) throw new Error(`a stream of the engine ${sockets.engine} has no TLS`)
    return stream.startTls({ ...accepted, ticket, issued: next => tickets.keep(to, next) })
  })
}

/** Plans and commands refuse before: this is for who does not ask them. @throws if the engine has no TLS */
function withTls(sockets: Sockets): Sockets {
  const obstacle = obstacleOf(sockets, tls)
  if (obstacle !== undefined) throw new Error(`the engine ${sockets.engine} ${obstacle}`)
  return sockets
}
