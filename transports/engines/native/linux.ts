/** Numbers of the Linux ABI (<bits/socket.h>, <asm-generic/socket.h>, <linux/tcp.h>, <linux/udp.h>, <poll.h>): the same on x64 and arm64. */

export const AF_INET = 2
export const AF_INET6 = 10
export const SOCK_STREAM = 1
export const SOCK_DGRAM = 2
export const SOCK_CLOEXEC = 0o2000000

export const SOL_SOCKET = 1
export const SO_REUSEADDR = 2
export const SO_ERROR = 4
export const SO_SNDBUF = 7
export const SO_RCVBUF = 8
export const SO_RCVLOWAT = 18
export const SO_RCVTIMEO = 20
export const SO_SNDTIMEO = 21
export const SO_BINDTODEVICE = 25
export const SO_RCVBUFFORCE = 33
export const SO_RXQ_OVFL = 40
export const SO_MAX_PACING_RATE = 47
export const SO_MEMINFO = 55
export const SO_ZEROCOPY = 60
/** SO_MEMINFO: nine 32-bit counts, among them the bytes waiting to be sent, the send buffer, and dropped packets. */
export const SK_MEMINFO = { size: 36, wmemAlloc: 8, sndbuf: 12, drops: 32 } as const

export const IPPROTO_IP = 0
export const IP_TTL = 2
export const IP_RECVERR = 11
export const IP_RECVTTL = 12
export const IPPROTO_IPV6 = 41
export const IPV6_RECVERR = 25
export const IPV6_V6ONLY = 26
export const IPV6_RECVHOPLIMIT = 51
export const IPV6_HOPLIMIT = 52
/** struct ip_mreqn: imr_multiaddr 0, imr_address 4, imr_ifindex 8. */
export const MREQN = { size: 12, interface: 8 } as const
/** struct group_req: gr_interface 0, gr_group 8; struct group_source_req: also gsr_source 136. */
export const GROUP_REQ = { size: 136, group: 8 } as const
export const GROUP_SOURCE_REQ = { size: 264, source: 136 } as const

/** An option as level and number, for a socket of each IP version. */
type Name = readonly [level: number, option: number]
export type Names = Readonly<Record<4 | 6, Name>>
const both = (ip: number, ipv6: number): Names => ({ 4: [IPPROTO_IP, ip], 6: [IPPROTO_IPV6, ipv6] })
/** IP_TOS, IPV6_TCLASS. */
export const TRAFFIC_CLASS = both(1, 67)
/** IP_PKTINFO, IPV6_RECVPKTINFO: have the local address of each datagram reported. */
export const REPORT_PKTINFO = both(8, 49)
export const MTU_DISCOVER = both(10, 23)
export const PATH_MTU = both(14, 24)
/** struct in_pktinfo: ipi_ifindex 0, ipi_spec_dst 4 (the local address), ipi_addr 8 (from the header); struct in6_pktinfo: ipi6_addr 0, ipi6_ifindex 16. */
export const PKTINFO = {
  4: { name: [IPPROTO_IP, 8] as Name, size: 12, interface: 0, address: 4 },
  6: { name: [IPPROTO_IPV6, 50] as Name, size: 20, interface: 16, address: 0 },
} as const
export const MULTICAST_IF = both(32, 17)
/** IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS. */
export const MULTICAST_HOPS = both(33, 18)
export const MULTICAST_LOOP = both(34, 19)
export const MULTICAST_ALL = both(49, 29)
export const MCAST_JOIN_GROUP = both(42, 42)
export const MCAST_JOIN_SOURCE_GROUP = both(46, 46)

export const IPPROTO_TCP = 6
export const TCP_NODELAY = 1
export const TCP_MAXSEG = 2
export const TCP_INFO = 11
export const TCP_CONGESTION = 13
export const TCP_NOTSENT_LOWAT = 25
/** The longest name including its terminating zero. */
export const TCP_CA_NAME_MAX = 16
export const IFNAMSIZ = 16

export const SOL_UDP = 17
export const UDP_SEGMENT = 103
export const UDP_GRO = 104
/** Most datagrams in one send with UDP_SEGMENT (128 since Linux 6.9). */
export const UDP_MAX_SEGMENTS = 64

export const MSG_DONTWAIT = 0x40
export const MSG_WAITFORONE = 0x10000
export const MSG_ERRQUEUE = 0x2000
export const MSG_ZEROCOPY = 0x4000000
export const MSG_NOSIGNAL = 0x4000
export const SHUT_WR = 1

export const POLLIN = 1
/** setns(2), netdevice(7) and the kernel's Documentation/networking/tuntap.rst. */
export const CLONE_NEWNET = 0x40000000
export const TUNSETIFF = 0x400454ca
export const IFF_RUNNING = 0x40
export const IFF_TUN = 1
export const IFF_NO_PI = 0x1000
export const SIOCGIFFLAGS = 0x8913
export const SIOCSIFMTU = 0x8922
/** struct ifreq: a name of 16 bytes, and a value. */
export const IFREQ = { size: 40, value: 16 } as const
export const POLLOUT = 4
export const POLLERR = 8

/** struct mmsghdr: msg_name 0, msg_namelen 8, msg_iov 16, msg_iovlen 24, msg_control 32, msg_controllen 40, msg_flags 48, msg_len 56. */
export const MMSGHDR = {
  size: 64,
  name: 0,
  nameLength: 8,
  iov: 16,
  iovLength: 24,
  control: 32,
  controlLength: 40,
  length: 56,
} as const
/** struct cmsghdr: cmsg_len 0 (including the header), cmsg_level 8, cmsg_type 12, data 16; each is aligned to 8. */
export const CMSGHDR = { level: 8, type: 12, data: 16, alignment: 8 } as const
/** struct sock_extended_err: ee_errno 0, ee_origin 4, ee_type 5, ee_code 6, ee_pad 7, ee_info 8, ee_data 12. */
export const EXTENDED_ERROR = { size: 16, origin: 4, code: 6, info: 8, data: 12 } as const
export const SO_EE_ORIGIN_ZEROCOPY = 5
export const SO_EE_CODE_ZEROCOPY_COPIED = 1
/** struct tcp_info: times in µs, rates in bytes a second. */
export const TCP_INFO_FIELDS = {
  size: 232,
  senderMss: 16,
  rtt: 68,
  rttvar: 72,
  cwnd: 80,
  totalRetransmits: 100,
  pacingRate: 104,
  minRtt: 148,
  deliveryRate: 160,
  busyTime: 168,
  rwndLimited: 176,
  sndbufLimited: 184,
} as const
/** struct iovec: iov_base 0, iov_len 8. */
export const IOVEC = { size: 16, base: 0, length: 8 } as const
/** struct timeval: tv_sec 0, tv_usec 8. */
export const TIMEVAL = { size: 16, microseconds: 8 } as const
/** struct timespec: tv_sec 0, tv_nsec 8. */
export const TIMESPEC = { size: 16, nanoseconds: 8 } as const
/** struct timex (<linux/timex.h>): modes 0, maxerror 24 in µs; adjtimex returns TIME_ERROR for a clock that nothing synchronizes. */
export const TIMEX = { size: 208, maxError: 24 } as const
export const TIME_ERROR = 5
export const EFD_NONBLOCK = 0o4000
export const EFD_CLOEXEC = 0o2000000
/** struct pollfd: fd 0, events 4, revents 6. */
export const POLLFD = { size: 8, fd: 0, events: 4, revents: 6 } as const
