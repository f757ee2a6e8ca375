/** A JSON text per request. Over UDP each is answered with `get the msg`; over TCP with the same bytes. */
import type { Asker } from '../contract/transport.ts'
import { datagramExchange, streamExchange } from '../exchange/exchanges.ts'
import type { MessageFormat } from '../exchange/format.ts'

const BEFORE = '[0, 0, 0, '
const AFTER = ']'
/** `[0, 0, 0, 1]`, what the original sends every 10 ms. This program counts up, and pads longer requests with blanks. */
const USUAL_BYTES = BEFORE.length + 1 + AFTER.length
/** Numbers never have more digits. */
const MOST_DIGITS = 16
const SPACE = 0x20

const text: MessageFormat = {
  usualBytes: USUAL_BYTES,
  leastBytes: USUAL_BYTES,
  message(sizeBytes) {
    const bytes = Buffer.alloc(Math.max(sizeBytes, USUAL_BYTES + MOST_DIGITS), SPACE)
    bytes.write(BEFORE, 'latin1')
    const lengthOf = (number: number) => Math.max(sizeBytes, USUAL_BYTES - 1 + String(number).length)
    return {
      bytes,
      lengthOf,
      numbered: true,
      become(number) {
        bytes.write(`${number}${AFTER}`, BEFORE.length, 'latin1')
        return lengthOf(number)
      },
    }
  },
  numberOf(memory, start, end) {
    try {
      const value: unknown = JSON.parse(memory.toString('utf8', start, end))
      const last: unknown = Array.isArray(value) ? value.at(-1) : undefined
      return typeof last === 'number' && Number.isSafeInteger(last) && last > 0 ? last : 0
    } catch {
      return undefined
    }
  },
}

const answered: MessageFormat = { ...text, answer: Buffer.from('get the msg', 'ascii') }
/** What the original reads at once. */
const READ_BYTES = 2048

export const messagesUdp: Asker = {
  name: 'messages-udp',
  summary: 'UDP: a JSON text per datagram, each answered with get the msg',
  traits: { socket: 'datagram', reliable: false, acknowledged: true },
  port: 6666,
  exchange: datagramExchange(answered, () => answered),
}

export const messagesTcp: Asker = {
  name: 'messages-tcp',
  summary: 'TCP: JSON texts, each answered with the same bytes',
  traits: { socket: 'stream', reliable: true, acknowledged: true },
  port: 6666,
  exchange: streamExchange(text, READ_BYTES),
}
