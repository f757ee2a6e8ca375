/** A connected socket from which one payload after the other leaves. */
import { monotonic } from '../../base/clock.ts'
import { errorCode, errorMessage } from '../../base/errors.ts'
import { formatBytes } from '../../base/units.ts'
import { onAbort } from '../../base/waiting.ts'
import { wildcardOf } from '../contract/addresses.ts'
import type { SendReport } from '../contract/reports.ts'
import type { Endpoint } from '../contract/socket-facts.ts'
import type { DatagramSocket, Sockets } from '../contract/sockets.ts'
import type { Line, LineOptions, Payload, SendOptions, Transfer } from '../contract/transport.ts'
import { countsOf, newTally } from '../engines/tally.ts'

/** A socket to send from. @throws the system's error */
export function openSocket(
  sockets: Sockets,
  to: Endpoint,
  { signal, from, socket: options }: LineOptions,
): Promise<DatagramSocket> {
  const local = { host: from ?? wildcardOf(to.family), port: 0, family: to.family }
  return sockets.bindDatagram({ signal, local, connect: to, options })
}

/** @param speak reads from a fresh socket, and gives what sends one payload from it */
export function fromOneSocket(
  speak: (socket: DatagramSocket) => Line['send'],
): Required<Pick<Transfer, 'send' | 'open'>> {
  const open: Required<Transfer>['open'] = async (sockets, to, options) => {
    const socket = await openSocket(sockets, to, options)
    const abandon = onAbort(options.signal, () => void socket[Symbol.asyncDispose]())
    return {
      send: speak(socket),
      pause: ms => socket.pause(ms),
      async [Symbol.asyncDispose]() {
        abandon[Symbol.dispose]()
        await socket[Symbol.asyncDispose]()
      },
    }
  }
  return {
    open,
    async send(sockets, to, payload, options) {
      let line: Line
      try {
        line = await open(sockets, to, options)
      } catch (error) {
        return notStarted(payload, options, error)
      }
      await using closing = line
      return await closing.send(payload, options)
    },
  }
}

function notStarted({ sizeBytes }: Payload, { sent }: SendOptions, error: unknown): SendReport {
  const counts = countsOf(newTally())
  sent(counts)
  const message = `${errorMessage(error)} (${formatBytes(sizeBytes)} not sent)`
  return {
    ...counts,
    startedAt: monotonic(),
    totalMs: 0,
    acknowledged: false,
    failure: { phase: 'connect', code: errorCode(error) ?? 'ABORTED', message },
    state: {},
    info: {},
  }
}
