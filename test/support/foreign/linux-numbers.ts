/** What Linux has in the places of other systems' numbers, for foreign-libc.ts. */
export const LINUX = {
  ...{ AF_INET: 2, AF_INET6: 10, SOCK_CLOEXEC: 0o2000000, SOCK_NONBLOCK: 0o4000 },
  ...{ MSG_DONTWAIT: 0x40, MSG_NOSIGNAL: 0x4000, EFD_NONBLOCK: 0o4000, EFD_CLOEXEC: 0o2000000 },
  ...{ IP_PKTINFO: 8, IPV6_PKTINFO: 50, IPV6_HOPLIMIT: 52, IPPROTO_IP: 0, IPPROTO_IPV6: 41 },
}
/** Options by their names: levels and numbers of Linux. */
export const OPTIONS: readonly (readonly [level: string, name: string, linuxLevel: number, linux: number])[] =
  [
    ['SOL_SOCKET', 'SO_REUSEADDR', 1, 2],
    ['SOL_SOCKET', 'SO_ERROR', 1, 4],
    ['SOL_SOCKET', 'SO_SNDBUF', 1, 7],
    ['SOL_SOCKET', 'SO_RCVBUF', 1, 8],
    ['SOL_SOCKET', 'SO_RCVLOWAT', 1, 18],
    ['SOL_SOCKET', 'SO_RCVTIMEO', 1, 20],
    ['SOL_SOCKET', 'SO_SNDTIMEO', 1, 21],
    ['IPPROTO_IP', 'IP_TOS', 0, 1],
    ['IPPROTO_IP', 'IP_RECVDSTADDR', 0, 8],
    ['IPPROTO_IP', 'IP_PKTINFO', 0, 8],
    ['IPPROTO_IP', 'IP_MULTICAST_IF', 0, 32],
    ['IPPROTO_IP', 'IP_MULTICAST_TTL', 0, 33],
    ['IPPROTO_IP', 'IP_MULTICAST_LOOP', 0, 34],
    ['IPPROTO_IP', 'MCAST_JOIN_GROUP', 0, 42],
    ['IPPROTO_IP', 'MCAST_JOIN_SOURCE_GROUP', 0, 46],
    ['IPPROTO_IPV6', 'IPV6_V6ONLY', 41, 26],
    ['IPPROTO_IPV6', 'IPV6_TCLASS', 41, 67],
    ['IPPROTO_IPV6', 'IPV6_RECVPKTINFO', 41, 49],
    ['IPPROTO_IPV6', 'IPV6_RECVHOPLIMIT', 41, 51],
    ['IPPROTO_IPV6', 'IPV6_MULTICAST_IF', 41, 17],
    ['IPPROTO_IPV6', 'IPV6_MULTICAST_HOPS', 41, 18],
    ['IPPROTO_IPV6', 'IPV6_MULTICAST_LOOP', 41, 19],
    ['IPPROTO_IPV6', 'MCAST_JOIN_GROUP', 41, 42],
    ['IPPROTO_IPV6', 'MCAST_JOIN_SOURCE_GROUP', 41, 46],
    ['IPPROTO_TCP', 'TCP_NODELAY', 6, 1],
    ['IPPROTO_TCP', 'TCP_MAXSEG', 6, 2],
    ['IPPROTO_TCP', 'TCP_CONGESTION', 6, 13],
    ['IPPROTO_TCP', 'TCP_NOTSENT_LOWAT', 6, 25],
  ]
/** struct msghdr and struct cmsghdr of Linux. */
export const LINUX_MESSAGE = {
  size: 56,
  name: 0,
  nameLength: 8,
  iov: 16,
  count: 24,
  control: 32,
  controlLength: 40,
}
export const LINUX_CONTROL = { level: 8, type: 12, data: 16, alignment: 8 }
