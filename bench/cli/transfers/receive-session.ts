/** Prints and saves the transfers of one `bench receive`, one after the other, in the order in which they end. */
import { setTimeout as sleep } from 'node:timers/promises'
import { monotonic } from '../../../base/clock.ts'
import { remedyOf } from '../../../base/system-errors.ts'
import { counted, formatBytes, formatCount, formatMs } from '../../../base/units.ts'
import { Bell } from '../../../base/waiting.ts'
import { renderWarnings, type Warning } from '../../../results/warnings/warnings.ts'
import type { ReceiveReport } from '../../../transports/contract/reports.ts'
import type { Endpoint } from '../../../transports/contract/socket-facts.ts'
import type { Carrier, Receiver, Transport } from '../../../transports/contract/transport.ts'
import { StallWatch } from '../../fleet/agent/stall-watch.ts'
import { EXIT, type ExitCode, type Terminal } from '../terminal.ts'
import { receiveAdvice } from './advice.ts'
import { watchDrops } from './drops.ts'
import { Notes } from './notes.ts'
import type { PictureView } from './picture-view.ts'
import { saveTransfer } from './save.ts'

/** Transfers to advise on; a flood of them gets no more. */
const MOST_ADVISED = 100

/** Data that arrives during a stall is read, and gets its time, only after it. */
const STALL_BEFORE_MS = 50

/** How long to go on saving what has arrived, once interrupted. */
const SAVING_MS = 2000
/** Longer than an engine lets bytes gather in a socket. */
const SOCKETS_MS = 10
const NEVER = new AbortController().signal

interface Settings {
  readonly transport: Carrier
  /** Where to save; nothing is saved without it. */
  readonly dir?: string | undefined
  /** Ends after this many transfers. */
  readonly count?: number | undefined
  /** Other services print notes, too, so that its own need its name. */
  readonly others?: boolean | undefined
  /** Shows what came on a page. */
  readonly view?: PictureView | undefined
  /** The number of the next transfer, where several sessions count together. */
  readonly nextNumber?: (() => number) | undefined
}

export class ReceiveSession {
  /** What its lines call it. */
  name: string
  readonly #terminal: Terminal
  readonly #settings: Settings
  readonly #bell = new Bell()
  /** Resolves when all transfers so far have been printed and saved. */
  #printed: Promise<void> = Promise.resolve()
  #pending = 0
  #taken = 0
  #unfinished = 0
  /** Transfers that arrived, or were under way, beyond `count`. */
  #beyond = 0
  readonly #notes: Notes
  #advised = 0
  #short = false
  #broken: unknown
  /** No more transfers are taken. */
  #over = false
  /** Those that wait are not saved any more. */
  #hurry = false
  #unsaved = 0
  #stalls: StallWatch | undefined
  #receiver: Receiver | undefined
  #advice: (report: ReceiveReport) => readonly Warning[] = () => []

  constructor(terminal: Terminal, settings: Settings) {
    this.#terminal = terminal
    this.#settings = settings
    this.name = settings.transport.name
    this.#notes = new Notes(terminal, 'further senders like these')
  }

