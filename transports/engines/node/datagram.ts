/** Datagrams by node:dgram: one system call each. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { monotonic } from '../../../base/clock.ts'
import { errorCode, errorMessage } from '../../../base/errors.ts'
import { groupOn, isMulticast } from '../../contract/addresses.ts'
import type { Endpoint, SocketInfo, SocketState } from '../../contract/socket-facts.ts'
import type { DatagramRequest, DatagramSocket, SendTally, TakeDatagram } from '../../contract/sockets.ts'
import { noteRefusal, SendErrors } from '../tally.ts'
import { groupState, join, sendToGroup } from './multicast.ts'
import { pauseByTimers } from './pause.ts'

/** Consecutive datagrams before other sockets get their turn. */
const BURST = 64
/** No system refuses a buffer smaller than this. */
const LEAST_BUFFER_BYTES = 4096

export async function bindDatagram(request: DatagramRequest): Promise<NodeDatagramSocket> {
  const socket = createSocket({
    type: request.local.family === 6 ? 'udp6' : 'udp4',
    ipv6Only: request.local.family === 6,
    reuseAddr: isMulticast(request.local.host),
  })
  try {
    await bindAndConnect(socket, request)
  } catch (error) {
    socket.close()
    throw error
  }
  return new NodeDatagramSocket(socket, request)
}

async function bindAndConnect(socket: UdpSocket, request: DatagramRequest): Promise<void> {
  const { local, connect, options = {} } = request
  const joins = isMulticast(local.host)
  // Windows binds to no group.
  const at = joins ? groupOn(local.host, options.device) : local.host
  const address = joins && process.platform === 'win32' ? undefined : at
  socket.bind({ address, port: local.port, exclusive: true })
  await once(socket, 'listening')
  // Not through createSocket's options: it throws a refusal where nobody can catch it.
  const { rcvbufBytes, sndbufBytes } = options
  if (rcvbufBytes !== undefined) askForBuffer(rcvbufBytes, bytes => socket.setRecvBufferSize(bytes))
  if (sndbufBytes !== undefined) askForBuffer(sndbufBytes, bytes => socket.setSendBufferSize(bytes))
  if (joins) join(socket, local, options)
  if (!connect) return
  if (isMulticast(connect.host)) sendToGroup(socket, connect, options)
  socket.connect(connect.port, connect.host)
  await once(socket, 'connect')
}

/**
 * Sets a buffer as close to `bytes` as the system allows: Linux clamps the value, while macOS and FreeBSD refuse more than
 * kern.ipc.maxsockbuf with ENOBUFS and change nothing. The socket reads the granted size back.
 */
function askForBuffer(bytes: number, set: (bytes: number) => void): void {
  for (let asked = bytes; ; asked = Math.floor(asked / 2)) {
    try {
      set(asked)
      return
    } catch (error) {
      if (errorCode(error) !== 'ERR_SOCKET_BUFFER_SIZE' || asked < LEAST_BUFFER_BYTES) throw error
    }
  }
}

class NodeDatagramSocket implements DatagramSocket {
  readonly local: Endpoint
  readonly state: SocketState
  readonly #socket: UdpSocket
  readonly #errors = new SendErrors()
  #fullSends = 0
  /** libuv has queued the latest send. */
  #queued = false
  #closed: Promise<unknown> | undefined
  /** The error that ended the path. */
  #ended: string | undefined
  #fault: ((code: string) => void) | undefined

