/** Decides which of a listener's connections is the trial's: the best match, since anyone on the peer's host may connect first. */
import { monotonic } from '../../base/clock.ts'
import { Bell } from '../../base/waiting.ts'
import type { ReceiveReport, SentCounts } from '../contract/reports.ts'
import type { ReceiveOptions } from '../contract/transport.ts'
import type { Connection } from './connection.ts'

const OVERDUE = { phase: 'transfer', code: 'TIMEOUT', message: 'not everything had arrived in time' } as const

interface Candidate {
  readonly connection: Connection
  readonly report: ReceiveReport
}

export class StreamTrial {
  readonly #open: ReadonlySet<Connection>
  readonly #sizeBytes: number | undefined
  readonly #signal: AbortSignal
  readonly #bell = new Bell()
  /** The best of those that have ended. */
  #best: Candidate | undefined
  #settled: Candidate | undefined
  #stopped = false

  /** @param open connections that have not ended, in order of arrival */
  constructor(open: ReadonlySet<Connection>, { expected, holdBytes, signal }: ReceiveOptions) {
    this.#open = open
    this.#sizeBytes = expected?.sizeBytes ?? holdBytes
    this.#signal = signal
  }

  /** The connection most likely to be the trial's so far. */
  get connection(): Connection | undefined {
    return (this.#settled ?? this.#fittest())?.connection
  }

  ended(connection: Connection, report: ReceiveReport): void {
    this.#best = this.#better(this.#best, { connection, report })
    this.#bell.ring()
  }

  /** Nothing more will arrive: wakes the waiter. */
  stop(): void {
    this.#stopped = true
    this.#bell.ring()
  }

  /**
   * Resolves when the transfer has arrived in full, or no connection can still deliver it. Retransmissions may stall a stream for longer
   * than any quiet time, so only a transfer without any connection is given up after `quietMs`, others at `deadlineMs`.
   */
  async settle(sent: SentCounts, quietMs: number, deadlineMs: number): Promise<ReceiveReport> {
    const begun = monotonic()
    let overdue = false
    while (!this.#signal.aborted && !this.#stopped && !this.#isDecided(sent)) {
      const mayCome = this.#mayCome(sent)
      const leftMs = begun + (mayCome ? deadlineMs : Math.min(quietMs, deadlineMs)) - monotonic()
      overdue = mayCome && leftMs <= 0
      if (leftMs <= 0) break
      await this.#bell.wait(leftMs, this.#signal)
    }
    this.#settled = this.#fittest()
    const report = this.#settled?.report ?? { bytesDelivered: 0, complete: false }
    // The sender sees only that this end closes, and whichever of the two notices first that time is up must not decide.
    return overdue && !isWhole(report) ? { failure: OVERDUE, ...report } : report
  }

  #isDecided(sent: SentCounts): boolean {
    const report = this.#best?.report
    if (!report) return false
    if (this.#announced(report.announcedBytes))
      return (isWhole(report) && report.intact !== false) || !this.#mayCome(sent)
    // A sender that never got to send payload was turned away or left: nothing will arrive.
    return sent.bytesAccepted === 0 && this.#sizeBytes !== 0
  }

  /** True if a connection that is still open may be the trial's: a sender that sent payload has announced it. */
  #mayCome({ bytesAccepted }: SentCounts): boolean {
    for (const { announcedBytes } of this.#open)
      if (bytesAccepted === 0 || this.#announced(announcedBytes)) return true
    return false
  }

  #announced(bytes: number | undefined): boolean {
    return bytes !== undefined && bytes === (this.#sizeBytes ?? bytes)
  }

  #fittest(): Candidate | undefined {
    let best = this.#best
    for (const connection of this.#open)
      best = this.#better(best, { connection, report: connection.report() })
    return best
  }

  /** Prefers the expected size, then completeness, then no damage, then the most bytes, then the first. */
  #better(best: Candidate | undefined, other: Candidate): Candidate {
    if (!best) return other
    const [a, b] = [this.#fit(best.report), this.#fit(other.report)]
    const index = a.findIndex((value, at) => value !== b[at])
    return (b[index] ?? 0) > (a[index] ?? 0) ? other : best
  }

  #fit(report: ReceiveReport): readonly number[] {
    const fits = [this.#announced(report.announcedBytes), isWhole(report), report.intact === true]
    return [...fits.map(Number), report.bytesDelivered]
  }
}

function isWhole({ complete, failure }: ReceiveReport): boolean {
  return complete && !failure
}
