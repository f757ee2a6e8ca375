/**
 * What the published headers of other systems declare: facts that the engine's tables are checked against, and that the emulation of these
 * systems in foreign-libc.ts is made of. FreeBSD: sys/sys/socket.h, sys/netinet/in.h, sys/netinet6/in6.h, sys/netinet/tcp.h,
 * sys/sys/eventfd.h. macOS: bsd/sys/socket.h, bsd/sys/socket_private.h, bsd/netinet/in.h, bsd/netinet6/in6.h, bsd/netinet/tcp.h of xnu.
 * Windows: winsock2.h, ws2def.h, ws2ipdef.h, ws2tcpip.h, mswsock.h; all but the three of UDP and SO_EXCLUSIVEADDRUSE's sign were printed by a
 * program that mingw-w64 compiled of its copies.
 */
const ALL = `
#define AF_INET 2
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOL_SOCKET 0xffff
#define SO_REUSEADDR 0x0004
#define SO_SNDBUF 0x1001
#define SO_RCVBUF 0x1002
#define SO_RCVLOWAT 0x1004
#define SO_SNDTIMEO 0x1005
#define SO_RCVTIMEO 0x1006
#define SO_ERROR 0x1007
#define IPPROTO_IP 0
#define IPPROTO_IPV6 41
#define IPPROTO_TCP 6
#define IP_MULTICAST_IF 9
#define IP_MULTICAST_TTL 10
#define IP_MULTICAST_LOOP 11
#define IPV6_MULTICAST_IF 9
#define IPV6_MULTICAST_HOPS 10
#define IPV6_MULTICAST_LOOP 11
#define IPV6_V6ONLY 27
#define TCP_NODELAY 1
`

const BOTH = `${ALL}
#define MSG_DONTWAIT 0x80
#define SHUT_WR 1
#define IP_TOS 3
#define MCAST_JOIN_GROUP 80
#define MCAST_JOIN_SOURCE_GROUP 82
#define IPV6_RECVHOPLIMIT 37
#define IPV6_PKTINFO 46
#define IPV6_HOPLIMIT 47
#define TCP_MAXSEG 2
#define POLLIN 0x0001
#define POLLOUT 0x0004
#define POLLERR 0x0008
struct sockaddr_in { uint8_t sin_len; sa_family_t sin_family; in_port_t sin_port; uint32_t sin_addr; char sin_zero[8]; };
struct sockaddr_in6 { uint8_t sin6_len; sa_family_t sin6_family; in_port_t sin6_port; uint32_t sin6_flowinfo; char sin6_addr[16]; uint32_t sin6_scope_id; };
struct sockaddr_storage { uint8_t ss_len; sa_family_t ss_family; char ss_pad1[6]; int64_t ss_align; char ss_pad2[112]; };
struct msghdr { void *msg_name; socklen_t msg_namelen; struct iovec *msg_iov; int msg_iovlen; void *msg_control; socklen_t msg_controllen; int msg_flags; };
struct cmsghdr { socklen_t cmsg_len; int cmsg_level; int cmsg_type; };
struct iovec { void *iov_base; size_t iov_len; };
struct pollfd { int fd; short events; short revents; };
struct timespec { long tv_sec; long tv_nsec; };
struct in6_pktinfo { char ipi6_addr[16]; unsigned int ipi6_ifindex; };
struct ip_mreqn { uint32_t imr_multiaddr; uint32_t imr_address; int imr_ifindex; };
struct group_req { uint32_t gr_interface; struct sockaddr_storage gr_group; };
struct group_source_req { uint32_t gsr_interface; struct sockaddr_storage gsr_group; struct sockaddr_storage gsr_source; };
`

const FREEBSD = `${BOTH}
#define AF_INET6 28
#define SOCK_CLOEXEC 0x10000000
#define SOCK_NONBLOCK 0x20000000
#define MSG_NOSIGNAL 0x20000
#define MSG_WAITFORONE 0x80000
#define IP_RECVDSTADDR 7
#define IPV6_RECVPKTINFO 36
#define IPV6_TCLASS 61
#define TCP_CONGESTION 64
#define EFD_NONBLOCK 0x00000004
#define EFD_CLOEXEC 0x00100000
struct timeval { long tv_sec; long tv_usec; };
struct mmsghdr { struct msghdr msg_hdr; ssize_t msg_len; };
`

const MACOS = `${BOTH}
#define AF_INET6 30
#define MSG_NOSIGNAL 0x80000
#define IP_PKTINFO 26
#define IPV6_RECVPKTINFO 61
#define IPV6_TCLASS 36
#define TCP_NOTSENT_LOWAT 0x201
struct timeval { long tv_sec; int tv_usec; };
struct msghdr_x { void *msg_name; socklen_t msg_namelen; struct iovec *msg_iov; int msg_iovlen; void *msg_control; socklen_t msg_controllen; int msg_flags; size_t msg_datalen; };
struct in_pktinfo { unsigned int ipi_ifindex; uint32_t ipi_spec_dst; uint32_t ipi_addr; };
`

