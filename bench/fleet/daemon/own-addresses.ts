/** Finds this host's own addresses, where services reachable only from this host may listen. */
import { BlockList, isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { textOf } from '../../../base/system-files.ts'

interface Subnet {
  readonly address: string
  /** Length of the prefix in bits. */
  readonly prefix: number
}

/** Loopback, "this host" and link-local, on every system. */
const ALWAYS: readonly Subnet[] = [
  { address: '127.0.0.0', prefix: 8 },
  { address: '0.0.0.0', prefix: 8 },
  { address: '169.254.0.0', prefix: 16 },
  { address: '::', prefix: 127 },
  { address: 'fe80::', prefix: 10 },
]

/**
 * True if an address leads to this host: an interface's address, one that its routes call local (`ip route add local 10.9.0.0/16 dev
 * lo`), or an IPv6 address that embeds one of these: mapped, compatible (RFC 4291), NAT64 (RFC 6052) or 6to4 (RFC 3056).
 */
export function isOwnAddress(host: string): boolean {
  const list = new BlockList()
  for (const { address, prefix } of [...ALWAYS, ...ofInterfaces(), ...localRoutes()]) {
    if (isIPv6(address)) list.addSubnet(address, prefix, 'ipv6')
    else {
      list.addSubnet(address, prefix, 'ipv4')
      for (const translated of translations({ address, prefix }))
        list.addSubnet(translated.address, translated.prefix, 'ipv6')
    }
  }
  const [plain = ''] = host.split('%')
  // BlockList already unmaps IPv4-mapped addresses.
  return list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4')
}

function ofInterfaces(): readonly Subnet[] {
  return Object.values(networkInterfaces())
    .flatMap(addresses => addresses ?? [])
    .map(({ address, family }) => ({ address, prefix: family === 'IPv6' ? 128 : 32 }))
}

function translations({ address, prefix }: Subnet): readonly Subnet[] {
  const hex = address.split('.').map(part => Number(part).toString(16).padStart(2, '0'))
  const [a, b, c, d] = hex
  return [
    { address: `64:ff9b::${address}`, prefix: 96 + prefix },
    { address: `::${address}`, prefix: 96 + prefix },
    { address: `2002:${a}${b}:${c}${d}::`, prefix: 16 + prefix },
  ]
}

/** Reads the networks that the kernel considers local (Linux): AnyIP makes whole networks local without an interface. Elsewhere, none. */
function localRoutes(): readonly Subnet[] {
  return [
    ...localRoutes4(textOf('/proc/net/fib_trie') ?? ''),
    ...localRoutes6(textOf('/proc/net/ipv6_route') ?? ''),
  ]
}

/** Parses only the tables that apply to every packet: others are for marked packets, as a transparent proxy uses them. */
export function localRoutes4(trie: string): readonly Subnet[] {
  const found: Subnet[] = []
  let seen = false
  let address = ''
  for (const line of trie.split('\n')) {
    const table = /^(\w.*):$/.exec(line)?.[1]
    if (table !== undefined) seen = table === 'Main' || table === 'Local'
    address = /\|-- ([\d.]+)$/.exec(line)?.[1] ?? address
    const prefix = /\/(\d+) host LOCAL/.exec(line)?.[1]
    if (seen && prefix !== undefined && prefix !== '0') found.push({ address, prefix: Number(prefix) })
  }
  return found
}

/** RTF_LOCAL of linux/ipv6_route.h. */
const LOCAL = 0x80000000

export function localRoutes6(routes: string): readonly Subnet[] {
  return routes.split('\n').flatMap(line => {
    const [digits = '', length = '0', , , , , , , flags = '0'] = line.split(/\s+/)
    const prefix = Number.parseInt(length, 16)
    if ((Number.parseInt(flags, 16) & LOCAL) === 0 || prefix === 0 || digits.length !== 32) return []
    return [{ address: (digits.match(/.{4}/g) ?? []).join(':'), prefix }]
  })
}
