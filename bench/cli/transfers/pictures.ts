/** What `bench send` says of several files: a line for each, or one of them all where they go on in a loop. */
import { counted, formatBytes, formatCount, formatMs, significant } from '../../../base/units.ts'
import type { Carrier } from '../../../transports/contract/transport.ts'
import type { Shot } from '../../workloads/frames/camera.ts'
import type { Terminal } from '../terminal.ts'
import { Notes } from './notes.ts'

export class PicturesSent {
  readonly #terminal: Terminal
  readonly #transport: Carrier
  readonly #isLoop: boolean
  readonly #notes: Notes
  #sent = 0
  #unanswered = 0
  #unsent = 0
  #bytes = 0
  #first: Shot | undefined
  #last: Shot | undefined

  constructor(terminal: Terminal, transport: Carrier, isLoop: boolean) {
    this.#terminal = terminal
    this.#transport = transport
    this.#isLoop = isLoop
    this.#notes = new Notes(terminal, 'further ones like these')
  }

  /** Whether all of those that were due were sent and, where the protocol says so, arrived. */
  get isWhole(): boolean {
    return this.#unanswered + this.#unsent === 0
  }

  /** @param name of its file @param problem why it may not have arrived */
  take(shot: Shot, name: string, sizeBytes: number, problem: string | undefined): void {
    const { frame, report } = shot
    this.#unsent += frame - (this.#last?.frame ?? -1) - 1
    this.#first ??= shot
    this.#last = shot
    this.#sent++
    this.#bytes += report.bytesAccepted
    if (problem !== undefined) {
      this.#unanswered++
      this.#notes.add(`picture ${formatCount(frame + 1)} (${name}): ${problem}`)
    } else if (!this.#isLoop)
      this.#terminal.out(`${name}  ${formatBytes(sizeBytes)}  ${formatMs(report.totalMs)}\n`)
  }

  /** @param peer the address that they were sent to */
  sumUp(peer: string): void {
    const { dueAt = 0 } = this.#first ?? {}
    const { leftAt = 0, report } = this.#last ?? {}
    const tookMs = leftAt + (report?.totalMs ?? 0) - dueAt
    const { name, traits } = this.#transport
    const answers = traits.acknowledged
      ? `${formatCount(this.#sent - this.#unanswered)} acknowledged${this.#unanswered > 0 ? `, ${formatCount(this.#unanswered)} not` : ''}`
      : 'sent; this protocol has no acknowledgement'
    const behind =
      this.#unsent > 0 ? `; ${formatCount(this.#unsent)} not sent, since the ones before took too long` : ''
    const spanMs = leftAt - (this.#first?.leftAt ?? 0)
    const rate = this.#sent > 1 ? `  ${significant(((this.#sent - 1) * 1000) / spanMs)} a second` : ''
    this.#terminal.out(
      `${counted(this.#sent, 'picture')}  ${formatBytes(this.#bytes)}  to ${peer} over ${name}  ${formatMs(tookMs)}${rate}  ${answers}${behind}\n`,
    )
  }
}
