/** Completions of sends with MSG_ZEROCOPY, read from a socket's error queue. */

import {
  EXTENDED_ERROR,
  IOVEC,
  IP_RECVERR,
  IPPROTO_IP,
  IPPROTO_IPV6,
  IPV6_RECVERR,
  MMSGHDR,
  MSG_DONTWAIT,
  MSG_ERRQUEUE,
  SO_EE_CODE_ZEROCOPY_COPIED,
  SO_EE_ORIGIN_ZEROCOPY,
} from './abi.ts'
import { controlData } from './control.ts'
import { type FixedMemory, fixedMemory, type Libc } from './libc.ts'
import { pointToVector, writePointer } from './messages.ts'

/** Room for an extended error with an address. */
const CONTROL_BYTES = 96

export class Completions {
  readonly #libc: Libc
  readonly #header: FixedMemory
  readonly #vector: FixedMemory
  readonly #control: FixedMemory

  constructor(libc: Libc) {
    this.#libc = libc
    this.#header = fixedMemory(libc, MMSGHDR.size)
    this.#control = fixedMemory(libc, CONTROL_BYTES)
    // A completion carries no data, but some systems require a buffer anyway.
    this.#vector = fixedMemory(libc, IOVEC.size)
    writePointer(this.#vector.bytes, IOVEC.base, this.#control.address)
    pointToVector(this.#header, 0, this.#vector.address)
    writePointer(this.#header.bytes, MMSGHDR.control, this.#control.address)
  }

  /** Reads the next completion: the number of the last finished send, how many sends it covers, and whether the kernel copied them. */
  next(fd: number): { readonly last: number; readonly sends: number; readonly copied: boolean } | undefined {
    for (;;) {
      this.#header.bytes.writeUInt32LE(CONTROL_BYTES, MMSGHDR.controlLength)
      if (this.#libc.recvmmsg(fd, this.#header.address, 1, MSG_ERRQUEUE | MSG_DONTWAIT, 0) <= 0)
        return undefined
      const { bytes } = this.#control
      const at = this.#extendedError()
      if (at === undefined || bytes.readUInt8(at + EXTENDED_ERROR.origin) !== SO_EE_ORIGIN_ZEROCOPY) continue
      const first = bytes.readUInt32LE(at + EXTENDED_ERROR.info)
      const last = bytes.readUInt32LE(at + EXTENDED_ERROR.data)
      const copied = bytes.readUInt8(at + EXTENDED_ERROR.code) === SO_EE_CODE_ZEROCOPY_COPIED
      return { last, sends: ((last - first) >>> 0) + 1, copied }
    }
  }

  #extendedError(): number | undefined {
    const length = this.#header.bytes.readUInt32LE(MMSGHDR.controlLength)
    const { bytes } = this.#control
    return (
      controlData(bytes, 0, length, IPPROTO_IP, IP_RECVERR, EXTENDED_ERROR.size) ??
      controlData(bytes, 0, length, IPPROTO_IPV6, IPV6_RECVERR, EXTENDED_ERROR.size)
    )
  }
}
