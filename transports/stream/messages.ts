/** The messages of the size handshake. They carry no length, so any of them may arrive split or joined. */
import { quoted } from '../../base/foreign-text.ts'
import { ENDLESS_BYTES } from '../contract/transport.ts'

export const GOT_SIZE = 'GOT SIZE'
export const GOT_IMAGE = 'GOT IMAGE'
export const BYE = 'BYE BYE '

/**
 * `SIZE 813611\n`: the terminator is our addition; existing servers split at white space. `SIZE *\n` is ours too: the end of the stream
 * ends the payload.
 */
export function sizeHeader(sizeBytes: number): string {
  return `SIZE ${sizeBytes === ENDLESS_BYTES ? '*' : sizeBytes}\n`
}

export type SizeHeader =
  | { readonly kind: 'incomplete' }
  /** Digits, but nothing that marks their end: existing clients send no terminator. Or CR without LF so far. */
  | { readonly kind: 'unterminated'; readonly sizeBytes: number }
  /** `length`: size of the header in bytes; the payload begins after it. */
  | { readonly kind: 'whole'; readonly sizeBytes: number; readonly length: number }
  | { readonly kind: 'bad'; readonly message: string }

const ENDLESS = sizeHeader(ENDLESS_BYTES)
/** The longest header: `SIZE`, white space, the 16 digits of 2^53, and a line ending. */
const LONGEST = 32

/** Parses a SIZE header from what has arrived so far. */
export function readSizeHeader(arrived: Buffer): SizeHeader {
  const text = arrived.toString('latin1', 0, LONGEST)
  if (text.startsWith(ENDLESS)) return { kind: 'whole', sizeBytes: ENDLESS_BYTES, length: ENDLESS.length }
  const match = /^SIZE[ \t]{1,8}(\d{1,16})(\r\n|[ \t\n]|\r?$)/.exec(text)
  if (match) {
    const sizeBytes = Number(match[1])
    if (sizeBytes >= ENDLESS_BYTES) return rejectHeader(text)
    if (match[2] === '' || match[2] === '\r') return { kind: 'unterminated', sizeBytes }
    return { kind: 'whole', sizeBytes, length: match[0].length }
  }
  return /^(S|SI|SIZ|SIZE[ \t]{0,8})?$/.test(text) || ENDLESS.startsWith(text)
    ? { kind: 'incomplete' }
    : rejectHeader(text)
}

/** True if the bytes after the payload begin a farewell, rather than being more payload. */
export function isFarewell(text: string): boolean {
  const trimmed = text.replace(/^[ \t\r\n]+/, '')
  return BYE.startsWith(trimmed.slice(0, BYE.length)) || /^BYE\s/.test(trimmed)
}

function rejectHeader(text: string): SizeHeader {
  return {
    kind: 'bad',
    message: `expected SIZE and a number of bytes, got ${quoted(text.slice(0, 24))}`,
  }
}

/** Collects a peer's replies, which may arrive split, joined or early. */
export class Replies {
  #text = ''
  #closed: string | undefined
  #wake: () => void = () => {}

  take(bytes: Buffer): void {
    // The protocol has two replies of nine bytes at most: anything longer is invalid.
    if (this.#text.length < 256) this.#text += bytes.toString('latin1')
    this.#wake()
  }

  /** The connection is over; nothing more will arrive. */
  close(code: string): void {
    this.#closed ??= code
    this.#wake()
  }

  has(reply: string): boolean {
    return this.#text.includes(reply)
  }

  /** True if `wait` would return immediately. */
  decides(reply: string): boolean {
    return this.has(reply) || this.#closed !== undefined || !this.#couldBecome(reply)
  }

  /**
   * Waits for `reply` while the connection is open. Resolves with undefined once it has arrived, else with the reason: `PROTOCOL`
   * (something else arrived) or the code that ended the connection.
   */
  async wait(reply: string): Promise<string | undefined> {
    for (;;) {
      if (this.has(reply)) return undefined
      if (!this.#couldBecome(reply)) return 'PROTOCOL'
      if (this.#closed !== undefined) return this.#closed
      await new Promise<void>(resolve => {
        this.#wake = resolve
      })
    }
  }

  /** The text received so far, quoted for a message. */
  get text(): string {
    return quoted(this.#text.slice(0, 40))
  }

  /** True if what has arrived, apart from replies already read, is a prefix of the reply. */
  #couldBecome(reply: string): boolean {
    const rest = this.#text.replaceAll(GOT_SIZE, '').trim()
    return reply.startsWith(rest)
  }
}
