/** Which of a socket's transfers is a trial's: chosen when all is over, by what has come of each. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { monotonic } from '../../base/clock.ts'
import { Bell } from '../../base/waiting.ts'
import type { SentCounts } from '../contract/reports.ts'
import type { Expectation, ReceiveOptions } from '../contract/transport.ts'
import { Reception } from '../payload/reception.ts'
import type { Meaning, ReceivingFormat } from './format.ts'
import type { Sources } from './sources.ts'
import { LONGEST_SIGNAL_BYTES, type Source, type Transfer } from './transfer.ts'

export class DatagramTrial {
  /** Datagrams that were missing and came after the drain. */
  late = 0
  /** What comes now is late. */
  drained = false
  readonly #sources: Sources
  readonly #format: ReceivingFormat
  readonly #expected: Expectation | undefined
  readonly #sizeBytes: number | undefined
  readonly #signal: AbortSignal
  /** What a settled transfer still waits for has come. */
  readonly #satisfied = new Bell()
  #settling: SentCounts | undefined
  #settled: Source | undefined
  #tardy: Reception | undefined

  /** @param expected as the format cuts it into datagrams */
  constructor(
    sources: Sources,
    format: ReceivingFormat,
    expected: Expectation | undefined,
    { signal, holdBytes }: ReceiveOptions,
  ) {
    this.#sources = sources
    this.#format = format
    this.#expected = expected
    this.#sizeBytes = expected?.sizeBytes ?? holdBytes
    this.#signal = signal
  }

  /** The source of its transfer, when all that was accepted has arrived, nothing came for `quietMs`, or `deadlineMs` have passed. */
  async settle(sent: SentCounts, quietMs: number, deadlineMs: number): Promise<Source | undefined> {
    const begun = monotonic()
    const until = begun + deadlineMs
    const quietAt = () => Math.max(begun, this.#best(sent)?.open?.arrivedAt ?? begun) + quietMs
    this.#settling = sent
    while (!this.#satisfies(this.#best(sent)?.open, sent) && !this.#signal.aborted) {
      const leftMs = Math.min(quietAt(), until) - monotonic()
      if (leftMs > 0) {
        await this.#satisfied.wait(leftMs, this.#signal)
        continue
      }
      // A timer may fire while datagrams wait in the socket: only a turn of the event loop that brings none is quiet.
      await nextTurn()
      await nextTurn()
      const now = monotonic()
      if (now >= until || now >= quietAt()) break
    }
    this.drained = true
    this.#settled = this.#best(sent)
    return this.#settled
  }

  /** Something has come of this transfer. */
  look(open: Transfer): void {
    if (this.#settling && this.#satisfies(open, this.#settling)) this.#satisfied.ring()
  }

  /** Its size is known: one that announces another is none of it. */
  announcesAnother(announcedBytes: number | undefined): boolean {
    return this.#sizeBytes !== undefined && announcedBytes !== undefined && announcedBytes !== this.#sizeBytes
  }

  /** Whether these bytes are of its payload; undefined where that is known only when all is over (a file). */
  isPayload(memory: Buffer, start: number, end: number): boolean | undefined {
    const expected = this.#expected
    if (!expected) return undefined
    const index = expected.indexOf(memory, start, end, 0)
    return index !== undefined && expected.matches(memory, start, end, index * expected.chunkBytes)
  }

  /** Whether it can only be of the trial, wherever it comes from: its header, or a chunk that is long enough not to be one by chance. */
  isCertainly(memory: Buffer, start: number, end: number): boolean {
    const meaning = this.#format.meaning(memory, start, end, undefined, undefined)
    if (meaning.kind === 'begin' && meaning.announcedBytes !== undefined)
      return meaning.announcedBytes === this.#sizeBytes
    return end - start >= 2 * LONGEST_SIGNAL_BYTES && this.isPayload(memory, start, end) === true
  }

  /** Payload that comes after the drain has ended, of the trial's source or, where nothing came in time, of any. */
  takeLate(source: Source, memory: Buffer, start: number, end: number, { kind }: Meaning): void {
    if ((this.#settled && source !== this.#settled) || (kind !== 'payload' && kind !== 'foreign')) return
    this.#tardy ??= this.#settled?.open?.reception ?? new Reception(this.#expected, undefined, false)
    if (this.#tardy.isNew(memory, start, end)) this.late++
  }

  /** Of all sources the one whose data match best, the first of several. */
  #best(sent: SentCounts): Source | undefined {
    let best: Source | undefined
    for (const source of this.#sources)
      if (source.open && (!best?.open || match(source.open, sent) > match(best.open, sent))) best = source
    return best
  }

  #satisfies(open: Transfer | undefined, sent: SentCounts): boolean {
    const accepted = sent.datagramsAccepted ?? 0
    if (!open) return accepted === 0 && this.#format.beginning === undefined
    return open.reception.counts.delivered >= accepted && (!this.#format.endMarker || open.ended)
  }
}

/**
 * How well what has come of a transfer fits what was sent: more never helps, and damage is no reason to take another source for the
 * trial's. One without its beginning comes after all that have begun.
 */
function match({ begun, reception }: Transfer, { datagramsAccepted = 0 }: SentCounts): number {
  const { delivered, corrupt } = reception.counts
  const off =
    delivered > datagramsAccepted
      ? delivered - datagramsAccepted
      : Math.max(0, datagramsAccepted - delivered - corrupt)
  return begun ? -off : -off - WITHOUT_BEGINNING
}
/** More than any trial has datagrams. */
const WITHOUT_BEGINNING = 2 ** 50
