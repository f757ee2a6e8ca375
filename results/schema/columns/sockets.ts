/** What was asked of the sockets, what the system gave, and what its kernel says of them. */
import type { Column } from './column.ts'

export const SOCKET_COLUMNS = [
  {
    name: 'bind_asked',
    role: 'asked',
    type: 'string',
    meaning:
      'Address that the data sockets of the ends on this host were bound to (`--bind`); empty where the system chose.',
  },
  {
    name: 'interface_asked',
    role: 'asked',
    type: 'string',
    meaning:
      'Interface that the data sockets of the ends on this host were bound to (`--interface`, SO_BINDTODEVICE).',
  },
  {
    name: 'sender_address',
    role: 'given',
    end: 'sender',
    type: 'string',
    meaning: 'Address that the data came from, as the receiver saw it. Empty if nothing arrived.',
  },
  {
    name: 'receiver_address',
    role: 'given',
    end: 'receiver',
    type: 'string',
    meaning: 'Address that the data were sent to; if its name has several, the one that was used.',
  },
  {
    name: 'sender_interface',
    role: 'given',
    end: 'sender',
    type: 'string',
    meaning:
      'Interface that the sender’s socket was bound to, as its system reports it; on another host by `bench serve --interface`.',
  },
  {
    name: 'receiver_interface',
    role: 'given',
    end: 'receiver',
    type: 'string',
    meaning: 'The same for the receiver’s socket.',
  },
  {
    name: 'sndbuf_asked_bytes',
    role: 'asked',
    type: 'integer',
    unit: 'B',
    meaning: 'Send buffer asked for; empty for the system’s default.',
  },
  {
    name: 'sndbuf_bytes',
    role: 'given',
    type: 'integer',
    unit: 'B',
    meaning:
      'Send buffer of the sender’s socket as the system reports it (Linux doubles what is asked). Empty where the engine cannot read it.',
  },
  {
    name: 'rcvbuf_asked_bytes',
    role: 'asked',
    type: 'integer',
    unit: 'B',
    meaning: 'Receive buffer asked for; empty for the system’s default.',
  },
  {
    name: 'rcvbuf_bytes',
    role: 'given',
    type: 'integer',
    unit: 'B',
    meaning:
      'Receive buffer of the receiver’s socket as the system reports it. Empty where the engine cannot read it.',
  },
  {
    name: 'rcvbuf_forced',
    role: 'given',
    type: 'boolean',
    meaning:
      'If more receive buffer was requested than `net.core.rmem_max` permits: whether the system granted it nevertheless (SO_RCVBUFFORCE, for privileged programs). Empty if that was not needed.',
  },
  {
    name: 'nodelay',
    role: 'asked',
    type: 'boolean',
    meaning: 'TCP_NODELAY of the sender, read back where the engine can; empty for UDP.',
  },
  {
    name: 'congestion_asked',
    role: 'asked',
    type: 'string',
    meaning: 'Congestion control asked for (`--congestion`); empty for the system’s default.',
  },
  {
    name: 'congestion',
    role: 'given',
    type: 'string',
    meaning: 'TCP_CONGESTION of the sender as the system reports it.',
  },
  {
    name: 'mss_asked_bytes',
    role: 'asked',
    type: 'integer',
    unit: 'B',
    meaning: 'Maximum segment size asked for (`--mss`, TCP_MAXSEG).',
  },
  {
    name: 'mss_bytes',
    role: 'given',
    type: 'integer',
    unit: 'B',
    meaning: 'Segment size that the sender used at the end of the transfer (TCP_INFO).',
  },
  {
    name: 'max_pacing_asked_bps',
    role: 'asked',
    type: 'number',
    unit: 'bit/s',
    meaning: 'Ceiling of the kernel’s own pacing that was asked for (`--max-pacing`); TCP.',
  },
  {
    name: 'max_pacing_bps',
    role: 'given',
    type: 'number',
    unit: 'bit/s',
    meaning: 'SO_MAX_PACING_RATE of the sender as the system reports it; empty without a ceiling.',
  },
  {
    name: 'dscp_asked',
    role: 'asked',
    type: 'integer',
    most: 63,
    meaning: 'Differentiated services code point asked for (`--dscp`), 0 to 63.',
  },
  {
    name: 'dscp',
    role: 'given',
    type: 'integer',
    most: 63,
    meaning: 'Code point of the sender’s socket as the system reports it (IP_TOS, IPV6_TCLASS).',
  },
  {
    name: 'df_asked',
    role: 'asked',
    type: 'string',
    values: ['dont', 'want', 'do', 'probe'],
    meaning:
      'Path MTU discovery asked for (`--df`): `dont` never sets DF, `want` goes by the known path MTU, `do` always sets it, `probe` sets it and ignores the path MTU.',
  },
  {
    name: 'df',
    role: 'given',
    type: 'string',
    values: ['dont', 'want', 'do', 'probe'],
    meaning: 'IP_MTU_DISCOVER of the sender’s socket as the system reports it, in the same words.',
  },
  {
    name: 'path_mtu_bytes',
    role: 'given',
    type: 'integer',
    unit: 'B',
    meaning: 'Path MTU from the sender, as its kernel knew it at the end; datagrams only.',
  },
  {
    name: 'offload_asked',
    role: 'asked',
    type: 'string',
    values: ['gso', 'gro', 'gso,gro'],
    meaning:
      'Offload asked for (`--offload`): `gso`, UDP_SEGMENT at the sender; `gro`, UDP_GRO at the receiver; or `gso,gro`. Empty: one datagram a message.',
  },
  {
    name: 'offload',
    role: 'given',
    type: 'string',
    values: ['gso', 'gro', 'gso,gro'],
    meaning:
      'Offload that took place: the kernel cut a send into datagrams, or a read returned several. Rows that differ here answer different questions.',
  },
  {
    name: 'zerocopy',
    role: 'asked',
    type: 'boolean',
    meaning: 'SO_ZEROCOPY of the sender, read back; empty if it was not requested.',
  },
  {
    name: 'zerocopy_sends',
    role: 'measured',
    type: 'integer',
    meaning: 'Sends with MSG_ZEROCOPY that the kernel had completed at the end.',
  },
  {
    name: 'zerocopy_copied',
    role: 'measured',
    type: 'integer',
    meaning: 'Those that the kernel copied nevertheless, as it does over loopback.',
  },
  {
    name: 'batch_asked',
    role: 'asked',
    type: 'integer',
    meaning:
      'The most datagrams, or writes over TCP, that one system call may have (`--batch`); empty for the engine’s default.',
  },
  {
    name: 'batch',
    role: 'given',
    type: 'integer',
    meaning:
      'The most that one system call of the sender could send: up to 64 on the native engine, 1 on node.',
  },
  {
    name: 'sends_per_call',
    role: 'measured',
    type: 'number',
    unit: 'a call',
    meaning:
      'Mean number of datagrams, or writes, for each system call that sent any; calls for markers and headers count too. Empty if the engine does not count them.',
  },
  {
    name: 'reads_per_call',
    role: 'measured',
    type: 'number',
    unit: 'a call',
    meaning:
      'Mean number of datagrams for each system call of the receiver that returned any. Empty for TCP, and if the engine does not count them.',
  },
  {
    name: 'tcp_retransmits',
    role: 'measured',
    type: 'integer',
    meaning:
      'Segments that the sender retransmitted (TCP_INFO at the end of the transfer, as all tcp_ columns).',
  },
  { name: 'tcp_rtt_ms', role: 'measured', type: 'number', unit: 'ms', meaning: 'Smoothed round-trip time.' },
  { name: 'tcp_rttvar_ms', role: 'measured', type: 'number', unit: 'ms', meaning: 'Its mean deviation.' },
  {
    name: 'tcp_min_rtt_ms',
    role: 'measured',
    type: 'number',
    unit: 'ms',
    meaning: 'The lowest round-trip time seen.',
  },
  {
    name: 'tcp_cwnd_segments',
    role: 'measured',
    type: 'integer',
    meaning: 'Congestion window, in segments of `mss_bytes`.',
  },
  {
    name: 'tcp_delivery_rate_bps',
    role: 'measured',
    type: 'number',
    unit: 'bit/s',
    meaning: 'The kernel’s latest estimate of what reached the peer.',
  },
  {
    name: 'tcp_pacing_rate_bps',
    role: 'measured',
    type: 'number',
    unit: 'bit/s',
    meaning:
      'Rate at which the kernel would pace. It does so with `--max-pacing`, with the congestion control bbr, and under the queue discipline fq.',
  },
  {
    name: 'tcp_busy_ms',
    role: 'measured',
    type: 'number',
    unit: 'ms',
    meaning: 'Time in which the sender had data that was not yet acknowledged.',
  },
  {
    name: 'tcp_rwnd_limited_ms',
    role: 'measured',
    type: 'number',
    unit: 'ms',
    meaning: 'The part of it in which the receiver’s window blocked the sender.',
  },
  {
    name: 'tcp_sndbuf_limited_ms',
    role: 'measured',
    type: 'number',
    unit: 'ms',
    meaning: 'The part of it in which the send buffer blocked the sender.',
  },
  {
    name: 'max_datagram_bytes',
    role: 'asked',
    type: 'integer',
    unit: 'B',
    meaning: 'Limit of `--max-datagram` or `--os-profile`; empty for the system’s own.',
  },
  {
    name: 'limit_emulated',
    role: 'given',
    type: 'boolean',
    required: true,
    meaning: 'Whether that limit was emulated rather than the system’s own.',
  },
] as const satisfies readonly Column[]
