/**
 * Sends and receives datagrams on every address of this host over node:dgram, which reports neither a datagram's destination address nor
 * lets a reply leave from a given one. So each address has a socket of its own, and so do addresses that appear later.
 */
import { errorCode } from '../../../base/errors.ts'
import { isOfPort } from '../../../base/system-errors.ts'
import { ownAddresses } from '../../contract/addresses.ts'
import type { Endpoint } from '../../contract/socket-facts.ts'
import type { DatagramRequest, DatagramSocket } from '../../contract/sockets.ts'
import { bindDatagram } from './datagram.ts'

/** How often to look for new addresses. */
const LOOK_MS = 2000
/** A port that the system chose on one address may be in use on another. */
const TRIES = 16

/** @throws the system's error */
export async function bindEverywhere(request: DatagramRequest): Promise<DatagramSocket> {
  for (let tried = 1; ; tried++) {
    const sockets: DatagramSocket[] = []
    try {
      let { port } = request.local
      for (const own of addressesOf(request.local.family)) {
        const socket = await bindIfThere({ ...request, local: { ...own, port } })
        if (!socket) continue
        sockets.push(socket)
        port = socket.local.port
      }
      const [first] = sockets
      return first ? everywhere(request, first, sockets) : await bindDatagram(request)
    } catch (error) {
      await Promise.all(sockets.map(each => each[Symbol.asyncDispose]()))
      if (request.local.port !== 0 || !isOfPort(errorCode(error)) || tried === TRIES) throw error
    }
  }
}

/** `::` covers both families. */
function addressesOf(family: 4 | 6) {
  return ownAddresses().filter(each => family === 6 || each.family === 4)
}

/** Undefined if the address has gone, or is not usable yet. */
async function bindIfThere(request: DatagramRequest): Promise<DatagramSocket | undefined> {
  try {
    return await bindDatagram(request)
  } catch (error) {
    if (errorCode(error) === 'EADDRNOTAVAIL') return undefined
    throw error
  }
}

function everywhere(
  request: DatagramRequest,
  first: DatagramSocket,
  all: readonly DatagramSocket[],
): DatagramSocket {
  const { family } = request.local
  const { port } = first.local
  const sockets = new Map(all.map(each => [each.local.host, each]))
  let readFrom: ((socket: DatagramSocket) => void) | undefined
  let closed = false
  const addNew = async () => {
    for (const own of addressesOf(family)) {
      if (closed || sockets.has(own.host)) continue
      const socket = await bindDatagram({ ...request, local: { ...own, port } }).catch(() => undefined)
      if (!socket) continue
      if (closed) await socket[Symbol.asyncDispose]()
      else {
        sockets.set(own.host, socket)
        readFrom?.(socket)
      }
    }
  }
  const timer = setInterval(() => void addNew(), LOOK_MS).unref()
  return {
    local: { ...request.local, port },
    state: first.state,
    burst: chunkBytes => first.burst(chunkBytes),
    info: () => first.info(),
    pause: ms => first.pause(ms),

    read(take, fault) {
      readFrom = socket => {
        const via = socket.local.host
        let known: { readonly from: Endpoint; readonly source: Endpoint } | undefined
        socket.read((memory, start, end, from, at, eachBytes) => {
          if (known?.from !== from) known = { from, source: { ...from, via } }
          take(memory, start, end, known.source, at, eachBytes)
        }, fault)
      }
      for (const socket of sockets.values()) readFrom(socket)
    },

    send(bytes, chunkBytes, index, count, tally, to) {
      const own = to?.via === undefined ? undefined : sockets.get(to.via)
      const socket = own ?? [...sockets.values()].find(each => each.local.family === to?.family) ?? first
      return socket.send(bytes, chunkBytes, index, count, tally, to)
    },

    async [Symbol.asyncDispose]() {
      closed = true
      clearInterval(timer)
      await Promise.all([...sockets.values()].map(each => each[Symbol.asyncDispose]()))
    },
  }
}
