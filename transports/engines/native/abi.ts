/**
 * Numbers and layouts of the system's binary interface, the same on x64 and arm64: of Linux (<bits/socket.h>, <asm-generic/socket.h>,
 * <linux/tcp.h>, <linux/udp.h>, <poll.h>), of FreeBSD and of macOS (<sys/socket.h>, <netinet/in.h>, <netinet6/in6.h>, <netinet/tcp.h>), and of
 * Windows (<winsock2.h>, <ws2def.h>, <ws2ipdef.h>, <ws2tcpip.h>). A test checks the last three against what their headers declare.
 */
import { WINDOWS_TICK_MS } from '../../../base/clock.ts'

const SYSTEM = process.platform

/** The value on this system. @param darwin where macOS differs from FreeBSD @param windows where it does, too: its numbers come from BSD */
function on<T>(linux: T, freebsd: T, darwin = freebsd, windows = freebsd): T {
  return SYSTEM === 'freebsd' ? freebsd : SYSTEM === 'darwin' ? darwin : SYSTEM === 'win32' ? windows : linux
}

/** A number that this system does not have: it refuses the option. */
const NONE = -1
/** Linux's sockets wait for a moment in their own calls; elsewhere they never block. */
export const BLOCKS = on(true, false)
/** Elsewhere nothing wakes a waiting thread, which has its next turn soon anyway. */
export const WAKES = on(true, true, false, false)
/** Elsewhere, the system's libraries go on with the next write after one that was accepted in part. */
export const BATCHES_STREAMS = BLOCKS
/** Datagrams that one call takes; Windows takes several only as one message to segment (UDP_SEND_MSG_SIZE). */
export const DATAGRAMS_A_CALL = on(64, 64, 64, 1)
/** The system's timers may be this late (PR_SET_TIMERSLACK), so the rest of a pause is spent polling. */
export const TIMER_SLACK_MS = on(0.06, 0.06, 0.06, WINDOWS_TICK_MS)
/** Whether a socket can be bound to a group of receivers; elsewhere to all addresses, and it gets what was sent to groups that it joined. */
export const BINDS_TO_GROUPS = on(true, true, true, false)
/** Options of sockets that only Linux has, or for which others have no such value. */
export const LACKING: ReadonlySet<string> = new Set(
  on<readonly string[]>(
    [],
    ['device', 'zerocopy', 'gro', 'gso', 'df', 'maxPacingBps'],
    ['device', 'zerocopy', 'gro', 'gso', 'df', 'maxPacingBps', 'congestion'],
    // Its traffic class is for administrators to set, whatever setsockopt(2) answers.
    ['device', 'zerocopy', 'batch', 'dscp', 'mssBytes', 'df', 'maxPacingBps', 'congestion'],
  ),
)

export const AF_INET = 2
export const AF_INET6 = on(10, 28, 30, 23)
export const SOCK_STREAM = 1
export const SOCK_DGRAM = 2
export const SOCK_CLOEXEC = on(0o2000000, 0x10000000, 0, 0)
export const SOCK_NONBLOCK = on(0, 0x20000000, 0, 0)
/** The first 16 bits of an address: its family, before which those of BSD have its length. */
const ofBsd = (family: number, length: number) => (family << 8) | length
export const SOCKADDR_IN = on(AF_INET, ofBsd(AF_INET, 16), ofBsd(AF_INET, 16), AF_INET)
export const SOCKADDR_IN6 = on(AF_INET6, ofBsd(AF_INET6, 28), ofBsd(AF_INET6, 28), AF_INET6)
export const FAMILY_AT = on(0, 1, 1, 0)

export const SOL_SOCKET = on(1, 0xffff)
export const SO_REUSEADDR = on(2, 4)
/** With which a listener takes a port whose connections have just ended; of Windows SO_EXCLUSIVEADDRUSE, with which no other program takes its port. */
export const SO_LISTENS = on(SO_REUSEADDR, SO_REUSEADDR, SO_REUSEADDR, ~SO_REUSEADDR)
export const SO_ERROR = on(4, 0x1007)
export const SO_SNDBUF = on(7, 0x1001)
export const SO_RCVBUF = on(8, 0x1002)
export const SO_RCVLOWAT = on(18, 0x1004)
export const SO_RCVTIMEO = on(20, 0x1006)
export const SO_SNDTIMEO = on(21, 0x1005)
export const SO_BINDTODEVICE = on(25, NONE)
export const SO_RCVBUFFORCE = on(33, NONE)
export const SO_RXQ_OVFL = on(40, NONE)
export const SO_MAX_PACING_RATE = on(47, NONE)
export const SO_MEMINFO = on(55, NONE)
export const SO_ZEROCOPY = on(60, NONE)
/** SO_MEMINFO: nine 32-bit counts, among them the bytes waiting to be sent, the send buffer, and dropped packets. */
export const SK_MEMINFO = { size: 36, wmemAlloc: 8, sndbuf: 12, drops: 32 } as const

