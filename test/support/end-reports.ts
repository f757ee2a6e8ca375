/** What two ends report of a transfer of ten chunks that went well, but for what a test says. */

import type { ReceiveSide, SendSide } from '../../bench/fleet/calls/agent-calls.ts'
import type { Ends } from '../../bench/workloads/datagrams.ts'

export const SIZE = 10_000
export const CHUNK = 1000

export function sent(report: Partial<SendSide['report']> = {}): SendSide {
  return {
    type: 'send-report',
    trial: 1,
    cpuMs: 3,
    report: {
      datagramsOffered: 10,
      datagramsAccepted: 10,
      datagramsRefused: 0,
      bytesAccepted: SIZE,
      startedAt: 5000,
      totalMs: 12,
      transferMs: 9,
      acknowledged: true,
      state: { sndbufBytes: 212_992 },
      info: {},
      ...report,
    },
  }
}

export function received(report: Partial<ReceiveSide['report']> = {}, delivered = 10): ReceiveSide {
  return {
    type: 'receive-report',
    trial: 1,
    cpuMs: 4,
    report: {
      bytesDelivered: delivered * CHUNK,
      datagrams: { delivered, duplicated: 0, reordered: 0, corrupt: 0, late: 0, stray: 0 },
      firstAt: 5002,
      lastAt: 5010,
      complete: true,
      intact: true,
      state: { rcvbufBytes: 8 << 20 },
      info: {},
      ...report,
    },
  }
}

export function ends(over: Partial<Ends> = {}): Ends {
  return { sender: sent(), receiver: received(), foreign: false, clockErrorMs: 0, ...over }
}