  constructor(socket: UdpSocket, request: DatagramRequest) {
    this.#socket = socket
    const { address, port } = socket.address()
    const { local, connect, options } = request
    this.local = { host: isMulticast(local.host) ? local.host : address, port, family: local.family }
    this.state = {
      ...(connect && isMulticast(connect.host) ? groupState(options) : {}),
      sndbufBytes: socket.getSendBufferSize(),
      rcvbufBytes: socket.getRecvBufferSize(),
      batch: 1,
    }
    // ECONNREFUSED on a connected socket arrives here, after the send that caused it. On an unconnected one, a peer that is gone says
    // nothing about the others.
    socket.on('error', error => {
      const code = errorCode(error) ?? 'EUNKNOWN'
      if (!this.#errors.endsPath(code)) return
      if (request.connect) this.#ended = code
      this.#fault?.(code)
    })
  }

  read(take: TakeDatagram, fault?: (code: string) => void): void {
    this.#fault = fault
    let from: Endpoint = { host: '', port: 0, family: this.local.family }
    this.#socket.on('message', (message, { address, port }) => {
      this.#errors.heard()
      if (port !== from.port || address !== from.host)
        from = { host: address, port, family: this.local.family }
      take(message, 0, message.length, from, monotonic())
    })
  }

  burst(): number {
    return BURST
  }

  info(): SocketInfo {
    return { fullSends: this.#fullSends }
  }

  /** Sends one after another, because a retried datagram must not be overtaken; the system answers immediately unless it is full. */
  readonly send: DatagramSocket['send'] = async (bytes, chunkBytes, first, count, tally, to) => {
    await new Promise<void>(resolve => {
      const end = first + count
      let index = first
      let before: string | undefined
      const offer = () => {
        if (index >= end || tally.failure) resolve()
        else this.#offer(bytes, index * chunkBytes, chunkBytes, answered, to)
      }
      const answered = (error: Error | null) => {
        const length = Math.min(chunkBytes, bytes.length - index * chunkBytes)
        if (!error) {
          tally.accepted++
          tally.acceptedBytes += length
          if (before !== undefined) tally.repeated++
        } else if (this.#judge(error, tally, length, before)) {
          before = errorCode(error)
          return offer()
        }
        before = undefined
        index++
        offer()
      }
      offer()
    })
    if (count >= BURST) await pauseByTimers(0)
  }

  /** Judges an error; returns true if the datagram should be retried. @param before the error of the first attempt, if there was one */
  #judge(error: Error, tally: SendTally, datagramBytes: number, before: string | undefined): boolean {
    const code = errorCode(error) ?? 'EUNKNOWN'
    const verdict = this.#errors.judge(code, before)
    if (verdict === 'fail') {
      const closed = code === 'ERR_SOCKET_DGRAM_NOT_RUNNING'
      tally.failure ??= { code: closed ? 'ABORTED' : code, message: errorMessage(error) }
    } else if (verdict === 'refuse') {
      // After EPERM from a local firewall, the ICMP error that it also sends adds nothing.
      noteRefusal(tally, code === 'ECONNREFUSED' ? (before ?? code) : code, datagramBytes, false)
    }
    return verdict === 'repeat'
  }

  /** Always passes a callback: without one, node:dgram drops EMSGSIZE silently. */
  #offer(
    bytes: Buffer,
    start: number,
    chunkBytes: number,
    answered: (error: Error | null) => void,
    to: Endpoint | undefined,
  ): void {
    if (this.#ended !== undefined) {
      answered(Object.assign(new Error(`the peer is unreachable (${this.#ended})`), { code: this.#ended }))
      return
    }
    const length = Math.min(chunkBytes, bytes.length - start)
    try {
      if (to) this.#socket.send(bytes, start, length, to.port, to.host, answered)
      else this.#socket.send(bytes, start, length, answered)
      this.#noteQueued(this.#socket.getSendQueueCount() > 0)
    } catch (error) {
      answered(error instanceof Error ? error : new Error(String(error)))
    }
  }

  /** Before it queues one, libuv tries twice; once within the callback of another one that was queued. */
  #noteQueued(queued: boolean): void {
    if (queued) this.#fullSends += this.#queued ? 1 : 2
    this.#queued = queued
  }

  readonly pause = pauseByTimers

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closed) {
      this.#closed = once(this.#socket, 'close')
      this.#socket.close()
    }
    await this.#closed
  }
}
