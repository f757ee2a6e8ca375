/** STAMP (RFC 8762), unauthenticated: packets that say when they left, answered with when they arrived and left again. */
import { monotonic, WallClock } from '../../base/clock.ts'
import type { Endpoint } from '../contract/socket-facts.ts'
import type { Sockets } from '../contract/sockets.ts'
import type { Asker } from '../contract/transport.ts'
import { datagramExchange } from '../exchange/exchanges.ts'
import type { MessageFormat, Reflection } from '../exchange/format.ts'

const BASE_BYTES = 44
/** A reflector of TWAMP Light leaves out the zeros behind the TTL (RFC 5357, 4.2.1). */
const LEAST_ANSWER_BYTES = 41
/** Places in both packets; behind `ofSender` the answer has the first bytes of the request. */
const AT = { sequence: 0, timestamp: 4, error: 12, received: 16, ofSender: 24, ttl: 40 } as const
/** Sequence number, timestamp and error estimate. */
const STAMP_BYTES = 14
/** The received TTL is not known (RFC 5357, 4.2.1). */
const UNKNOWN_TTL = 255
/** From 1900 to 1970. */
const NTP_SECONDS = 2_208_988_800
const TWO_32 = 2 ** 32
const SYNCHRONIZED = 0x8000
const PTP = 0x4000
/** Sources that are counted apart; the one that came first is forgotten for another. */
const MOST_SESSIONS = 4096

export const stamp: Asker = {
  name: 'stamp',
  summary: 'UDP: STAMP (RFC 8762), stamped packets, answered with when they arrived and left',
  traits: { socket: 'datagram', reliable: false, acknowledged: true },
  port: 862,
  exchange: datagramExchange({ usualBytes: BASE_BYTES, leastBytes: BASE_BYTES }, packets),
}

/** The format of one end, which has a clock and counts its sessions. */
function packets(sockets: Sockets): MessageFormat {
  const clock = new WallClock()
  const externalErrorMs = sockets.clockErrorMs?.()
  const errorMs = (externalErrorMs ?? 0) + clock.errorMs
  const estimate = encodeError(errorMs, externalErrorMs !== undefined)
  const nextNumber = counted()
  const reflection: Reflection = {
    reflect(packet, from, at, hops = UNKNOWN_TTL) {
      const leavesAt = monotonic()
      clock.follow(leavesAt)
      packet.copyWithin(AT.ofSender, 0, STAMP_BYTES)
      packet.fill(0, STAMP_BYTES, AT.received)
      packet.fill(0, AT.ofSender + STAMP_BYTES, BASE_BYTES)
      packet.writeUInt32BE(nextNumber(from), AT.sequence)
      packet.writeUInt16BE(estimate, AT.error)
      packet[AT.ttl] = hops
      writeTimestamp(packet, AT.received, clock, at)
      writeTimestamp(packet, AT.timestamp, clock, leavesAt)
    },
    answered: (memory, start, end) =>
      end - start < LEAST_ANSWER_BYTES ? 0 : memory.readUInt32BE(start + AT.ofSender) + 1,
    read(memory, start, end, request) {
      const copy = start + AT.ofSender
      if (end - start > request.length) return undefined
      if (request.compare(memory, copy, copy + STAMP_BYTES, 0, STAMP_BYTES) !== 0) return undefined
      const theirs = memory.readUInt16BE(start + AT.error)
      const isPtp = (theirs & PTP) !== 0
      const arrivedAt = readTimestamp(memory, start + AT.received, clock, isPtp)
      const theirErrorMs = decodeError(theirs)
      return {
        arrivedAt,
        heldMs: readTimestamp(memory, start + AT.timestamp, clock, isPtp) - arrivedAt,
        errorMs:
          externalErrorMs === undefined || theirErrorMs === undefined ? undefined : errorMs + theirErrorMs,
        count: memory.readUInt32BE(start + AT.sequence) + 1,
      }
    },
  }
  return {
    usualBytes: BASE_BYTES,
    leastBytes: BASE_BYTES,
    message(sizeBytes) {
      const bytes = Buffer.alloc(sizeBytes)
      bytes.writeUInt16BE(estimate, AT.error)
      return {
        bytes,
        numbered: true,
        lengthOf: () => sizeBytes,
        become(number, leavesAt) {
          bytes.writeUInt32BE(number - 1, AT.sequence)
          writeTimestamp(bytes, AT.timestamp, clock, leavesAt)
          return sizeBytes
        },
      }
    },
    numberOf: (memory, start, end) =>
      end - start < STAMP_BYTES ? undefined : memory.readUInt32BE(start) + 1,
    reflection,
  }
}

/** Counts the requests of each source, from 0. */
function counted(): (from: Endpoint) => number {
  const sessions = new Map<string, number>()
  return ({ host, port }) => {
    const name = `${host} ${port}`
    const number = sessions.get(name) ?? 0
    if (number === 0 && sessions.size >= MOST_SESSIONS) sessions.delete(sessions.keys().next().value ?? '')
    sessions.set(name, (number + 1) % TWO_32)
    return number
  }
}

/** @param at in ms on the monotonic clock */
function writeTimestamp(memory: Buffer, place: number, { tickMs, tickAt }: WallClock, at: number): void {
  const sinceMs = at - tickAt
  const seconds = Math.floor((tickMs + sinceMs) / 1000)
  const fraction = (tickMs - 1000 * seconds + sinceMs) / 1000
  memory.writeUInt32BE((seconds + NTP_SECONDS) % TWO_32, place)
  memory.writeUInt32BE(Math.max(0, Math.min(TWO_32 - 1, Math.floor(fraction * TWO_32))), place + 4)
}

/** On the monotonic clock, in ms. Seconds are those next to now, since their number is cut to 32 bits. */
function readTimestamp(memory: Buffer, place: number, { tickMs, tickAt }: WallClock, isPtp: boolean): number {
  const tickSeconds = Math.floor(tickMs / 1000)
  const sinceSeconds = (memory.readUInt32BE(place) - tickSeconds - (isPtp ? 0 : NTP_SECONDS)) | 0
  const fractionMs = memory.readUInt32BE(place + 4) / (isPtp ? 1e6 : TWO_32 / 1000)
  return tickAt + 1000 * sinceSeconds + fractionMs - (tickMs - 1000 * tickSeconds)
}

/** RFC 4656, 4.1.2: multiplier * 2^(scale - 32) seconds, never less than it is. */
function encodeError(ms: number, isSynchronized: boolean): number {
  const units = Math.max(1, Math.ceil((ms / 1000) * TWO_32))
  const scale = Math.min(63, Math.max(0, Math.ceil(Math.log2(units / 255))))
  return (isSynchronized ? SYNCHRONIZED : 0) | (scale << 8) | Math.min(255, Math.ceil(units / 2 ** scale))
}

/** In ms; undefined if the clock is not synchronized to UTC, or counts PTP's seconds, which are not those of UTC. */
function decodeError(estimate: number): number | undefined {
  const multiplier = estimate & 0xff
  if ((estimate & SYNCHRONIZED) === 0 || (estimate & PTP) !== 0 || multiplier === 0) return undefined
  return 1000 * multiplier * 2 ** (((estimate >> 8) & 0x3f) - 32)
}
