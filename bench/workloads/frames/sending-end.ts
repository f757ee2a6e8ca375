/** The camera of one trial. */
import { monotonic } from '../../../base/clock.ts'
import { LONGEST_MS } from '../../../scenarios/frames.ts'
import type { SendReport } from '../../../transports/contract/reports.ts'
import { encodeTimes } from '../../../transports/contract/times.ts'
import type { Carrier, Traits } from '../../../transports/contract/transport.ts'
import { lineTo } from '../../../transports/line.ts'
import type { End, EndOptions } from '../../fleet/agent/end.ts'
import { watchSender } from '../../fleet/agent/end-watch.ts'
import { type Shot, shoot } from './camera.ts'
import type { Pictures } from './pictures.ts'

export function cameraEnd(options: EndOptions & { readonly transport: Carrier }, pictures: Pictures): End {
  const { message, transport, sockets, signal, post } = options
  const { trial, socket, rateBps, answerTimeoutMs, resumption, frames } = message
  const { most = 1, everyMs, durationMs = LONGEST_MS } = frames ?? {}
  const { traits } = transport
  const tls = resumption ? { resume: resumption } : undefined
  return {
    async go({ to, from }) {
      const finish = watchSender(options, to.family)
      const common = { signal, from, socket }
      await using line = await lineTo(transport, sockets, to, common)
      const take = (frame: number, unanswered: AbortSignal) =>
        line.send(pictures.take(frame), {
          ...{ ...common, tls, rateBps, answerTimeoutMs, unanswered },
          restMs: 0,
          sent: () => {},
        })
      const film = new Film(everyMs, most, traits)
      const pace = { signal, everyMs, frames: most, durationMs, reliable: traits.reliable }
      for await (const shot of shoot(line, pace, take)) {
        film.take(shot)
        if (film.failure) break
      }
      const report = film.report(pictures, signal.aborted)
      post({ type: 'sent', trial, sent: report })
      finish(report)
    },
    async [Symbol.asyncDispose]() {},
  }
}

/** All shots as one report. */
class Film {
  failure: SendReport['failure']
  readonly #everyMs: number | undefined
  readonly #frames: number
  readonly #isOfDatagrams: boolean
  readonly #shots: Shot[] = []

  constructor(everyMs: number | undefined, frames: number, { socket }: Traits) {
    this.#everyMs = everyMs
    this.#frames = frames
    this.#isOfDatagrams = socket === 'datagram'
  }

  take(shot: Shot): void {
    this.#shots.push(shot)
    const { failure } = shot.report
    // A datagram of a picture that was given up may come late, and end this one at the receiver.
    const isOvertaken = failure?.code === 'CLOSED' && this.#isOfDatagrams && this.#shots.length > 1
    // The next picture may do better then, and after a time-out; nothing else passes.
    if (failure && failure.code !== 'TIMEOUT' && !isOvertaken) this.failure = failure
  }

  report(pictures: Pictures, isCut: boolean) {
    const shots = this.#shots
    const reports = shots.map(each => each.report)
    const [first, last] = [shots[0], shots.at(-1)]
    const startedAt = first?.dueAt ?? monotonic()
    const sum = (of: (report: SendReport) => number | undefined) => {
      const values = reports.flatMap(each => of(each) ?? [])
      return values.length > 0 ? values.reduce((total, each) => total + each) : undefined
    }
    const most = (of: (report: SendReport) => number | undefined) => {
      const values = reports.flatMap(each => of(each) ?? [])
      return values.length > 0 ? Math.max(...values) : undefined
    }
    const answered = reports.filter(each => each.acknowledged).length
    const count = this.#count(isCut)
    const { tlsVersion, tlsCipher, tlsResumed } = first?.report ?? {}
    return {
      datagramsOffered: sum(each => each.datagramsOffered),
      datagramsAccepted: sum(each => each.datagramsAccepted),
      datagramsRefused: sum(each => each.datagramsRefused),
      datagramsResent: sum(each => each.datagramsResent),
      sendsRepeated: sum(each => each.sendsRepeated),
      bytesAccepted: sum(each => each.bytesAccepted) ?? 0,
      longestBytes: most(each => each.longestBytes),
      paceLatenessMs: most(each => each.paceLatenessMs),
      paceBurst: most(each => each.paceBurst),
      ...{ tlsVersion, tlsCipher, tlsResumed },
      startedAt,
      totalMs: last ? last.leftAt + last.report.totalMs - startedAt : 0,
      acknowledged: answered === reports.length,
      refusal: reports.find(each => each.refusal)?.refusal,
      failure: this.failure,
      frames: { ...this.#times(startedAt, count), answered, digests: [...pictures.digests(count)] },
      state: last?.report.state ?? {},
      info: last?.report.info ?? {},
    }
  }

  /** How many pictures were due; of a film that was cut short, up to its last shot. */
  #count(isCut: boolean): number {
    const sent = (this.#shots.at(-1)?.frame ?? -1) + 1
    return this.#everyMs === undefined || isCut || this.failure ? sent : this.#frames
  }

  /** When each picture was due and left. */
  #times(startedAt: number, count: number): { readonly due: string; readonly left: string } {
    const everyMs = this.#everyMs
    const left = new Float64Array(count).fill(Number.NaN)
    for (const { frame, leftAt } of this.#shots) left[frame] = leftAt - startedAt
    const due = everyMs === undefined ? left : left.map((_, frame) => frame * everyMs)
    return { due: encodeTimes(due), left: encodeTimes(left) }
  }
}
