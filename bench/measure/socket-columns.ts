/** What was asked of the sockets and what they had -> columns. Pure. */
import type { TrialRecord } from '../../results/schema/columns.ts'
import type { SocketOptions } from '../../transports/contract/sockets.ts'
import type { ReceiveSide, SendSide } from '../fleet/calls/messages.ts'

type Columns = Partial<TrialRecord>

/** The columns of what was asked for; they tell cases apart. */
export function askedColumns(options: SocketOptions): Columns {
  return {
    interface_asked: options.device,
    sndbuf_asked_bytes: options.sndbufBytes,
    rcvbuf_asked_bytes: options.rcvbufBytes,
    nodelay: options.nodelay,
    congestion_asked: options.congestion,
    mss_asked_bytes: options.mssBytes,
    max_pacing_asked_bps: options.maxPacingBps,
    dscp_asked: options.dscp,
    df_asked: options.df,
    offload_asked: offload(options.gso, options.gro),
    zerocopy: options.zerocopy,
    batch_asked: options.batch,
  }
}

/** The columns of what the sockets had, and what their kernels counted. Empty where nobody told. */
export function givenColumns(sender: SendSide | undefined, receiver: ReceiveSide | undefined): Columns {
  return { ...stateColumns(sender, receiver), ...infoColumns(sender, receiver) }
}

function stateColumns(sender: SendSide | undefined, receiver: ReceiveSide | undefined): Columns {
  const state = sender?.report.state
  const receiving = receiver?.report.state
  return {
    sender_interface: state?.device,
    receiver_interface: receiving?.device,
    sndbuf_bytes: state?.sndbufBytes,
    rcvbuf_bytes: receiving?.rcvbufBytes,
    rcvbuf_forced: receiving?.rcvbufForced,
    ...(state?.nodelay === undefined ? {} : { nodelay: state.nodelay }),
    ...(state?.zerocopy === undefined ? {} : { zerocopy: state.zerocopy }),
    congestion: state?.congestion,
    max_pacing_bps: state?.maxPacingBps,
    dscp: state?.dscp,
    df: state?.df,
    batch: state?.batch,
  }
}

function infoColumns(sender: SendSide | undefined, receiver: ReceiveSide | undefined): Columns {
  const info = sender?.report.info
  const receiving = receiver?.report.info
  return {
    mss_bytes: info?.mssBytes,
    path_mtu_bytes: info?.pathMtuBytes,
    offload: offload((info?.segmentedSends ?? 0) > 0, (receiving?.gluedReads ?? 0) > 0),
    zerocopy_sends: info?.zerocopySends,
    zerocopy_copied: info?.zerocopyCopied,
    sends_per_call: info?.sendsPerCall,
    reads_per_call: receiving?.readsPerCall,
    rxq_overflow: receiving?.rxqOverflow,
    tcp_retransmits: info?.retransmits,
    tcp_rtt_ms: info?.rttMs,
    tcp_rttvar_ms: info?.rttvarMs,
    tcp_min_rtt_ms: info?.minRttMs,
    tcp_cwnd_segments: info?.cwndSegments,
    tcp_delivery_rate_bps: info?.deliveryRateBps,
    tcp_pacing_rate_bps: info?.pacingRateBps,
    tcp_busy_ms: info?.busyMs,
    tcp_rwnd_limited_ms: info?.rwndLimitedMs,
    tcp_sndbuf_limited_ms: info?.sndbufLimitedMs,
  }
}

function offload(gso: boolean | undefined, gro: boolean | undefined): TrialRecord['offload'] {
  if (gso) return gro ? 'gso,gro' : 'gso'
  return gro ? 'gro' : undefined
}
