/** A receiver as `bench receive` runs it: transfers come from peers that are not ours, and each is reported when it ends. */

import type { ReceiveReport } from '../../transports/contract/reports.ts'
import type { Endpoint } from '../../transports/contract/socket-facts.ts'
import type { Carrier, ReceiveOptions, Receiver } from '../../transports/contract/transport.ts'
import { nodeSockets } from '../../transports/engines/node/node.ts'
import { receiveOptions } from './transfers.ts'

export class Collector implements AsyncDisposable {
  readonly reports: ReceiveReport[] = []
  readonly endpoint: Endpoint
  readonly #receiver: Receiver
  readonly #woken: { wake: () => void }

  static async open(
    transport: Carrier,
    over: Partial<ReceiveOptions> = {},
    sockets = nodeSockets,
  ): Promise<Collector> {
    const reports: ReceiveReport[] = []
    const woken = { wake: () => {} }
    const ended = (report: ReceiveReport) => {
      reports.push(report)
      woken.wake()
    }
    const options = receiveOptions(4, { holdBytes: 0, quietMs: 60_000, ended, ...over })
    return new Collector(await transport.transfer.receive(sockets, options), reports, woken)
  }

  private constructor(receiver: Receiver, reports: ReceiveReport[], woken: { wake: () => void }) {
    this.#receiver = receiver
    this.endpoint = receiver.endpoint
    this.reports = reports
    this.#woken = woken
  }

  /** Resolves with the first `count` reports when as many transfers have ended. */
  async ended(count: number): Promise<readonly ReceiveReport[]> {
    while (this.reports.length < count)
      await new Promise<void>(resolve => {
        this.#woken.wake = resolve
      })
    return this.reports.slice(0, count)
  }

  /** The only report, of the only transfer. */
  async one(): Promise<ReceiveReport> {
    const [report] = await this.ended(1)
    if (!report) throw new Error('no report')
    return report
  }

  [Symbol.asyncDispose](): PromiseLike<void> {
    return this.#receiver[Symbol.asyncDispose]()
  }
}
