/** How an engine counts an answer that was no acceptance: the same for all of them. */
import type { SendTally } from '../contract/sockets.ts'

/** Each concerns one datagram: its size, memory for it, a local firewall's rule, or one ICMP that an earlier datagram caused. */
const OF_ONE_DATAGRAM = new Set(['EMSGSIZE', 'ENOBUFS', 'ENOMEM', 'EPERM', 'EACCES', 'EHOSTUNREACH'])
/** Once the peer has answered, so many ECONNREFUSED with nothing heard in between end a transfer. */
const MOST_REFUSED_IN_A_ROW = 100

/** In place of the code of an error that sendmmsg hid. */
export const UNKNOWN = ''

export function newTally(): SendTally {
  return { accepted: 0, acceptedBytes: 0, refused: 0, repeated: 0 }
}

/** What the errors of one socket mean, datagram by datagram. */
export class SendErrors {
  #heard = false
  #filtered = false
  #refusedInARow = 0

  /** Something came from the peer: its port is open. */
  heard(): void {
    this.#heard = true
    this.#refusedInARow = 0
  }

  /**
   * An error of a send: offer the datagram once more, count it as refused, or end the transfer.
   * @param before with which error the datagram was not taken before, if it has been offered
   */
  judge(code: string, before: string | undefined): 'repeat' | 'refuse' | 'fail' {
    if (code === 'EPERM') this.#filtered = true
    if (OF_ONE_DATAGRAM.has(code)) return before === undefined ? 'repeat' : 'refuse'
    // What was hidden may have been the EPERM of a firewall that rejects.
    if (code === 'ECONNREFUSED' && before === UNKNOWN) return 'repeat'
    return code === 'ECONNREFUSED' && !this.#closed() ? 'refuse' : 'fail'
  }

  /** Whether an error that came back over the path, and belongs to no send, ends the transfer. */
  endsPath(code: string): boolean {
    if (OF_ONE_DATAGRAM.has(code)) return false
    return code !== 'ECONNREFUSED' || this.#closed()
  }

  /** A firewall of this host that rejects (EPERM first) answers with the same ICMP as a closed port. */
  #closed(): boolean {
    if (!this.#heard && !this.#filtered) return true
    this.#refusedInARow++
    return this.#refusedInARow >= MOST_REFUSED_IN_A_ROW
  }
}

/** Counts a datagram that was refused; the first one is remembered. */
export function noteRefusal(tally: SendTally, code: string, datagramBytes: number, emulated: boolean): void {
  tally.refused++
  tally.refusal ??= { code, datagramBytes, emulated }
}
