/** Decides which of a socket's transfers belongs to the trial, once everything is over, by what arrived in each. */
import { Bell, untilQuiet } from '../../base/waiting.ts'
import type { SentCounts } from '../contract/reports.ts'
import type { Expectation, ReceiveOptions } from '../contract/transport.ts'
import { intactIndex, Reception } from '../payload/reception.ts'
import type { Meaning, ReceivingFormat } from './format.ts'
import type { Sources } from './sources.ts'
import { LONGEST_SIGNAL_BYTES, type Source, type Transfer } from './transfer.ts'

export class DatagramTrial {
  /** Missing datagrams that arrived after the drain. */
  late = 0
  /** Everything from now on is late. */
  drained = false
  readonly #sources: Sources
  readonly #format: ReceivingFormat
  readonly #expected: Expectation | undefined
  readonly #sizeBytes: number | undefined
  readonly #signal: AbortSignal
  /** Rings when everything that settle() waits for has arrived. */
  readonly #satisfied = new Bell()
  #settling: SentCounts | undefined
  #settled: Source | undefined
  #tardy: Reception | undefined

  /** @param expected split into datagrams as the format does it */
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

  /**
   * Returns the source of the trial's transfer, once everything accepted has arrived, nothing has arrived for `quietMs`, or `deadlineMs`
   * have passed.
   */
  async settle(sent: SentCounts, quietMs: number, deadlineMs: number): Promise<Source | undefined> {
    const best = () => this.#best(sent)?.open
    this.#settling = sent
    await untilQuiet(
      () => this.#satisfies(best(), sent),
      () => best()?.arrivedAt,
      quietMs,
      deadlineMs,
      this.#satisfied,
      this.#signal,
    )
    this.drained = true
    this.#settled = this.#best(sent)
    return this.#settled
  }

  /** Something arrived for this transfer. */
  look(open: Transfer): void {
    if (this.#settling && this.#satisfies(open, this.#settling)) this.#satisfied.ring()
  }

  /** The trial's size is known, so a transfer that announces another size is not the trial's. */
  announcesAnother(announcedBytes: number | undefined): boolean {
    return this.#sizeBytes !== undefined && announcedBytes !== undefined && announcedBytes !== this.#sizeBytes
  }

  /** True if these bytes belong to its payload; undefined if that is known only at the end (a file). */
  isPayload(memory: Buffer, datagram: number, end: number): boolean | undefined {
    const expected = this.#expected
    if (!expected) return undefined
    return intactIndex(expected, memory, this.#startOf(datagram, end), end, 0) !== undefined
  }

  /** True if it certainly belongs to the trial, wherever it comes from: its header, or a chunk too long to match by chance. */
  isCertainly(memory: Buffer, start: number, end: number): boolean {
    const meaning = this.#format.meaning(memory, start, end, undefined, undefined)
    const beginning = meaning.kind === 'payload' ? meaning.begins : meaning.kind === 'begin' && meaning
    if (beginning && beginning.announcedBytes !== undefined)
      return beginning.announcedBytes === this.#sizeBytes
    return end - start >= 2 * LONGEST_SIGNAL_BYTES && this.isPayload(memory, start, end) === true
  }

  /** Takes payload that arrives after the drain, from the trial's source or, if nothing arrived in time, from any source. */
  takeLate(source: Source, memory: Buffer, start: number, end: number, { kind }: Meaning): void {
    if ((this.#settled && source !== this.#settled) || (kind !== 'payload' && kind !== 'foreign')) return
    const assembly = this.#settled?.open?.assembly
    if (assembly) {
      if (assembly.isOf(memory, start, end) && assembly.isNew(memory, start)) this.late++
      return
    }
    this.#tardy ??= this.#settled?.open?.reception ?? new Reception(this.#expected, undefined, false)
    if (this.#tardy.isNew(memory, this.#startOf(start, end), end)) this.late++
  }

  /** Where the payload of a datagram begins. */
  #startOf(datagram: number, end: number): number {
    return Math.min(datagram + (this.#format.headerBytes ?? 0), end)
  }

  /** The source whose data match best, or the first of several equal ones. */
  #best(sent: SentCounts): Source | undefined {
    let best: Source | undefined
    for (const source of this.#sources)
      if (source.open && (!best?.open || match(source.open, sent) > match(best.open, sent))) best = source
    return best
  }

  #satisfies(open: Transfer | undefined, sent: SentCounts): boolean {
    const accepted = sent.datagramsAccepted ?? 0
    // Of an empty payload, only markers come.
    if (!open) return accepted === 0 && this.#format.beginning === undefined && this.#sizeBytes !== 0
    return open.reception.counts.delivered >= accepted && (!this.#format.endMarker || open.ended)
  }
}

/**
 * Scores how well a transfer matches what was sent. A surplus does not help, and damage does not count against it. A transfer without its
 * beginning ranks below all that have begun.
 */
function match({ begun, reception }: Transfer, { datagramsAccepted = 0 }: SentCounts): number {
  const { delivered, corrupt } = reception.counts
  const off =
    delivered > datagramsAccepted
      ? delivered - datagramsAccepted
      : Math.max(0, datagramsAccepted - delivered - corrupt)
  return begun ? -off : -off - WITHOUT_BEGINNING
}
/** More datagrams than any trial has. */
const WITHOUT_BEGINNING = 2 ** 50