export const IPPROTO_IP = 0
/** Of the control message; Windows has one number for what asks for it, and another one for this. */
export const IP_TTL = on(2, NONE, NONE, 4)
export const IP_RECVERR = on(11, NONE)
export const IP_RECVTTL = on(12, NONE, NONE, 21)
export const IPPROTO_IPV6 = 41
export const IPV6_RECVERR = on(25, NONE)
export const IPV6_V6ONLY = on(26, 27)
export const IPV6_RECVHOPLIMIT = on(51, 37, 37, 21)
export const IPV6_HOPLIMIT = on(52, 47, 47, 21)
/** struct ip_mreqn: imr_multiaddr 0, imr_address 4, imr_ifindex 8. Windows: an address, or an index in network byte order. */
export const MREQN = {
  size: on(12, 12, 12, 4),
  address: on(4, 4, 4, 0),
  interface: on<number | null>(8, 8, 8, null),
} as const
/** struct group_req: gr_interface 0, gr_group 8; struct group_source_req: also gsr_source 136. macOS packs them. */
export const GROUP_REQ = on({ size: 136, group: 8 }, { size: 136, group: 8 }, { size: 132, group: 4 })
export const GROUP_SOURCE_REQ = on(
  { size: 264, source: 136 },
  { size: 264, source: 136 },
  { size: 260, source: 132 },
)

/** An option as level and number, for a socket of each IP version. */
type Name = readonly [level: number, option: number]
export type Names = Readonly<Record<4 | 6, Name>>
const both = (ip: number, ipv6: number): Names => ({ 4: [IPPROTO_IP, ip], 6: [IPPROTO_IPV6, ipv6] })
/** IP_TOS, IPV6_TCLASS. */
export const TRAFFIC_CLASS = on(both(1, 67), both(3, 61), both(3, 36))
/** IP_PKTINFO (FreeBSD: IP_RECVDSTADDR), IPV6_RECVPKTINFO: have the local address of each datagram reported. */
export const REPORT_PKTINFO = on(both(8, 49), both(7, 36), both(26, 61), both(19, 19))
export const MTU_DISCOVER = on(both(10, 23), both(NONE, NONE))
export const PATH_MTU = on(both(14, 24), both(NONE, NONE))
/** struct in_pktinfo: ipi_ifindex 0, ipi_spec_dst 4 (the local address), ipi_addr 8 (from the header); struct in6_pktinfo: ipi6_addr 0, ipi6_ifindex 16. */
export const PKTINFO = {
  4: on(
    { name: [IPPROTO_IP, 8] as Name, size: 12, interface: 0, address: 4 },
    // IP_RECVDSTADDR, which is IP_SENDSRCADDR too: nothing but the address.
    { name: [IPPROTO_IP, 7] as Name, size: 4, interface: 0, address: 0 },
    { name: [IPPROTO_IP, 26] as Name, size: 12, interface: 0, address: 4 },
    { name: [IPPROTO_IP, 19] as Name, size: 8, interface: 4, address: 0 },
  ),
  6: { name: [IPPROTO_IPV6, on(50, 46, 46, 19)] as Name, size: 20, interface: 16, address: 0 },
} as const
/** Whether the local address of a datagram of IPv4 is one of IPv6 in control messages of an IPv6 socket, in mapped form. */
export const MAPS_PKTINFO = on(true, true, true, false)
export const MULTICAST_IF = on(both(32, 17), both(9, 9))
/** IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS. */
export const MULTICAST_HOPS = on(both(33, 18), both(10, 10))
export const MULTICAST_LOOP = on(both(34, 19), both(11, 11))
export const MULTICAST_ALL = on(both(49, 29), both(NONE, NONE))
export const MCAST_JOIN_GROUP = on(both(42, 42), both(80, 80), both(80, 80), both(41, 41))
export const MCAST_JOIN_SOURCE_GROUP = on(both(46, 46), both(82, 82), both(82, 82), both(45, 45))

