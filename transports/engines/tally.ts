/** How an engine counts datagrams that the system did not accept; shared by all engines. */
import type { SendTally } from '../contract/sockets.ts'

/** Each concerns a single datagram: its size, memory for it, a local firewall's rule, or one ICMP error caused by an earlier datagram. */
const OF_ONE_DATAGRAM = new Set(['EMSGSIZE', 'ENOBUFS', 'ENOMEM', 'EPERM', 'EACCES', 'EHOSTUNREACH'])
/** After the peer has been heard, this many consecutive ECONNREFUSED without a reply end a transfer. */
const MOST_REFUSED_IN_A_ROW = 100

/** Stands in for an error code that sendmmsg hid. */
export const UNKNOWN = ''

export function newTally(): SendTally {
  return { accepted: 0, acceptedBytes: 0, refused: 0, repeated: 0 }
}

/** What the system made of payload datagrams, for a report. @param bytesAccepted of payload: all of them, unless a format adds to it */
export function countsOf({ accepted, refused, acceptedBytes }: SendTally, bytesAccepted = acceptedBytes) {
  return {
    datagramsOffered: accepted + refused,
    datagramsAccepted: accepted,
    datagramsRefused: refused,
    bytesAccepted,
  }
}

/** Interprets the errors of one socket, datagram by datagram. */
export class SendErrors {
  #heard = false
  #filtered = false
  #refusedInARow = 0

  /** Something arrived from the peer, so its port is open. */
  heard(): void {
    this.#heard = true
    this.#refusedInARow = 0
  }

  /**
   * Judges a send error: retry the datagram, count it as refused, or end the transfer.
   * @param before the error of the first attempt, if this was the second
   */
  judge(code: string, before: string | undefined): 'repeat' | 'refuse' | 'fail' {
    if (code === 'EPERM') this.#filtered = true
    if (OF_ONE_DATAGRAM.has(code)) return before === undefined ? 'repeat' : 'refuse'
    // The hidden error may have been the EPERM of a firewall that rejects.
    if (code === 'ECONNREFUSED' && before === UNKNOWN) return 'repeat'
    return code === 'ECONNREFUSED' && !this.#closed() ? 'refuse' : 'fail'
  }

  /** True if an error that arrived over the path, unrelated to a send, ends the transfer. */
  endsPath(code: string): boolean {
    if (OF_ONE_DATAGRAM.has(code)) return false
    return code !== 'ECONNREFUSED' || this.#closed()
  }

  /** True if the port is closed. A local firewall that rejects (EPERM first) sends the same ICMP error as a closed port. */
  #closed(): boolean {
    if (!this.#heard && !this.#filtered) return true
    this.#refusedInARow++
    return this.#refusedInARow >= MOST_REFUSED_IN_A_ROW
  }
}

/** Counts a refused datagram, and remembers the first one. */
export function noteRefusal(tally: SendTally, code: string, datagramBytes: number, emulated: boolean): void {
  tally.refused++
  tally.refusal ??= { code, datagramBytes, emulated }
}
