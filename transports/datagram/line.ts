/** A connected socket from which one payload after the other leaves. */
import { monotonic } from '../../base/clock.ts'
import { errorCode, errorMessage } from '../../base/errors.ts'
import { formatBytes } from '../../base/units.ts'
import { onAbort } from '../../base/waiting.ts'
import type { SendReport } from '../contract/reports.ts'
import type { DatagramSocket } from '../contract/sockets.ts'
import type { Line, Payload, SendOptions, Transfer } from '../contract/transport.ts'

/** @param speak reads from a fresh socket, and gives what sends one payload from it */
export function fromOneSocket(
  speak: (socket: DatagramSocket) => Line['send'],
): Required<Pick<Transfer, 'send' | 'open'>> {
  const open: Required<Transfer>['open'] = async (sockets, to, { signal, from, socket: options }) => {
    const anywhere = to.family === 6 ? '::' : '0.0.0.0'
    const local = { host: from ?? anywhere, port: 0, family: to.family }
    const socket = await sockets.bindDatagram({ signal, local, connect: to, options })
    const abandon = onAbort(signal, () => void socket[Symbol.asyncDispose]())
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
  const counts = { datagramsOffered: 0, datagramsAccepted: 0, datagramsRefused: 0, bytesAccepted: 0 }
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