const WINDOWS = `${ALL}
#define AF_INET6 23
#define SO_EXCLUSIVEADDRUSE -5
#define SD_SEND 1
#define IPPROTO_UDP 17
#define IP_PKTINFO 19
#define IP_TTL 4
#define IP_RECVTTL 21
#define MCAST_JOIN_GROUP 41
#define MCAST_JOIN_SOURCE_GROUP 45
#define IPV6_PKTINFO 19
#define IPV6_HOPLIMIT 21
#define UDP_SEND_MSG_SIZE 2
#define UDP_RECV_MAX_COALESCED_SIZE 3
#define UDP_COALESCED_INFO 3
#define POLLIN 0x0300
#define POLLOUT 0x0010
#define POLLERR 0x0001
#define POLLHUP 0x0002
#define FIONBIO 0x8004667e
#define SIO_GET_EXTENSION_FUNCTION_POINTER 0xc8000006
#define SIO_UDP_CONNRESET 0x9800000c
struct sockaddr_in { ADDRESS_FAMILY sin_family; USHORT sin_port; ULONG sin_addr; char sin_zero[8]; };
struct sockaddr_in6 { ADDRESS_FAMILY sin6_family; USHORT sin6_port; ULONG sin6_flowinfo; char sin6_addr[16]; ULONG sin6_scope_id; };
struct sockaddr_storage { ADDRESS_FAMILY ss_family; char ss_pad1[6]; int64_t ss_align; char ss_pad2[112]; };
struct WSABUF { ULONG len; char *buf; };
struct WSAMSG { void *name; int namelen; struct WSABUF *lpBuffers; ULONG dwBufferCount; struct WSABUF Control; ULONG dwFlags; };
struct WSACMSGHDR { SIZE_T cmsg_len; int cmsg_level; int cmsg_type; };
struct WSAPOLLFD { SOCKET fd; short events; short revents; };
struct IN_PKTINFO { ULONG ipi_addr; ULONG ipi_ifindex; };
struct IN6_PKTINFO { char ipi6_addr[16]; ULONG ipi6_ifindex; };
struct GROUP_REQ { ULONG gr_interface; struct sockaddr_storage gr_group; };
struct GROUP_SOURCE_REQ { ULONG gsr_interface; struct sockaddr_storage gsr_group; struct sockaddr_storage gsr_source; };
`

export type Foreign = 'freebsd' | 'darwin' | 'win32'

export interface Layout {
  readonly size: number
  readonly alignment: number
  readonly at: Readonly<Record<string, number>>
}

export interface Headers {
  /** The number of a #define. @throws if there is none */
  number(name: string): number
  has(name: string): boolean
  struct(name: string): Layout
  /** To what CMSG_DATA and CMSG_NXTHDR round up: _ALIGN of FreeBSD, __DARWIN_ALIGN32 of macOS, WSA_CMSGDATA_ALIGN of Windows. */
  readonly controlAlignment: number
}

const SIZES: Readonly<Record<string, number>> = {
  ...{ char: 1, uint8_t: 1, sa_family_t: 1, short: 2, in_port_t: 2, int: 4, 'unsigned int': 4, uint32_t: 4 },
  ...{ socklen_t: 4, int64_t: 8, long: 8, size_t: 8, ssize_t: 8 },
  ...{ ADDRESS_FAMILY: 2, USHORT: 2, ULONG: 4, SIZE_T: 8, SOCKET: 8 },
}
/** Under #pragma pack(4). */
const PACKED: ReadonlySet<string> = new Set(['group_req', 'group_source_req'])

const TEXTS = { freebsd: FREEBSD, darwin: MACOS, win32: WINDOWS } as const

export function headersOf(system: Foreign): Headers {
  const text = TEXTS[system]
  const numbers = new Map(
    [...text.matchAll(/^#define (\w+) (-?\w+)$/gm)].map(([, name, value]) => [name, Number(value)]),
  )
  const structs = new Map(
    [...text.matchAll(/^struct (\w+) \{ (.*) \};$/gm)].map(([, name, fields]) => [name, fields ?? '']),
  )
  const struct = (name: string): Layout => {
    const fields = structs.get(name)
    if (fields === undefined) throw new Error(`no struct ${name}`)
    const most = system === 'darwin' && PACKED.has(name) ? 4 : 8
    const at: Record<string, number> = {}
    let end = 0
    let alignment = 1
    for (const field of fields.split(/; ?/).filter(each => each !== '')) {
      const [, type = '', pointer = '', called = '', count = '1'] =
        /^(.+?) (\*?)(\w+)(?:\[(\d+)\])?$/.exec(field) ?? []
      const inner = pointer === '' && type.startsWith('struct ') ? struct(type.slice(7)) : undefined
      const size = inner?.size ?? (pointer === '*' ? 8 : SIZES[type])
      if (size === undefined) throw new Error(`unknown type in ${field}`)
      const own = Math.min(most, inner?.alignment ?? size)
      alignment = Math.max(alignment, own)
      at[called] = Math.ceil(end / own) * own
      end = at[called] + size * Number(count)
    }
    return { size: Math.ceil(end / alignment) * alignment, alignment, at }
  }
  return {
    number(name) {
      const found = numbers.get(name)
      if (found === undefined) throw new Error(`no #define of ${name}`)
      return found
    },
    has: name => numbers.has(name),
    struct,
    controlAlignment: system === 'darwin' ? 4 : 8,
  }
}
