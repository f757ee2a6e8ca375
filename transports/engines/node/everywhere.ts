/**
 * Sends and receives datagrams on every address of this host over node:dgram, which reports neither a datagram's destination address nor
 * lets a reply leave from a given one. So each address has a socket of its own, and so do addresses that appear later.
 */
import { errorCode } from '../../../base/errors.ts'
import { ownAddresses } from '../../contract/addresses.ts'
import type { Endpoint } from '../../contract/socket-facts.ts'
import type { DatagramRequest, DatagramSocket, SendTally, TakeDatagram } from '../../contract/sockets.ts'

/** How often to look for new addresses. */
const LOOK_MS = 2000
/** A port that the system chose on one address may be in use on another. */
const TRIES = 16

type Bind = (request: DatagramRequest) => Promise<DatagramSocket>

/** @param bind binds one socket to one address @throws the system's error */
export async function bindEverywhere(request: DatagramRequest, bind: Bind): Promise<DatagramSocket> {
  for (let tried = 1; ; tried++) {
    const sockets: DatagramSocket[] = []
    try {
      let { port } = request.local
      for (const own of addressesOf(request.local.family)) {
        const socket = await bindIfThere({ ...request, local: { ...own, port } }, bind)
        if (!socket) continue
        sockets.push(socket)
        port = socket.local.port
      }
      const [first] = sockets
      return first ? new EverywhereSocket(request, bind, first, sockets) : await bind(request)
    } catch (error) {
      await Promise.all(sockets.map(each => each[Symbol.asyncDispose]()))
      if (request.local.port !== 0 || errorCode(error) !== 'EADDRINUSE' || tried === TRIES) throw error
    }
  }
}

/** `::` covers both families. */
function addressesOf(family: 4 | 6) {
  return ownAddresses().filter(each => family === 6 || each.family === 4)
}

/** Undefined if the address has gone, or is not usable yet. */
async function bindIfThere(request: DatagramRequest, bind: Bind): Promise<DatagramSocket | undefined> {
  try {
    return await bind(request)
  } catch (error) {
    if (errorCode(error) === 'EADDRNOTAVAIL') return undefined
    throw error
  }
}

class EverywhereSocket implements DatagramSocket {
  readonly local: Endpoint
  readonly state
  readonly #first: DatagramSocket
  readonly #sockets: Map<string, DatagramSocket>
  readonly #timer: NodeJS.Timeout
  #read: ((socket: DatagramSocket) => void) | undefined
  #closed = false

  constructor(
    request: DatagramRequest,
    bind: Bind,
    first: DatagramSocket,
    sockets: readonly DatagramSocket[],
  ) {
    this.#first = first
    this.#sockets = new Map(sockets.map(each => [each.local.host, each]))
    this.local = { ...request.local, port: first.local.port }
    this.state = first.state
    this.#timer = setInterval(() => void this.#addNew(request, bind), LOOK_MS)
    this.#timer.unref()
  }

  read(take: TakeDatagram, fault?: (code: string) => void): void {
    this.#read = socket => {
      const via = socket.local.host
      let known: { readonly from: Endpoint; readonly source: Endpoint } | undefined
      socket.read((memory, start, end, from, at, eachBytes) => {
        if (known?.from !== from) known = { from, source: { ...from, via } }
        take(memory, start, end, known.source, at, eachBytes)
      }, fault)
    }
    for (const socket of this.#sockets.values()) this.#read(socket)
  }

  burst(chunkBytes: number): number {
    return this.#first.burst(chunkBytes)
  }

  info() {
    return this.#first.info()
  }

  send(
    bytes: Buffer,
    chunkBytes: number,
    first: number,
    count: number,
    tally: SendTally,
    to?: Endpoint,
  ): Promise<void> {
    const own = to?.via === undefined ? undefined : this.#sockets.get(to.via)
    const socket = own ?? [...this.#sockets.values()].find(each => each.local.family === to?.family)
    return (socket ?? this.#first).send(bytes, chunkBytes, first, count, tally, to)
  }

  pause(ms: number): Promise<void> {
    return this.#first.pause(ms)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    await Promise.all([...this.#sockets.values()].map(each => each[Symbol.asyncDispose]()))
  }

  async #addNew(request: DatagramRequest, bind: Bind): Promise<void> {
    const { port } = this.local
    for (const own of addressesOf(request.local.family)) {
      if (this.#closed || this.#sockets.has(own.host)) continue
      const socket = await bind({ ...request, local: { ...own, port } }).catch(() => undefined)
      if (!socket) continue
      if (this.#closed) await socket[Symbol.asyncDispose]()
      else {
        this.#sockets.set(own.host, socket)
        this.#read?.(socket)
      }
    }
  }
}
