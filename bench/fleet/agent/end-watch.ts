/** What the report of an end says beside its protocol's: what kernels dropped meanwhile, what it cost, and what kept its thread from running. */
import type { Endpoint } from '../../../transports/contract/socket-facts.ts'
import type { Transport } from '../../../transports/contract/transport.ts'
import type { ReceiveSide, SendSide } from '../calls/agent-calls.ts'
import type { EndOptions } from './end.ts'
import { type HostDrops, sendDrops, socketDrops, watchHostDrops } from './kernel.ts'
import { StallWatch } from './stall-watch.ts'
import { watchCosts } from './thread-watch.ts'

/** Starts watching; the returned function posts the sender's report. @param family of the receiver's address */
export function watchSender(
  { message: { trial }, transport, post }: Pick<EndOptions, 'message' | 'transport' | 'post'>,
  family: 4 | 6,
): (report: SendSide['report']) => void {
  const drops = transport.traits.socket === 'datagram' ? sendDrops(family) : undefined
  const costs = watchCosts()
  return report => {
    const spent = costs()
    post({ type: 'send-report', trial, report: { ...report, drops: drops?.(report.info) }, ...spent })
  }
}

/** Watches a receiver from when it is bound. */
export class ReceiverWatch implements Disposable {
  readonly #endpoint: Endpoint
  readonly #hostDrops: (() => HostDrops) | undefined
  #costs = watchCosts()
  readonly #stalls = new StallWatch()

  constructor({ traits }: Transport, endpoint: Endpoint) {
    this.#endpoint = endpoint
    this.#hostDrops = traits.socket === 'datagram' ? watchHostDrops(endpoint.family) : undefined
  }

  /** Costs and stalls count from now on. */
  restart(): void {
    this.#costs = watchCosts()
    this.#stalls.restart()
  }

  /** So far. @param own the socket's own count of drops, if the engine can read it */
  read(
    own: number | undefined,
  ): Pick<ReceiveSide, 'cpuMs' | 'thread'> & Pick<ReceiveSide['report'], 'drops'> {
    const { cpuMs, thread } = this.#costs()
    const stalls = this.#stalls.since()
    const { port, family } = this.#endpoint
    const drops = this.#hostDrops && { ...this.#hostDrops(), socketDrops: own ?? socketDrops(port, family) }
    return { cpuMs, thread: { ...thread, ...stalls }, drops }
  }

  [Symbol.dispose](): void {
    this.#stalls[Symbol.dispose]()
  }
}
