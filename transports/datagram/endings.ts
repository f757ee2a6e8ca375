/** What becomes of a receiver's transfers: acknowledged, ended and reported. And of datagrams that belong to none. */
import { monotonic } from '../../base/clock.ts'
import type { ReceiveReport } from '../contract/reports.ts'
import type { DatagramSocket } from '../contract/sockets.ts'
import type { Expectation, ReceiveOptions } from '../contract/transport.ts'
import { newTally } from '../engines/tally.ts'
import type { Assembly } from './assembly.ts'
import type { ReceivingFormat } from './format.ts'
import { isWhole, orphanWords, reportOf } from './report.ts'
import type { Sources } from './sources.ts'
import { DUPLICATE_MS, failed, type Source, type Transfer } from './transfer.ts'
import type { DatagramTrial } from './trial.ts'

/** This many datagrams from a source may be stragglers or duplicates of its last transfer and are not reported. */
const STRAGGLERS = 2

export class Endings {
  /** Datagrams from hosts that are not accepted, and from sources that did not fit in the table. */
  unheard = 0
  /** Host of the first datagram of the expected transfer that did not come from the peer: something rewrites its source address. */
  strayFrom: string | undefined
  /** Those that will be answered in a moment. */
  readonly #answering = new Set<Assembly>()
  readonly #socket: DatagramSocket
  readonly #options: ReceiveOptions
  readonly #format: ReceivingFormat
  readonly #expected: Expectation | undefined
  readonly #sources: Sources
  readonly #trial: DatagramTrial

  /** @param expected split into datagrams as the format does it */
  constructor(
    socket: DatagramSocket,
    options: ReceiveOptions,
    format: ReceivingFormat,
    expected: Expectation | undefined,
    sources: Sources,
    trial: DatagramTrial,
  ) {
    this.#socket = socket
    this.#options = options
    this.#format = format
    this.#expected = expected
    this.#sources = sources
    this.#trial = trial
  }

  /** False in a trial, which has one transfer, reported when it is settled. */
  get #reporting(): boolean {
    return this.#options.ended !== undefined
  }

  /** Reports datagrams that belong to no transfer once per source, but not stragglers of a transfer that has just ended. */
  stray(source: Source, bytes: number, what: string | undefined): void {
    source.stray++
    const { beginning } = this.#format
    const straggler = monotonic() - source.endedAt < DUPLICATE_MS && source.stray <= STRAGGLERS
    if (source.noted || beginning === undefined || (straggler && what === undefined)) return
    source.noted = true
    this.#options.noted?.(source.endpoint, what ?? orphanWords(bytes, beginning))
  }

  /** A datagram of a transfer that has ended, whose sender may have missed the last answer; or of one that may not begin. */
  notOpen(source: Source, id: number | undefined, memory: Buffer, start: number, end: number): void {
    const whole = id === undefined ? undefined : source.ended.get(id)
    const answer = whole === undefined ? undefined : this.#format.afterwards?.(memory, start, end, whole)
    if (answer) this.#reply(answer, source)
    else if (whole === undefined) this.stray(source, end - start, undefined)
  }

  /** After each datagram: acknowledges a complete transfer, and ends a finished one. */
  look(source: Source, open: Transfer): void {
    const whole = isWhole(open, this.#format)
    if (whole && !open.acknowledged) {
      open.acknowledged = true
      if (this.#format.acknowledgement) this.#acknowledge(this.#format.acknowledgement, source, open)
    }
    this.#answer(source, open)
    this.#trial.look(open)
    if (this.#reporting && (whole || open.failure)) this.finish(source, open)
  }

  #acknowledge(bytes: Buffer, source: Source, open: Transfer): void {
    // The source address may be spoofed: never send it more than was received.
    if (this.#options.peer !== undefined && open.bytes < bytes.length) return
    this.#reply(bytes, source)
  }

  /** Answers what a format resends until it is answered: at once if it must, else together with what arrives meanwhile. */
  #answer(source: Source, open: Transfer): void {
    const { assembly } = open
    if (!assembly) return
    if (open.failure && !this.#reporting) this.#reply(assembly.refusal?.(), source)
    else if (assembly.urgent) this.#reply(assembly.answer?.(), source)
    else if (assembly.unanswered && !this.#answering.has(assembly)) {
      this.#answering.add(assembly)
      void this.#socket.pause(0).then(() => {
        this.#answering.delete(assembly)
        if (assembly.unanswered) this.#reply(assembly.answer?.(), source)
      })
    }
  }

  /** Sends a source an answer, which must not be longer than what came from it. */
  #reply(bytes: Buffer | undefined, { endpoint }: Source): void {
    if (bytes) void this.#socket.send(bytes, bytes.length, 0, 1, newTally(), endpoint)
  }

  /** Ends a transfer to make room for another source. */
  crowdOut(source: Source): void {
    const { open } = source
    if (!open) return
    open.failure ??= failed(
      'BUSY',
      'too many senders at once, of which its host had most and it was the slowest',
    )
    if (this.#reporting) this.finish(source, open)
  }

  /** Ends a transfer, and reports it if each one is reported. */
  finish(source: Source, open: Transfer): void {
    const alone = this.#sources.end(source, open)
    const whole = isWhole(open, this.#format)
    if (open.id !== undefined) source.remember(open.id, whole)
    if (open.assembly && !whole) this.#reply(open.assembly.refusal?.(), source)
    source.endedAt = monotonic()
    // The failure has been reported, so later datagrams of this transfer need no further report.
    if (open.failure) source.noted = true
    const { begunAt } = open
    const saved = this.#options.ended?.({
      ...this.report(source, open),
      begunAt,
      ...(alone ? { alone } : {}),
    })
    source.stray = 0
    const giveBack = () => this.#options.budget?.giveBack(open.heldBytes)
    void Promise.resolve(saved).then(giveBack, giveBack)
  }

  /** In a trial, everything from other sources counts as stray; otherwise, what a source sent before its transfer. */
  report(source: Source | undefined, open = source?.open): ReceiveReport {
    let stray = source?.stray ?? 0
    if (!this.#reporting) {
      stray += this.unheard
      for (const each of this.#sources) if (each !== source) stray += each.datagrams
    }
    const beside = { stray, ...(this.strayFrom === undefined ? {} : { strayFrom: this.strayFrom }) }
    return reportOf(source, open, this.#format, this.#expected, beside)
  }
}
