/**
 * sockperf: one server and one client a round, for UDP. It sends for a time rather than so many bytes, in messages of 14 B to
 * 65,507 B (so every size of a datagram that IPv4 has). Its client tells what it sent and for how long; what arrived, its server tells
 * when it is interrupted. That count is checked against another of the kernel: sent less the drops of the server's very socket in
 * /proc/net/udp. In a network namespace of its own both were equal to InDatagrams of /proc/net/snmp, to the message: at 1,024 B and
 * 65,507 B, with a buffer of 4 MiB (256,653 of 256,653 and 56,920 of 59,188 messages) and of 20,000 B (224,049 of 231,148 and
 * 29,511 of 37,659); version 3.7.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { SetupError } from '../../../base/errors.ts'
import { Child } from './child.ts'
import type { Figure, Peer, Setting } from './peer.ts'
import { boundSocket, freePort } from './ports.ts'

const VERSION_LIMIT_MS = 5000
/** Its shortest: whole seconds. */
const SENDING_S = 1
const CLIENT_LIMIT_MS = 20_000
const SERVER_LIMIT_MS = CLIENT_LIMIT_MS + 10_000
/** How long the server may take to read what waits in its socket when the client has ended. */
const READING_LIMIT_MS = 2000

const METHOD =
  'messages that its server counted x their size / the second or so that its client sent for; what the receive buffer holds at the end is read a little later, which favours it by less than the buffer; lost: sent less counted'

/** Undefined when there is none at `path`. */
export async function findSockperf(path: string, signal: AbortSignal): Promise<Peer | undefined> {
  await using probe = new Child(path, ['--version'], VERSION_LIMIT_MS, signal)
  const told = await probe.output().catch(() => '')
  const version = /sockperf, version (\S+)/.exec(told)?.[1]
  if (version === undefined) return undefined
  return {
    name: 'sockperf',
    version,
    method: METHOD,
    protocols: ['udp'],
    measure: (setting, outer) => measure(path, setting, outer),
  }
}

async function measure(path: string, setting: Setting, signal: AbortSignal): Promise<Figure> {
  const { chunkBytes, bufferBytes, pins } = setting
  const port = await freePort('udp')
  const buffers = bufferBytes === undefined ? [] : ['--buffer-size', String(bufferBytes)]
  const common = ['-i', '127.0.0.1', '-p', String(port), ...buffers]
  await using server = new Child(path, ['server', ...common], SERVER_LIMIT_MS, signal, pins?.receiver)
  await server.listening('udp', port)
  const sending = ['throughput', '-m', String(chunkBytes), '-t', String(SENDING_S)]
  await using client = new Child(path, [...sending, ...common], CLIENT_LIMIT_MS, signal, pins?.sender)
  const sent = numbersIn(await client.output(), /Total of (\d+) messages sent in ([\d.]+) sec/)
  const dropped = await dropsOnceRead(port, signal)
  server.interrupt()
  const told = await server.output()
  const [received = Number.NaN] = numbersIn(told, /Total (\d+) messages received/)
  const [rcvbuf] = numbersIn(told, /RX: (\d+) Byte/)
  const [messages = Number.NaN, seconds = Number.NaN] = sent
  return {
    goodput_bps: (8 * received * chunkBytes) / seconds,
    loss_ratio: 1 - received / messages,
    rcvbuf_bytes: rcvbuf,
    details: {
      sent_messages: messages,
      received_messages: received,
      socket_drops: dropped,
      unexplained_messages: messages - received - dropped,
      seconds,
    },
  }
}

/** Waits until the server has read everything. The drop counter goes with its socket, so before that ends. */
async function dropsOnceRead(port: number, signal: AbortSignal): Promise<number> {
  const until = performance.now() + READING_LIMIT_MS
  for (;;) {
    const socket = boundSocket('udp', port)
    if (socket?.waitingBytes === 0) return socket.drops
    if (!socket || performance.now() > until)
      throw new SetupError('sockperf: its server does not read what it was sent')
    await sleep(5, undefined, { signal })
  }
}

/** @throws SetupError when a version of sockperf says it in other words */
function numbersIn(text: string, pattern: RegExp): readonly number[] {
  const match = pattern.exec(text)
  if (!match) throw new SetupError(`sockperf: did not find ${pattern} in what it printed`)
  return match.slice(1).map(Number)
}
