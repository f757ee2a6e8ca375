/** Every socket option of the contract: how to set it, and how to read it back. */
import { networkInterfaces } from 'node:os'
import { textOf } from '../../../base/system-files.ts'
import { DF_MODES } from '../../contract/df.ts'
import type { SocketOptions, SocketState } from '../../contract/socket-facts.ts'
import { type Objection, type OptionKind, optionNames } from '../../contract/sockets.ts'
import {
  BATCHES_STREAMS,
  BLOCKS,
  IFNAMSIZ,
  IPPROTO_TCP,
  LACKING,
  MTU_DISCOVER,
  MULTICAST_HOPS,
  MULTICAST_LOOP,
  type Names,
  SO_BINDTODEVICE,
  SO_MAX_PACING_RATE,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SO_SNDBUF,
  SO_ZEROCOPY,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  SOL_UDP,
  TCP_CA_NAME_MAX,
  TCP_CONGESTION,
  TCP_MAXSEG,
  TCP_NODELAY,
  TRAFFIC_CLASS,
  UDP_GRO,
  UDP_GRO_ON,
  UDP_SEGMENT,
} from './abi.ts'
import type { NativeContext } from './context.ts'
import { Descriptor } from './descriptor.ts'
import { errorName, systemError } from './libc.ts'
import { BATCH, batchOf } from './messages.ts'
import { setMulticastInterface } from './multicast.ts'

type Key = keyof SocketOptions
type Value<K extends Key> = NonNullable<SocketOptions[K]>

interface Option {
  /** Sets it if it is among `options`. Returns false if the system refused; errno has the reason. */
  set(socket: Descriptor, options: SocketOptions): boolean
  /** Reads it back; the value is undefined if the system cannot read it. */
  get(socket: Descriptor): SocketOptions
}

const OPTIONS: { readonly [K in Key]-?: Option } = {
  device: option(
    'device',
    (socket, value) => socket.trySetBytes(SOL_SOCKET, SO_BINDTODEVICE, Buffer.from(`${value}\0`)),
    socket => stringOf(socket.tryGetBytes(SOL_SOCKET, SO_BINDTODEVICE, IFNAMSIZ)),
  ),
  sndbufBytes: number('sndbufBytes', always(SOL_SOCKET, SO_SNDBUF)),
  rcvbufBytes: option('rcvbufBytes', setReceiveBuffer, socket => socket.getOption(SOL_SOCKET, SO_RCVBUF)),
  nodelay: boolean('nodelay', always(IPPROTO_TCP, TCP_NODELAY)),
  mssBytes: number('mssBytes', always(IPPROTO_TCP, TCP_MAXSEG)),
  zerocopy: boolean('zerocopy', always(SOL_SOCKET, SO_ZEROCOPY)),
  gro: boolean('gro', always(SOL_UDP, UDP_GRO), UDP_GRO_ON),
  dscp: option(
    'dscp',
    (socket, value) => socket.trySetOption(...TRAFFIC_CLASS[socket.family], value << 2),
    socket => socket.getOption(...TRAFFIC_CLASS[socket.family]) >> 2,
  ),
  df: option(
    'df',
    (socket, value) => socket.trySetOption(...MTU_DISCOVER[socket.family], DF_MODES.indexOf(value)),
    socket => DF_MODES[socket.getOption(...MTU_DISCOVER[socket.family])],
  ),
  congestion: option(
    'congestion',
    (socket, value) => socket.trySetBytes(IPPROTO_TCP, TCP_CONGESTION, Buffer.from(value, 'latin1')),
    socket => stringOf(socket.tryGetBytes(IPPROTO_TCP, TCP_CONGESTION, TCP_CA_NAME_MAX)),
  ),
  maxPacingBps: option(
    'maxPacingBps',
    (socket, value) => {
      const bytes = Buffer.alloc(8)
      bytes.writeBigUInt64LE(BigInt(Math.max(1, Math.round(value / 8))))
      return socket.trySetBytes(SOL_SOCKET, SO_MAX_PACING_RATE, bytes)
    },
    socket => {
      const bytes = socket.tryGetBytes(SOL_SOCKET, SO_MAX_PACING_RATE, 8)
      // Kernels before 5.0 return 32 bits.
      return bytes && rateOf(bytes.length < 8 ? BigInt(bytes.readUInt32LE()) : bytes.readBigUInt64LE())
    },
  ),
  // The size is passed with each send; setting 0 changes nothing, but tests whether the kernel knows the option.
  gso: option(
    'gso',
    (socket, value) => !value || socket.trySetOption(SOL_UDP, UDP_SEGMENT, 0),
    () => undefined,
  ),
  ttl: number('ttl', MULTICAST_HOPS),
  loop: boolean('loop', MULTICAST_LOOP),
  // Applies where a group is joined.
  source: option(
    'source',
    () => true,
    () => undefined,
  ),
  // A property of the calls rather than the socket.
  batch: option(
    'batch',
    (_, value) => value >= 1 && value <= BATCH,
    () => undefined,
  ),
}

/** Data of a group leave, and arrive, by an interface of their own, for which no socket needs to be bound to it. */
const MULTICAST_DEVICE = (asked: SocketOptions) => option('device', setMulticastInterface, () => asked.device)

function optionOf(name: Key, kind: OptionKind, asked: SocketOptions): Option {
  return name === 'device' && kind === 'multicast' ? MULTICAST_DEVICE(asked) : OPTIONS[name]
}