  /** Watches the receiver of these transfers for what its socket drops. @param rcvbufBytes asked for */
  watch(receiver: Receiver, engine: string, rcvbufBytes: number | undefined): void {
    const drops = watchDrops(receiver)
    const stalls = new StallWatch()
    this.#stalls = stalls
    this.#receiver = receiver
    const asked = { transport: this.#settings.transport, engine, socket: { rcvbufBytes } }
    this.#advice = report =>
      receiveAdvice(
        asked,
        report,
        receiver,
        drops(report),
        stalls.since((report.firstAt ?? 0) - STALL_BEFORE_MS),
      )
  }

  /** Resolves when its bytes are no longer needed. */
  take(report: ReceiveReport): Promise<void> {
    // A peer that never began a transfer gets a line, but does not count as one.
    const began = report.announcedBytes !== undefined || report.complete || report.bytesDelivered > 0
    if (this.#over || this.#full) {
      if (began) this.#beyond++
      return Promise.resolve()
    }
    if (began) this.#taken++
    if (!report.complete || report.failure) this.#unfinished++
    const number = began ? (this.#settings.nextNumber?.() ?? this.#taken) : undefined
    const advice = this.#adviceOn(report)
    const begin = () => this.#print(report, number, advice)
    this.#printed = this.#pending++ === 0 ? begin() : this.#printed.then(begin)
    return this.#printed
  }

  /** Notes once that senders wait because this process may open no more sockets or files. */
  readonly shortage = (code: string): void => {
    if (!this.#short)
      this.#terminal.err(
        `note: ${this.#prefix}some senders have to wait for others to end (${code}); ${remedyOf(code)}\n`,
      )
    this.#short = true
  }

  /** Notes something received from `from` that is not a transfer. */
  note(from: Endpoint, what: string): void {
    this.#notes.add(`from ${from.host} port ${from.port}: ${what}`, this.#prefix)
  }

  /**
   * Resolves once `count` transfers have come, or on `signal`: then it goes on for `savingMs` to save what has arrived, transfers under
   * way included, and finishes the file that it is writing.
   * @throws SetupError when a transfer could not be saved
   */
  async over(signal: AbortSignal, savingMs = SAVING_MS): Promise<void> {
    while (!this.#done && !signal.aborted && this.#broken === undefined)
      await this.#bell.wait(Number.POSITIVE_INFINITY, signal)
    if (this.#receiver && this.#broken === undefined) {
      // Data that waits in its sockets counts as arrived.
      if (signal.aborted) await sleep(SOCKETS_MS)
      this.#receiver.callOff()
      // An engine that waits for its sockets leaves little time for files.
      await this.#receiver[Symbol.asyncDispose]()
    }
    this.#over = true
    const until = monotonic() + savingMs
    while (signal.aborted && this.#pending > 0 && monotonic() < until)
      await this.#bell.wait(until - monotonic(), NEVER)
    this.#hurry = true
    this.#stalls?.[Symbol.dispose]()
    await this.#printed
    this.#sayUnsaved(this.#unsaved, 'that had arrived')
    this.#sayUnsaved(this.#beyond, 'beyond --count')
    if (this.#broken !== undefined) throw this.#broken
  }

  /** Of a session that nobody waits for. */
  stopWatching(): void {
    this.#stalls?.[Symbol.dispose]()
  }

  /** Says which service a note is about. */
  get #prefix(): string {
    return this.#settings.others ? `${this.name}: ` : ''
  }

  get exitCode(): ExitCode {
    return this.#unfinished > 0 ? EXIT.failed : EXIT.measured
  }

  get #full(): boolean {
    return this.#settings.count !== undefined && this.#taken >= this.#settings.count
  }

  get #done(): boolean {
    return this.#full && this.#pending === 0
  }

  #sayUnsaved(count: number, which: string): void {
    if (count > 0)
      this.#terminal.err(`${counted(count, 'transfer')} ${which} ${count === 1 ? 'is' : 'are'} not saved\n`)
  }

  /** Never rejects: an error ends the session. @param number undefined: no transfer began */
  async #print(report: ReceiveReport, number: number | undefined, advice: string): Promise<void> {
    try {
      if (this.#hurry && number !== undefined && this.#settings.dir !== undefined) this.#unsaved++
      if (!this.#hurry && this.#broken === undefined) await this.#save(report, number, advice)
    } catch (error) {
      this.#broken = error
    }
    this.#pending--
    this.#bell.ring()
  }

  /** Saves a transfer and prints its line. */
  async #save(report: ReceiveReport, number: number | undefined, advice: string): Promise<void> {
    const { dir, transport, view } = this.#settings
    const whole = report.complete && report.failure === undefined
    // An empty transfer that is whole is saved, too.
    const saved = dir !== undefined && number !== undefined && (report.bytesDelivered > 0 || whole)
    const path = saved
      ? await saveTransfer(dir, number, report.held?.parts ?? [], whole, this.shortage)
      : undefined
    const line = `${describe(report, transport, number, this.name)}${path ? `  ${path}` : ''}`
    this.#terminal.out(`${line}\n`)
    if (number !== undefined) view?.add(line, report.held?.parts ?? [])
    this.#terminal.err(advice)
  }

  /** Its lines. Working them out takes time, which a flood does not leave. */
  #adviceOn(report: ReceiveReport): string {
    if (this.#advised === MOST_ADVISED) return ''
    const advice = this.#advice(report)
    if (advice.length === 0) return ''
    this.#advised++
    const last =
      this.#advised === MOST_ADVISED ? `note: ${this.#prefix}there is no advice on further transfers\n` : ''
    return renderWarnings(advice, { width: this.#terminal.width, color: false }) + last
  }
}

/** One line: who, how much, how long, and whether it is whole as far as the protocol can say. */
function describe(
  report: ReceiveReport,
  transport: Transport,
  number: number | undefined,
  name: string,
): string {
  const { from, announcedBytes, bytesDelivered, firstAt, lastAt, failure } = report
  const announced =
    announcedBytes === undefined || announcedBytes === bytesDelivered
      ? ''
      : ` of ${formatBytes(announcedBytes)}`
  // A small payload comes with one read, which has no duration.
  const time =
    firstAt === undefined || lastAt === undefined || firstAt === lastAt
      ? ''
      : `  in ${formatMs(lastAt - firstAt)}`
  const who = from ? `  from ${from.host} port ${from.port}` : ''
  const count = number === undefined ? '   –' : String(number).padStart(4, '0')
  const stray = report.datagrams?.stray ?? 0
  const others = stray === 0 ? '' : `; ${counted(stray, 'datagram')} before it ignored`
  return `${count}  ${name}${who}  ${formatBytes(bytesDelivered)}${announced}${time}  ${
    failure ? `failed: ${failure.message} (${failure.code})` : wholeness(report, transport)
  }${others}`
}

function wholeness(report: ReceiveReport, transport: Transport): string {
  if (!report.complete) {
    if (report.interrupted) return 'incomplete: interrupted'
    if (report.missing === 'end') return 'incomplete: no end marker came'
    if (transport.traits.fansOut) return `incomplete: ${missing(report)}${oddities(report)}`
    return report.remark === undefined ? 'incomplete' : `incomplete: ${report.remark}`
  }
  if (transport.traits.reliable) return 'complete'
  if (transport.traits.fansOut) return `every chunk has come${oddities(report)}`
  // These formats have neither checksum nor sequence numbers, only a count.
  return report.announcedBytes === undefined
    ? 'ended by its marker; the format has no length'
    : 'complete by its length'
}

/** `3 of 800 chunks are missing`: a format with indexes knows. */
function missing({ announcedBytes = 0, bytesDelivered, longestBytes = 1 }: ReceiveReport): string {
  const count = Math.ceil((announcedBytes - bytesDelivered) / longestBytes)
  const all = Math.ceil(announcedBytes / longestBytes)
  return `${formatCount(count)} of ${counted(all, 'chunk')} ${count === 1 ? 'is' : 'are'} missing`
}

function oddities({ datagrams }: ReceiveReport): string {
  const { reordered = 0, duplicated = 0 } = datagrams ?? {}
  const late = reordered > 0 ? `, ${formatCount(reordered)} out of order` : ''
  return duplicated > 0 ? `${late}, ${formatCount(duplicated)} came again` : late
}
