/** Numbers of the Linux ABI, as in <bits/socket.h>, <asm-generic/socket.h>, <netinet/tcp.h>, <poll.h>: equal on x64 and arm64. */

export const AF_INET = 2
export const AF_INET6 = 10
export const SOCK_STREAM = 1
export const SOCK_DGRAM = 2
export const SOCK_NONBLOCK = 0o4000
export const SOCK_CLOEXEC = 0o2000000

export const SOL_SOCKET = 1
export const SO_REUSEADDR = 2
export const SO_ERROR = 4
export const SO_SNDBUF = 7
export const SO_RCVBUF = 8
export const SO_RCVBUFFORCE = 33
export const IPPROTO_TCP = 6
export const TCP_NODELAY = 1
export const IPPROTO_IPV6 = 41
export const IPV6_V6ONLY = 26

export const MSG_DONTWAIT = 0x40
export const MSG_NOSIGNAL = 0x4000
export const SHUT_WR = 1

export const POLLIN = 1
export const POLLOUT = 4

/** struct mmsghdr: msg_name 0, msg_namelen 8, msg_iov 16, msg_iovlen 24, msg_control 32, msg_controllen 40, msg_flags 48, msg_len 56. */
export const MMSGHDR = { size: 64, name: 0, nameLength: 8, iov: 16, iovLength: 24, length: 56 } as const
/** struct iovec: iov_base 0, iov_len 8. */
export const IOVEC = { size: 16, base: 0, length: 8 } as const
/** struct pollfd: fd 0, events 4, revents 6. */
export const POLLFD = { size: 8, fd: 0, events: 4, revents: 6 } as const
