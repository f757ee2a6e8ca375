/** The receiver of a camera's pictures: they come one after the other, as to `bench receive`. */
import { monotonic } from '../../../base/clock.ts'
import { Bell, untilQuiet } from '../../../base/waiting.ts'
import { MOST_HELD } from '../../../scenarios/frames.ts'
import type { ReceiveReport, SentCounts } from '../../../transports/contract/reports.ts'
import { encodeTimes, MOST_TIMES } from '../../../transports/contract/times.ts'
import type { Carrier } from '../../../transports/contract/transport.ts'
import { MemoryBudget } from '../../../transports/payload/held-memory.ts'
import type { End, EndOptions } from '../../fleet/agent/end.ts'
import { ReceiverWatch } from '../../fleet/agent/end-watch.ts'
import { atFreePort } from '../../fleet/agent/ports.ts'
import { allDiffer, digestOf } from './pictures.ts'

/** Beside the time in which an answer is due, how long one may be silent before it is given up. */
const SILENT_MS = 1000

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
  const arrivals = new Arrivals(allDiffer(payload))
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
  const watch = new ReceiverWatch(transport, endpoint)
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
      const { state, info } = receiver
      const { drops, ...spent } = watch.read(info.drops)
      const complete = arrivals.wholeBytes >= sent.bytesAccepted
      const report = { ...arrivals.report(sent, receiver.strayFrom), complete, drops, state, info }
      post({ type: 'receive-report', trial, report, ...spent })
    },
    [Symbol.asyncDispose]() {
      watch[Symbol.dispose]()
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
  readonly #differ: boolean
  readonly #known = new Set<string>()

  /** @param differ no two pictures are alike, so that one which comes again was doubled on the way */
  constructor(differ: boolean) {
    this.#differ = differ
  }

  take({ from, firstAt, lastAt, complete, failure, bytesDelivered, held }: ReceiveReport): void {
    this.endedAt = monotonic()
    const isWhole = complete && !failure && lastAt !== undefined
    const content = isWhole ? digestOf(held?.parts ?? []) : ''
    const isAgain = this.#differ && isWhole && this.#known.has(content)
    // More than were sent are not pictures of this camera.
    if (firstAt !== undefined && !isAgain && this.#whole.length < MOST_TIMES) {
      this.#from ??= from
      this.#firstAt ??= firstAt
      this.#lastAt = lastAt ?? this.#lastAt
      this.#whole.push(isWhole ? lastAt : Number.NaN)
      this.#digests.push(content)
      this.#known.add(content)
      if (isWhole) this.wholeBytes += bytesDelivered
    }
    this.bell.ring()
  }

  report({ bytesAccepted }: SentCounts, strayFrom: string | undefined) {
    const firstAt = this.#firstAt
    return {
      // Files that were doubled on the way count once.
      bytesDelivered: Math.min(this.wholeBytes, bytesAccepted),
      ...(this.#from ? { from: this.#from } : {}),
      ...(firstAt === undefined ? {} : { firstAt, lastAt: this.#lastAt ?? firstAt }),
      frames: {
        whole: encodeTimes(Float64Array.from(this.#whole, at => at - (firstAt ?? 0))),
        digests: this.#digests,
        ...(strayFrom === undefined ? {} : { strayFrom }),
      },
    }
  }
}
