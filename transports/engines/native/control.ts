/** Control messages (cmsg(3)): what the kernel passes alongside the data. */

import { familyOf } from '../../contract/addresses.ts'
import { CMSGHDR, MAPS_PKTINFO, PKTINFO } from './abi.ts'
import { writeIpv4, writeIpv6 } from './address.ts'

/**
 * Returns where the data of the first control message of this kind begins; undefined if there is none, or it is truncated.
 * @param memory control messages, `length` bytes starting at `start`
 * @param dataBytes the least data it must have
 */
export function controlData(
  memory: Buffer,
  start: number,
  length: number,
  level: number,
  type: number,
  dataBytes: number,
): number | undefined {
  const end = Math.min(start + length, memory.length)
  for (let at = start; at + CMSGHDR.data <= end; ) {
    const size = memory.readUInt32LE(at)
    if (size < CMSGHDR.data || at + size > end) return undefined
    if (memory.readInt32LE(at + CMSGHDR.level) === level && memory.readInt32LE(at + CMSGHDR.type) === type)
      return size < CMSGHDR.data + dataBytes ? undefined : at + CMSGHDR.data
    at += Math.ceil(size / CMSGHDR.alignment) * CMSGHDR.alignment
  }
  return undefined
}

/** Writes a control message with a number of 2 or 4 bytes; returns its size in bytes. */
export function writeNumber(
  memory: Buffer,
  level: number,
  type: number,
  value: number,
  dataBytes: 2 | 4,
): number {
  const length = writeHeader(memory, level, type, dataBytes)
  memory.writeUIntLE(value, CMSGHDR.data, dataBytes)
  return length
}

/** Writes the control message that makes a datagram leave from this local address; returns its size in bytes. @throws as `writeAddress` */
export function writeSource(memory: Buffer, host: string, socketFamily: 4 | 6): number {
  const family = MAPS_PKTINFO ? socketFamily : familyOf(host)
  const { name, size, address, interface: index } = PKTINFO[family]
  const length = writeHeader(memory, ...name, size)
  const at = CMSGHDR.data + address
  if (family === 6) memory.writeUInt32LE(writeIpv6(memory, at, host), CMSGHDR.data + index)
  else writeIpv4(memory, at, host)
  return length
}

function writeHeader(memory: Buffer, level: number, type: number, dataBytes: number): number {
  const length = CMSGHDR.data + Math.ceil(dataBytes / CMSGHDR.alignment) * CMSGHDR.alignment
  memory.fill(0, 0, length)
  memory.writeUInt32LE(CMSGHDR.data + dataBytes, 0)
  memory.writeInt32LE(level, CMSGHDR.level)
  memory.writeInt32LE(type, CMSGHDR.type)
  return length
}