/** Options read back only if requested: otherwise they are off or meaningless. */
const QUIET: readonly Key[] = ['device', 'zerocopy', 'gro', 'gso', 'batch', 'loop', 'source']

/** @throws the system's error */
export function setOptions(socket: Descriptor, kind: OptionKind, options: SocketOptions): void {
  for (const name of optionNames(kind)) {
    if (!optionOf(name, kind, options).set(socket, options)) throw systemError(socket.libc, 'setsockopt')
  }
}

/** Reads back every option of a socket of this kind. */
export function stateOf(socket: Descriptor, kind: OptionKind, asked: SocketOptions): SocketState {
  const names = optionNames(kind).filter(
    name => asked[name] !== undefined || !(QUIET.includes(name) || LACKING.has(name)),
  )
  const state: SocketState = Object.assign({}, ...names.map(name => optionOf(name, kind, asked).get(socket)))
  return {
    ...state,
    ...(asked.gso ? { gso: true } : {}),
    batch: kind !== 'stream' || BATCHES_STREAMS ? batchOf(asked) : 1,
    rcvbufForced: socket.rcvbufForced,
  }
}

/** Tries the options on a throwaway socket. If a socket of this family cannot be created, the first real use reports it. */
export function objectionOf(
  context: NativeContext,
  kind: OptionKind,
  family: 4 | 6,
  options: SocketOptions,
): Objection | undefined {
  const lacking = optionNames(kind).find(
    name => LACKING.has(name) && options[name] !== undefined && !(name === 'device' && kind === 'multicast'),
  )
  if (lacking !== undefined) return { option: lacking, reason: 'this system does not have it; leave it out' }
  let socket: Descriptor
  try {
    socket = Descriptor.create(context, family, kind === 'stream' ? SOCK_STREAM : SOCK_DGRAM, () => {})
  } catch {
    return undefined
  }
  try {
    for (const name of optionNames(kind)) {
      if (!optionOf(name, kind, options).set(socket, options))
        return { option: name, reason: reasonOf(name, options[name], errorName(socket.libc.errno())) }
    }
    return undefined
  } finally {
    socket.close()
  }
}

/** Only a privileged process can exceed rmem_max. The granted size is read back. */
function setReceiveBuffer(socket: Descriptor, bytes: number): boolean {
  if (!socket.trySetOption(SOL_SOCKET, SO_RCVBUF, bytes)) return false
  if (!BLOCKS) return true
  // Linux doubles what it grants, up to 2 GiB less one byte.
  if (socket.getOption(SOL_SOCKET, SO_RCVBUF) < 2 * Math.min(bytes, 2 ** 30 - 1))
    socket.rcvbufForced = socket.trySetOption(SOL_SOCKET, SO_RCVBUFFORCE, bytes)
  return true
}

/** The same for both IP versions. */
function always(level: number, option: number): Names {
  return { 4: [level, option], 6: [level, option] }
}

function option<K extends Key>(
  key: K,
  set: (socket: Descriptor, value: Value<K>) => boolean,
  get: (socket: Descriptor) => SocketOptions[K],
): Option {
  return {
    set(socket, { [key]: value }) {
      return value === undefined || value === null || set(socket, value)
    },
    get: socket => ({ [key]: get(socket) }),
  }
}

function number(key: 'sndbufBytes' | 'mssBytes' | 'ttl', names: Names): Option {
  return option(
    key,
    (socket, value) => socket.trySetOption(...names[socket.family], value),
    socket => socket.getOption(...names[socket.family]),
  )
}

function boolean(key: 'nodelay' | 'zerocopy' | 'gro' | 'loop', names: Names, on = 1): Option {
  return option(
    key,
    (socket, value) => socket.trySetOption(...names[socket.family], value ? on : 0),
    socket => socket.getOption(...names[socket.family]) !== 0,
  )
}

/** Converts bytes per second to bits; all ones, in 32 or 64 bits, mean no limit. */
export function rateOf(bytesPerSecond: bigint): number | undefined {
  return bytesPerSecond === 0xffff_ffffn || bytesPerSecond === 0xffff_ffff_ffff_ffffn
    ? undefined
    : Number(bytesPerSecond) * 8
}

function reasonOf(option: Key, value: unknown, code: string): string {
  if (option === 'congestion') {
    const known = congestionControls(code === 'EPERM' ? 'allowed' : 'available')
    const has = known === undefined ? '' : `; it has ${known}`
    return code === 'EPERM'
      ? `the system allows ${value} to privileged programs only${has}`
      : `the system has no ${value}${has}`
  }
  if (option === 'device') {
    if (code === 'ENODEV')
      return `this host has no interface ${value}; it has ${Object.keys(networkInterfaces()).join(', ')}`
    return `the system does not let this program bind to ${value} (${code}); run it as root, or leave it out`
  }
  if (option === 'mssBytes') return `the system does not take ${value} (${code}); choose from 88 to 32767`
  // Windows says EINVAL; of a yes there is no other value.
  if (code === 'ENOPROTOOPT' || code === 'EOPNOTSUPP' || (code === 'EINVAL' && value === true))
    return `this kernel does not know it (${code}); leave it out`
  return `the system does not take ${value} (${code}); choose another value, or leave it out`
}

/** Reads a C string. */
function stringOf(bytes: Buffer | undefined): string | undefined {
  return bytes?.toString().split('\0', 1)[0]
}

function congestionControls(which: 'allowed' | 'available'): string | undefined {
  return textOf(`/proc/sys/net/ipv4/tcp_${which}_congestion_control`)?.replaceAll(/\s+/g, ', ')
}
