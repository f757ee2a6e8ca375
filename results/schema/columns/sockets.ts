/** What was asked of the sockets, what the system gave, and what its kernel says of them. */
import {
  asked,
  BITS_PER_SECOND,
  BYTES,
  COUNT,
  given,
  MS,
  measured,
  PER_CALL,
  SHARE,
  SWITCH,
  TEXT,
} from './column.ts'

export const SOCKET_COLUMNS = {
  bind_asked: asked(
    { ...TEXT, title: 'bind' },
    'Address that the data sockets on this host were bound to (`--bind`); empty where the system chose.',
  ),
  interface_asked: asked(
    { ...TEXT, title: 'interface' },
    'Interface that the data sockets on this host were bound to (`--interface`, SO_BINDTODEVICE).',
  ),
  group_asked: asked(
    { ...TEXT, title: 'group' },
    'Multicast group that the data were sent to (`--group`); empty for transports that send to one receiver.',
  ),
  ttl_asked: asked(
    { ...COUNT, title: 'ttl', most: 255, unset: '2' },
    'Requested TTL or hop limit of what is sent to a group (`--ttl`).',
  ),
  ttl: given(
    { ...COUNT, most: 255 },
    'TTL or hop limit of the sender’s socket (IP_MULTICAST_TTL, IPV6_MULTICAST_HOPS); for groups only.',
  ),
  loopback: asked(
    { ...SWITCH, title: 'loopback', usual: true },
    'Whether receivers on the sender’s host get what it sends to a group (`--no-loopback`); empty where nothing was asked, and they do.',
  ),
  source_asked: asked(
    { ...TEXT, title: 'source', unset: 'any' },
    'The only sender that the receivers joined the group for (`--source`).',
  ),
  sender_address: given(
    { ...TEXT, end: 'sender' },
    'Address that the data came from, as the receiver saw it. Empty if nothing arrived.',
  ),
  receiver_address: given(
    { ...TEXT, end: 'receiver' },
    'Address that the data were sent to; if its name has several, the one that was used.',
  ),
  sender_interface: given(
    { ...TEXT, end: 'sender' },
    'Interface that the sender’s socket was bound to, as its system reports it; on another host by `bench serve --interface`.',
  ),
  receiver_interface: given({ ...TEXT, end: 'receiver' }, 'The same for the receiver’s socket.'),
  sndbuf_asked_bytes: asked(
    { ...BYTES, title: 'sndbuf' },
    'Requested send buffer (`--sndbuf`); empty for the system’s default.',
  ),
  sndbuf_bytes: given(
    BYTES,
    'Send buffer of the sender’s socket as the system reports it (Linux doubles what is asked). Empty where the engine cannot read it.',
  ),
  rcvbuf_asked_bytes: asked(
    { ...BYTES, title: 'rcvbuf' },
    'Requested receive buffer (`--rcvbuf`, or the default of this program); empty for the system’s default.',
  ),
  rcvbuf_bytes: given(
    BYTES,
    'Receive buffer of the receiver’s socket as the system reports it. Empty where the engine cannot read it.',
  ),
  rcvbuf_forced: given(
    SWITCH,
    'If more receive buffer was requested than `net.core.rmem_max` permits: whether the system granted it nevertheless (SO_RCVBUFFORCE, for privileged programs). Empty if that was not needed.',
  ),
  nodelay: asked(
    { ...SWITCH, usual: true },
    'TCP_NODELAY of the sender, read back where the engine can; empty for UDP.',
  ),
  congestion_asked: asked(
    { ...TEXT, title: 'congestion' },
    'Requested congestion control (`--congestion`); empty for the system’s default.',
  ),
  congestion: given(TEXT, 'TCP_CONGESTION of the sender as the system reports it.'),
  mss_asked_bytes: asked({ ...BYTES, title: 'mss' }, 'Requested maximum segment size (`--mss`, TCP_MAXSEG).'),
  mss_bytes: given(BYTES, 'Segment size that the sender used at the end of the transfer (TCP_INFO).'),
  max_pacing_asked_bps: asked(
    { ...BITS_PER_SECOND, title: 'max pacing', unset: 'none' },
    'Requested ceiling of the kernel’s own pacing (`--max-pacing`); TCP only.',
  ),
  max_pacing_bps: given(
    BITS_PER_SECOND,
    'SO_MAX_PACING_RATE of the sender as the system reports it; empty without a ceiling.',
  ),
  dscp_asked: asked(
    { ...COUNT, title: 'dscp', most: 63 },
    'Requested differentiated services code point (`--dscp`), 0 to 63.',
  ),
  dscp: given(
    { ...COUNT, most: 63 },
    'Code point of the sender’s socket as the system reports it (IP_TOS, IPV6_TCLASS).',
  ),
  df_asked: asked(
    { ...TEXT, title: 'df', values: ['dont', 'want', 'do', 'probe'] },
    'Requested path MTU discovery (`--df`): `dont` never sets DF, `want` goes by the known path MTU, `do` always sets it, `probe` sets it and ignores the path MTU.',
  ),
  df: given(
    { ...TEXT, values: ['dont', 'want', 'do', 'probe'] },
    'IP_MTU_DISCOVER of the sender’s socket as the system reports it, in the same words.',
  ),
  path_mtu_bytes: given(BYTES, 'Path MTU from the sender, as its kernel knew it at the end; datagrams only.'),
  offload_asked: asked(
    { ...TEXT, title: 'offload', unset: 'none', values: ['gso', 'gro', 'gso,gro'] },
    'Requested offload (`--offload`): `gso`, UDP_SEGMENT at the sender; `gro`, UDP_GRO at the receiver; or `gso,gro`. Empty: one datagram a message.',
  ),
  offload: given(
    { ...TEXT, values: ['gso', 'gro', 'gso,gro'] },
    'Offload that took place: the kernel cut a send into datagrams, or a read returned several. Rows that differ here answer different questions.',
  ),
  zerocopy: asked(
    { ...SWITCH, title: 'zerocopy' },
    'SO_ZEROCOPY of the sender, read back; empty if it was not requested.',
  ),
  zerocopy_sends: measured(COUNT, 'Sends with MSG_ZEROCOPY that the kernel had completed at the end.'),
  zerocopy_copied: measured(COUNT, 'Those that the kernel copied nevertheless, as it does over loopback.'),
  batch_asked: asked(
    { ...COUNT, title: 'batch' },
    'The most datagrams (for TCP: writes) that one system call may carry (`--batch`); empty for the engine’s default.',
  ),
  batch: given(
    COUNT,
    'The most that one system call of the sender could carry: up to 64 on the native engine, 1 on node.',
  ),
  sends_per_call: measured(
    PER_CALL,
    'Mean number of datagrams, or writes, for each system call that sent any; calls for markers and headers count too. Empty if the engine does not count them.',
  ),
  reads_per_call: measured(
    PER_CALL,
    'Mean number of datagrams for each system call of the receiver that returned any. Empty for TCP, and if the engine does not count them.',
  ),
  tls_resumption_asked: asked(
    { ...SWITCH, title: 'resumption' },
    'Whether a TLS session of an earlier connection was to be resumed (`--resumption`); empty for a full handshake, and without TLS.',
  ),
  tls_resumed: given(
    SWITCH,
    'Whether it was: the server took the ticket, and sent no certificate. Empty without TLS.',
  ),
  tls_version: given(TEXT, 'Version of TLS that both ends agreed on.'),
  tls_cipher: given(TEXT, 'Cipher suite that both ends agreed on, by its standard name.'),
  tcp_retransmits: measured(
    COUNT,
    'Segments that the sender retransmitted (TCP_INFO at the end of the transfer, as all tcp_ columns).',
  ),
  tcp_efficiency: measured(
    SHARE,
    'Stream: bytes that were sent once, as a share of all that were sent (RFC 6349, 3.3.2), with a segment of `mss_bytes` for each of tcp_retransmits.',
  ),
  tcp_buffer_delay_ratio: measured(
    { type: 'number' },
    'Stream: by how much the mean of the round-trip times, read once an interval, exceeds the lowest, in multiples of it (RFC 6349, 3.3.3).',
  ),
  tcp_transfer_time_ratio: measured(
    { type: 'number' },
    'Stream: time that the payload took, as a multiple of what it takes at the highest delivery rate that TCP_INFO showed (RFC 6349, 3.3.1, asks for the bandwidth of the path).',
  ),
  tcp_rtt_ms: measured({ ...MS, over: 'mean' }, 'Smoothed round-trip time.'),
  tcp_rttvar_ms: measured({ ...MS, over: 'mean' }, 'Its mean deviation.'),
  tcp_min_rtt_ms: measured({ ...MS, over: 'least' }, 'The lowest round-trip time seen.'),
  tcp_cwnd_segments: measured(COUNT, 'Congestion window, in segments of `mss_bytes`.'),
  tcp_delivery_rate_bps: measured(BITS_PER_SECOND, 'The kernel’s latest estimate of what reached the peer.'),
  tcp_pacing_rate_bps: measured(
    BITS_PER_SECOND,
    'Rate at which the kernel would pace. It does so with `--max-pacing`, with the congestion control bbr, and under the queue discipline fq.',
  ),
  tcp_busy_ms: measured(MS, 'Time in which the sender had data that was not yet acknowledged.'),
  tcp_rwnd_limited_ms: measured(MS, 'The part of it in which the receiver’s window blocked the sender.'),
  tcp_sndbuf_limited_ms: measured(MS, 'The part of it in which the send buffer blocked the sender.'),
  read_late: asked(
    { ...SWITCH, title: 'late reading' },
    'Whether the receiver read only once everything was sent (`--read-late`): what its receive buffer held; empty if it read all the time.',
  ),
  max_datagram_bytes: asked(
    { ...BYTES, title: 'limit' },
    'Largest datagram that `--max-datagram` or `--os-profile` allows; empty for the system’s own limit.',
  ),
  limit_emulated: given(
    { ...SWITCH, required: true },
    'Whether that limit was emulated rather than the system’s own.',
  ),
}
