/** What ours and the peers have in common: a setting to measure, the figure that came of it, and how. */
import type { Pins, Verify } from '../../../scenarios/settings/words.ts'

export interface Setting {
  readonly name: string
  readonly group: 'tcp' | 'udp' | 'offload' | 'streams'
  readonly protocol: 'tcp' | 'udp'
  /** A write over TCP, a datagram over UDP. */
  readonly chunkBytes: number
  /** What is sent; 0 for streams, which send for a time. */
  readonly sizeBytes: number
  /** How many at the same time, and for how long. */
  readonly streams?: { readonly count: number; readonly seconds: number } | undefined
  /** What everybody asks for as receive and send buffer; undefined leaves the system's. */
  readonly bufferBytes: number | undefined
  /** How ours looks at what arrives; the peers look at nothing. */
  readonly verify?: Verify | undefined
  /** The CPUs of sender and receiver; undefined leaves the choice to the system. */
  readonly pins?: Pins | undefined
}

/** Keys as in the JSON document. A figure that could not be had is absent. */
export interface Figure {
  /** Bits that the receiver got per second. */
  readonly goodput_bps?: number | undefined
  /** 0 to 1; absent for TCP. */
  readonly loss_ratio?: number | undefined
  /** The receive buffer that the system gave (on Linux twice what was asked for). */
  readonly rcvbuf_bytes?: number | undefined
  readonly details?: Readonly<Record<string, string | number | undefined>>
}

/** A program that we are compared with. */
export interface Peer {
  readonly name: 'iperf3' | 'sockperf'
  readonly version: string
  /** How a figure comes about, in a sentence. */
  readonly method: string
  readonly protocols: readonly Setting['protocol'][]
  measure(setting: Setting, signal: AbortSignal): Promise<Figure>
}
