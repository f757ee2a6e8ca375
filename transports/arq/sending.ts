/** Sends a payload reliably over datagrams: the socket and the clock of a `SendWindow`. */
import { randomInt } from 'node:crypto'
import { monotonic } from '../../base/clock.ts'
import { formatCount, formatMs } from '../../base/units.ts'
import { Bell, LONGEST_PAUSE_MS, onAbort } from '../../base/waiting.ts'
import type { Failure, SendReport } from '../contract/reports.ts'
import type { DatagramSocket, SendTally } from '../contract/sockets.ts'
import type { Payload, SendOptions, Transfer } from '../contract/transport.ts'
import { fromOneSocket } from '../datagram/line.ts'
import { HEADER_BYTES } from '../datagram/openings.ts'
import { paceOf, unpaced } from '../datagram/pacing.ts'
import { countsOf, newTally } from '../engines/tally.ts'
import { datagramCount } from '../payload/reception.ts'
import { slotsFor } from './assembly.ts'
import { NewReno, ONE_AT_A_TIME } from './congestion.ts'
import { type Run, SendWindow } from './send-window.ts'
import { SlotMemory } from './slot-memory.ts'
import { isRefusal, MOST_NUMBERS, readAnswer, selected } from './wire.ts'

/** The longest wait after a call of which the system took nothing, and how many of them at first end a transfer. */
const LONGEST_REFUSAL_MS = 100
const MOST_REFUSALS = 10

/** One chunk at a time, or as many as the path takes, of which only those that were lost are sent again. */
export type Manner = 'stop-and-wait' | 'selective-repeat'

export function reliableSender(manner: Manner): Pick<Transfer, 'send' | 'open'> {
  return fromOneSocket(socket => {
    let current: ReliableSending | undefined
    socket.read(
      (memory, start, end, _from, at) => current?.take(memory, start, end, at),
      code => current?.fail(code, `nobody listens at the receiver's address (${code})`),
      () => current?.waiting === true,
    )
    return (payload, options) => {
      current = new ReliableSending(socket, payload, options, manner)
      return current.run()
    }
  })
}

class ReliableSending {
  readonly #socket: DatagramSocket
  readonly #options: SendOptions
  readonly #id = randomInt(2 ** 32)
  readonly #datagrams: SlotMemory
  readonly #window: SendWindow
  readonly #pace
  readonly #tally = newTally()
  readonly #bell = new Bell()
  readonly #startedAt: number
  /** Payload bytes offered, those offered again included: what is paced. */
  #offeredBytes = 0
  /** Calls in a row of which the system took nothing. */
  #refusals = 0
  /** Payload bytes of what was accepted as it was offered first. */
  #firstBytes = 0
  #lastSentAt: number
  /** When the answer came that left nothing to do. */
  #answeredAt: number | undefined
  #heard = false
  /** Answers that acknowledge what was never sent. */
  #misfits = 0
  waiting = false
  #failure: Failure | undefined

  constructor(socket: DatagramSocket, payload: Payload, options: SendOptions, manner: Manner) {
    const { sizeBytes, chunkBytes } = payload
    this.#socket = socket
    this.#options = options
    this.#pace = paceOf(options.rateBps)
    const selective = manner === 'selective-repeat'
    const chunks = datagramCount(payload)
    const slots = Math.min(chunks, selective ? slotsFor(chunkBytes, 1) : 1)
    this.#datagrams = new SlotMemory(payload, { id: this.#id, sizeBytes, chunkBytes }, slots)
    const control = selective ? new NewReno() : ONE_AT_A_TIME
    this.#startedAt = this.#lastSentAt = monotonic()
    this.#window = new SendWindow(chunks, slots, control, selective, this.#startedAt)
  }

