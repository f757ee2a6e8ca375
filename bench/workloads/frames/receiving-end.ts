/** The receiver of a camera's pictures: they come one after the other, as to `bench receive`. */
import { monotonic } from '../../../base/clock.ts'
import { Bell, untilQuiet } from '../../../base/waiting.ts'
import type { ReceiveReport } from '../../../transports/contract/reports.ts'
import { encodeTimes, MOST_TIMES } from '../../../transports/contract/times.ts'
import type { Carrier } from '../../../transports/contract/transport.ts'
import { MemoryBudget } from '../../../transports/payload/held-memory.ts'
import type { End, EndOptions } from '../../fleet/agent/end.ts'
import { socketDrops, watchHostDrops } from '../../fleet/agent/kernel.ts'
import { atFreePort } from '../../fleet/agent/ports.ts'
import { StallWatch } from '../../fleet/agent/stall-watch.ts'
import { watchCosts } from '../../fleet/agent/thread-watch.ts'
import { digestOf } from './pictures.ts'

/** Beside the time in which an answer is due, how long one may be silent before it is given up. */
const SILENT_MS = 1000
/** Pictures that are held at the same time: of a connection that was given up, and of the next. */
const MOST_HELD = 4

/** @throws the system's error if no port is available */
export async function screenEnd({
  message,
  transport,
  sockets,
  signal,
  post,
}: EndOptions & { readonly transport: Carrier }): Promise<End> {
  const { trial, payload, local, ports, peer, socket, answerTimeoutMs } = message
  const { sizeBytes } = payload
  const arrivals = new Arrivals()
  const receiver = await atFreePort(local, ports, at =>
    transport.transfer.receive(sockets, {
      ...{ signal, local: at, peer, socket },
      maxSizeBytes: sizeBytes,
      holdBytes: sizeBytes,
      budget: new MemoryBudget(MOST_HELD * (sizeBytes + (1 << 20))),
      quietMs: answerTimeoutMs + SILENT_MS,
      ended: report => arrivals.take(report),
    }),
  )
  const { endpoint } = receiver
  const hostDrops = transport.traits.socket === 'datagram' ? watchHostDrops(local.family) : undefined
  const costs = watchCosts()
  const stalls = new StallWatch()
  return {
    endpoint,
    async settle({ sent, quietMs, deadlineMs }) {
      await untilQuiet(
        () => arrivals.wholeBytes >= sent.bytesAccepted,
        () => receiver.heardAt ?? arrivals.endedAt,
        quietMs,
        deadlineMs,
        arrivals.bell,
        signal,
      )
      receiver.callOff()
      const spent = costs()
      const { state, info } = receiver
      const drops = hostDrops && {
        ...hostDrops(),
        socketDrops: info.drops ?? socketDrops(endpoint.port, endpoint.family),
      }
      const complete = arrivals.wholeBytes >= sent.bytesAccepted
      post({
        type: 'receive-report',
        trial,
        report: { ...arrivals.report(), complete, drops, state, info },
        cpuMs: spent.cpuMs,
        thread: { ...spent.thread, ...stalls.since() },
      })
    },
    [Symbol.asyncDispose]() {
      stalls[Symbol.dispose]()
      return receiver[Symbol.asyncDispose]()
    },
  }
}

/** What came, in the order in which it ended. */
class Arrivals {
  /** Rings when one has ended. */
  readonly bell = new Bell()
  wholeBytes = 0
  endedAt: number | undefined
  #from: ReceiveReport['from']
  #firstAt: number | undefined
  #lastAt: number | undefined
  /** When each was whole; NaN if it never was. */
  readonly #whole: number[] = []
  readonly #digests: string[] = []

  take({ from, firstAt, lastAt, complete, failure, bytesDelivered, held }: ReceiveReport): void {
    this.endedAt = monotonic()
    const isWhole = complete && !failure && lastAt !== undefined
    // More than were sent are not pictures of this camera.
    if (firstAt !== undefined && this.#whole.length < MOST_TIMES) {
      this.#from ??= from
      this.#firstAt ??= firstAt
      this.#lastAt = lastAt ?? this.#lastAt
      this.#whole.push(isWhole ? lastAt : Number.NaN)
      this.#digests.push(isWhole ? digestOf(held?.parts ?? []) : '')
      if (isWhole) this.wholeBytes += bytesDelivered
    }
    this.bell.ring()
  }

  report() {
    const firstAt = this.#firstAt
    return {
      bytesDelivered: this.wholeBytes,
      ...(this.#from ? { from: this.#from } : {}),
      ...(firstAt === undefined ? {} : { firstAt, lastAt: this.#lastAt ?? firstAt }),
      frames: {
        whole: encodeTimes(Float64Array.from(this.#whole, at => at - (firstAt ?? 0))),
        digests: this.#digests,
      },
    }
  }
}