export const IPPROTO_TCP = 6
export const TCP_NODELAY = 1
export const TCP_MAXSEG = 2
export const TCP_INFO = on(11, NONE)
export const TCP_CONGESTION = on(13, 64, NONE)
export const TCP_NOTSENT_LOWAT = on(25, NONE, 0x201, NONE)
/** The longest name including its terminating zero. */
export const TCP_CA_NAME_MAX = 16
export const IFNAMSIZ = 16

export const SOL_UDP = 17
/** Windows: UDP_SEND_MSG_SIZE. */
export const UDP_SEGMENT = on(103, NONE, NONE, 2)
/** Bytes of the size that goes with it. */
export const UDP_SEGMENT_SIZE = on<2 | 4>(2, 2, 2, 4)
/** Windows: UDP_RECV_MAX_COALESCED_SIZE, and UDP_COALESCED_INFO, which have one number. */
export const UDP_GRO = on(104, NONE, NONE, 3)
/** What turns it on: on Windows the most bytes of one message, of which the header of UDP takes 8. */
export const UDP_GRO_ON = on(1, 1, 1, 65_527)
/** Most datagrams in one send with UDP_SEGMENT (128 since Linux 6.9). */
export const UDP_MAX_SEGMENTS = 64

/** Windows has none of these: there they are between the engine and its calls. */
export const MSG_DONTWAIT = on(0x40, 0x80)
export const MSG_WAITFORONE = on(0x10000, 0x80000, 0)
export const MSG_ERRQUEUE = 0x2000
export const MSG_ZEROCOPY = 0x4000000
export const MSG_NOSIGNAL = on(0x4000, 0x20000, 0x80000)
export const SHUT_WR = 1

/** Windows: POLLRDNORM and POLLRDBAND; POLLWRNORM. */
export const POLLIN = on(1, 1, 1, 0x300)
export const POLLOUT = on(4, 4, 4, 0x10)
export const POLLERR = on(8, 8, 8, 1)
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

/**
 * struct mmsghdr: msg_name 0, msg_namelen 8, msg_iov 16, msg_iovlen 24, msg_control 32, msg_controllen 40, msg_flags 48, msg_len 56.
 * Elsewhere lengths have 32 bits; struct msghdr_x of macOS is laid out like FreeBSD's struct mmsghdr, and wants its flags cleared. Of Windows,
 * WSAMSG, whose Control is a WSABUF, and behind it a length of ours.
 */
export const MMSGHDR = {
  size: on(64, 56, 56, 64),
  name: 0,
  nameLength: 8,
  iov: 16,
  iovLength: 24,
  control: on(32, 32, 32, 40),
  controlLength: on(40, 40, 40, 32),
  flags: on(48, 44, 44, 48),
  length: on(56, 48, 48, 56),
} as const
export const CLEARS_FLAGS = on(false, false, true, true)
/** struct cmsghdr: cmsg_len 0 (including the header), cmsg_level 8, cmsg_type 12, data 16; each is aligned to 8. Windows: WSACMSGHDR. */
export const CMSGHDR = on(
  { level: 8, type: 12, data: 16, alignment: 8 },
  { level: 4, type: 8, data: 16, alignment: 8 },
  { level: 4, type: 8, data: 12, alignment: 4 },
  { level: 8, type: 12, data: 16, alignment: 8 },
)
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
/** struct iovec: iov_base 0, iov_len 8. Windows: WSABUF, the other way round. */
export const IOVEC = { size: 16, base: on(0, 0, 0, 8), length: on(8, 8, 8, 0) } as const
/** struct timeval: tv_sec 0, tv_usec 8. */
export const TIMEVAL = { size: 16, microseconds: 8 } as const
/** struct timespec: tv_sec 0, tv_nsec 8. */
export const TIMESPEC = { size: 16, nanoseconds: 8 } as const
/** struct timex (<linux/timex.h>): modes 0, maxerror 24 in µs; adjtimex returns TIME_ERROR for a clock that nothing synchronizes. */
export const TIMEX = { size: 208, maxError: 24 } as const
export const TIME_ERROR = 5
export const EFD_NONBLOCK = on(0o4000, 4)
export const EFD_CLOEXEC = on(0o2000000, 0x100000)
/** struct pollfd: fd 0, events 4, revents 6. Windows: WSAPOLLFD, whose descriptor has 64 bits. */
export const POLLFD = {
  size: on(8, 8, 8, 16),
  fd: 0,
  events: on(4, 4, 4, 8),
  revents: on(6, 6, 6, 10),
} as const
