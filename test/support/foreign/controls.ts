/** Control messages of another system as Linux has them, and back. */
import { type Foreign, headersOf } from './headers.ts'
import { LINUX, LINUX_CONTROL } from './linux-numbers.ts'

interface Control {
  readonly level: number
  readonly type: number
  readonly data: Buffer
}

export function controlsOf(system: Foreign) {
  const { number, struct, controlAlignment } = headersOf(system)
  const control = struct('cmsghdr')
  const readControls = (bytes: Buffer, own: boolean): Control[] => {
    const at = own ? control.at : { cmsg_level: LINUX_CONTROL.level, cmsg_type: LINUX_CONTROL.type }
    const alignment = own ? controlAlignment : LINUX_CONTROL.alignment
    const data = own ? Math.ceil(control.size / alignment) * alignment : LINUX_CONTROL.data
    const found: Control[] = []
    for (let start = 0; start + data <= bytes.length; ) {
      const length = bytes.readUInt32LE(start)
      const [level, type] = [at['cmsg_level'] ?? 0, at['cmsg_type'] ?? 0]
      found.push({
        level: bytes.readInt32LE(start + level),
        type: bytes.readInt32LE(start + type),
        data: bytes.subarray(start + data, start + length),
      })
      start += Math.ceil(length / alignment) * alignment
    }
    return found
  }
  const writeControls = (list: readonly Control[], own: boolean): Buffer => {
    const alignment = own ? controlAlignment : LINUX_CONTROL.alignment
    const data = own ? Math.ceil(control.size / alignment) * alignment : LINUX_CONTROL.data
    return Buffer.concat(
      list.map(each => {
        const bytes = Buffer.alloc(data + Math.ceil(each.data.length / alignment) * alignment)
        bytes.writeUInt32LE(data + each.data.length)
        bytes.writeInt32LE(each.level, own ? control.at['cmsg_level'] : LINUX_CONTROL.level)
        bytes.writeInt32LE(each.type, own ? control.at['cmsg_type'] : LINUX_CONTROL.type)
        each.data.copy(bytes, data)
        return bytes
      }),
    )
  }
  const asked = system === 'freebsd' ? number('IP_RECVDSTADDR') : number('IP_PKTINFO')
  /** The numbers of levels of IP are the same everywhere. */
  const controlToLinux = ({ level, type, data }: Control): Control => {
    if (level === LINUX.IPPROTO_IP && type === asked) {
      const info = Buffer.alloc(12)
      data.copy(info, 4, system === 'freebsd' ? 0 : 4, system === 'freebsd' ? 4 : 8)
      return { level, type: LINUX.IP_PKTINFO, data: info }
    }
    if (level === LINUX.IPPROTO_IPV6 && type === number('IPV6_PKTINFO'))
      return { level, type: LINUX.IPV6_PKTINFO, data }
    throw new Error(`${system} does not send control messages of level ${level} and type ${type}`)
  }
  const controlFromLinux = ({ level, type, data }: Control): Control[] => {
    if (level === LINUX.IPPROTO_IP && type === LINUX.IP_PKTINFO)
      return [{ level, type: asked, data: system === 'freebsd' ? data.subarray(8, 12) : data }]
    if (level === LINUX.IPPROTO_IPV6 && type === LINUX.IPV6_PKTINFO)
      return [{ level, type: number('IPV6_PKTINFO'), data }]
    if (level === LINUX.IPPROTO_IPV6 && type === LINUX.IPV6_HOPLIMIT)
      return [{ level, type: number('IPV6_HOPLIMIT'), data }]
    return []
  }
  return {
    toLinux: (bytes: Buffer) => writeControls(readControls(bytes, true).map(controlToLinux), false),
    fromLinux: (bytes: Buffer) => writeControls(readControls(bytes, false).flatMap(controlFromLinux), true),
  }
}