  async run(): Promise<SendReport> {
    using _wake = onAbort(this.#options.unanswered, () => this.#bell.ring())
    while (!this.#isOver()) {
      const now = monotonic()
      this.#window.expire(now)
      const most = this.#window.available(this.#socket.burst(this.#datagrams.slotBytes))
      if (most === 0) await this.#wait(now)
      else if (this.#pace === unpaced || (await this.#isDue(now))) await this.#send(most)
    }
    return this.#report()
  }

  #isOver(): boolean {
    const window = this.#window
    if (window.over || this.#failure) return true
    const { signal, unanswered, answerTimeoutMs } = this.#options
    if (signal.aborted) this.#giveUp('ABORTED')
    else if (window.transmissions >= MOST_NUMBERS - window.unsent)
      this.fail('PROTOCOL', `a transfer has ${formatCount(MOST_NUMBERS)} transmissions at most`)
    else if (this.#isRefused()) return true
    else if (monotonic() - window.progressAt >= answerTimeoutMs) this.#giveUp('TIMEOUT')
    else return unanswered.aborted
    return true
  }

  /** The system takes nothing, and never has: that is what there is to report. */
  #isRefused(): boolean {
    return this.#tally.accepted === 0 && this.#refusals >= MOST_REFUSALS
  }

  /** @param code why, unless there were answers, none of which can be believed */
  #giveUp(code: 'ABORTED' | 'TIMEOUT'): void {
    const { acknowledgedChunks } = this.#window
    const state = `${formatCount(acknowledgedChunks)} of ${formatCount(this.#datagrams.chunks)} chunks`
    const time = formatMs(this.#options.answerTimeoutMs)
    if (!this.#heard && this.#misfits > 0)
      this.fail(
        'PROTOCOL',
        `no answer of the receiver fits what was sent (${formatCount(this.#misfits)} came)`,
      )
    else if (code === 'ABORTED') this.fail(code, `called off after ${state} were acknowledged`)
    else if (this.#heard)
      this.fail(code, `the receiver acknowledged nothing more within ${time}, after ${state}`)
    else this.fail(code, `no acknowledgement within ${time}`)
  }

  fail(code: string, message: string): void {
    const phase = this.#window.unsent < this.#datagrams.chunks ? 'transfer' : 'ack'
    this.#failure ??= { phase, code, message }
    this.#bell.ring()
  }

  /** Waits for an answer, or until something is due. */
  async #wait(now: number): Promise<void> {
    const { answerTimeoutMs, signal } = this.#options
    const until = Math.min(this.#window.deadline, this.#window.progressAt + answerTimeoutMs)
    this.waiting = true
    await this.#bell.wait(until - now, signal)
    this.waiting = false
  }

  /** Waits for the next datagram to be due, if the payload is paced. */
  async #isDue(now: number): Promise<boolean> {
    const waitMs = this.#offeredBytes === 0 ? 0 : this.#pace.waitMs(now - this.#startedAt, this.#offeredBytes)
    if (waitMs <= 0) return true
    await this.#socket.pause(Math.min(waitMs, LONGEST_PAUSE_MS))
    return false
  }

  async #send(most: number): Promise<void> {
    const now = monotonic()
    const elapsedMs = now - this.#startedAt
    const due = this.#pace.due(elapsedMs, this.#offeredBytes, this.#datagrams.chunkBytes)
    const run = this.#window.take(Math.min(most, due), now)
    if (!run) return
    const bytes = this.#datagrams.write(run)
    const { slotBytes, chunkBytes } = this.#datagrams
    const tally = newTally()
    await this.#socket.send(bytes, slotBytes, this.#datagrams.slotOf(run.first), run.count, tally)
    this.#lastSentAt = monotonic()
    this.#offeredBytes += run.count * chunkBytes
    if (this.#pace !== unpaced)
      this.#pace.note(this.#lastSentAt - this.#startedAt, this.#offeredBytes, chunkBytes)
    this.#count(run, tally)
    await this.#offerAgain(run, tally)
  }

  #count({ first, count, again }: Run, tally: SendTally): void {
    const sum = this.#tally
    sum.accepted += tally.accepted
    if (!again) this.#firstBytes += tally.acceptedBytes - tally.accepted * HEADER_BYTES
    sum.refused += tally.refused
    sum.repeated += tally.repeated
    const { refusal, failure } = tally
    if (failure) this.fail(failure.code, failure.message)
    if (!refusal) return
    sum.refusal ??= refusal
    if (refusal.code !== 'EMSGSIZE') return
    for (let index = first; index < first + count; index++)
      if (this.#datagrams.lengthOf(index) >= refusal.datagramBytes) this.#window.abandon(index)
  }

  /** Any other error than EMSGSIZE may pass. Where only some of a call were refused, nobody knows which: they are lost as if on the way. */
  async #offerAgain(run: Run, { accepted, refusal }: SendTally): Promise<void> {
    if (accepted > 0) this.#refusals = 0
    if (accepted > 0 || !refusal || refusal.code === 'EMSGSIZE') return
    this.#window.refused(run)
    await this.#socket.pause(Math.min(LONGEST_REFUSAL_MS, 2 ** this.#refusals++))
  }

  take(memory: Buffer, start: number, end: number, at: number): void {
    if (isRefusal(this.#id, memory, start, end)) {
      this.fail('CLOSED', 'the receiver ended the transfer before everything had arrived')
      return
    }
    const answer = readAnswer(memory, start, end)
    // One of the transfer before may come late.
    if (!answer || answer.id !== this.#id) return
    if (!this.#window.acknowledge(answer, selected(answer, memory, start, end), at)) {
      this.#misfits++
      return
    }
    this.#heard = true
    if (this.#window.over) this.#answeredAt ??= at
    this.waiting = false
    this.#bell.ring()
  }

  #report(): SendReport {
    const { repeated, refusal } = this.#tally
    const { whole, resent } = this.#window
    const counts = countsOf(this.#tally, whole ? this.#datagrams.sizeBytes : this.#firstBytes)
    const transferMs = this.#lastSentAt - this.#startedAt
    const answeredMs = (this.#answeredAt ?? monotonic()) - this.#startedAt
    this.#options.sent(counts)
    return {
      ...counts,
      startedAt: this.#startedAt,
      totalMs: Math.max(0, answeredMs),
      transferMs,
      ackMs: whole && answeredMs >= transferMs ? answeredMs - transferMs : undefined,
      acknowledged: whole,
      sendsRepeated: repeated,
      datagramsResent: resent,
      longestBytes: counts.datagramsOffered > 0 ? this.#datagrams.lengthOf(0) : undefined,
      paceLatenessMs: this.#pace.latenessMs,
      paceBurst: this.#pace.burst,
      refusal: whole ? undefined : refusal,
      failure: this.#failure,
      state: this.#socket.state,
      info: this.#socket.info(),
    }
  }
}
