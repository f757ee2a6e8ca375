/** A TUN device in the network namespace of another process: IP packets that its system sends out by it, and what it gets from there. */
import { closeSync, constants, openSync, readFileSync } from 'node:fs'
import type { TunDevice } from '../../contract/sockets.ts'
import {
  AF_INET,
  CLONE_NEWNET,
  IFF_NO_PI,
  IFF_RUNNING,
  IFF_TUN,
  IFREQ,
  POLLIN,
  SIOCGIFFLAGS,
  SIOCSIFMTU,
  SOCK_CLOEXEC,
  SOCK_DGRAM,
  TUNSETIFF,
} from './abi.ts'
import type { NativeContext } from './context.ts'
import { fixedMemory, systemError } from './libc.ts'

/** The longest packet; and how many of them are read before others get their turn. */
const PACKET_BYTES = 65_536
const PACKETS_A_TURN = 256
const READY_MS = 2000

/** @param pid of a process in that namespace, which has the device @throws the system's error */
export function openTun(context: NativeContext, pid: number, name: string): TunDevice {
  const { libc, poller } = context
  const memory = fixedMemory(libc, PACKET_BYTES)
  const request = fixedMemory(libc, IFREQ.size)
  const { fd, control } = within(context, pid, () => {
    const fd = openSync('/dev/net/tun', constants.O_RDWR | constants.O_NONBLOCK)
    request.bytes.write(name, 0, 'latin1')
    request.bytes.writeUInt16LE(IFF_TUN | IFF_NO_PI, IFREQ.value)
    try {
      if (libc.ioctl(fd, TUNSETIFF, request.address) < 0) throw systemError(libc, 'ioctl')
      const control = libc.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)
      if (control < 0) throw systemError(libc, 'socket')
      return { fd, control }
    } catch (error) {
      closeSync(fd)
      throw error
    }
  })
  let take: ((packet: Buffer) => void) | undefined
  const readable = () => {
    for (let count = 0; count < PACKETS_A_TURN; count++) {
      const length = libc.read(fd, memory.address, PACKET_BYTES)
      if (length <= 0) return
      take?.(memory.bytes.subarray(0, length))
    }
  }
  poller.watch(fd, readable)
  const ask = (what: number) => {
    request.bytes.write(name, 0, 'latin1')
    if (libc.ioctl(control, what, request.address) < 0) throw systemError(libc, 'ioctl')
  }
  return {
    async ready() {
      for (let leftMs = READY_MS; leftMs > 0; leftMs--) {
        request.bytes.fill(0)
        ask(SIOCGIFFLAGS)
        if ((request.bytes.readUInt16LE(IFREQ.value) & IFF_RUNNING) !== 0) return
        await poller.pause(1)
      }
      throw new Error(`the device ${name} does not come up`)
    },
    read(taking) {
      take = taking
      poller.want(fd, POLLIN)
    },
    write: packet => libc.write(fd, libc.addressOf(packet), packet.length) === packet.length,
    setMtu(bytes) {
      request.bytes.fill(0)
      request.bytes.writeInt32LE(bytes, IFREQ.value)
      ask(SIOCSIFMTU)
    },
    drops: () => dropsOf(pid, name),
    pause: ms => poller.pause(ms),
    [Symbol.dispose]() {
      poller.forget(fd)
      closeSync(fd)
      libc.close(control)
    },
  }
}

/** By proc(5): `bench0:`, eight counters of what it received, and of what it sent bytes, packets, errors and drops. */
function dropsOf(pid: number, name: string): number | undefined {
  const lines = readFileSync(`/proc/${pid}/net/dev`, 'latin1').split('\n')
  const counters = lines.map(line => line.trim().split(/[:\s]+/)).find(([device]) => device === name)
  return counters === undefined ? undefined : Number(counters[12])
}

/** Namespaces belong to threads: this one enters that of the other process, and returns. */
function within<T>({ libc }: NativeContext, pid: number, work: () => T): T {
  const own = openSync('/proc/thread-self/ns/net', constants.O_RDONLY)
  const other = openSync(`/proc/${pid}/ns/net`, constants.O_RDONLY)
  const enter = (namespace: number) => {
    if (libc.setns(namespace, CLONE_NEWNET) < 0) throw systemError(libc, 'setns')
  }
  try {
    enter(other)
    try {
      return work()
    } finally {
      enter(own)
    }
  } finally {
    closeSync(own)
    closeSync(other)
  }
}
