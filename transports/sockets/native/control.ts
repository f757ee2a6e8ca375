/** Control messages (cmsg(3)): what the kernel says beside the data. */
import { CMSGHDR } from './linux.ts'

/**
 * Where the data of the first control message of this kind begins; undefined when there is none, or it is cut off.
 * @param memory control messages from `start` on, `length` bytes of them
 * @param dataBytes how much data it has
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

/** Writes a control message whose data is a 16-bit number; how many bytes it takes. */
export function writeControl16(memory: Buffer, level: number, type: number, value: number): number {
  memory.writeUInt32LE(CMSGHDR.data + 2, 0)
  memory.writeInt32LE(level, CMSGHDR.level)
  memory.writeInt32LE(type, CMSGHDR.type)
  memory.writeUInt16LE(value, CMSGHDR.data)
  return CMSGHDR.data + CMSGHDR.alignment
}
