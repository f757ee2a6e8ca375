/** Sends payloads to a host that may have several addresses. */
import { formatEndpoint } from '../../../transports/contract/addresses.ts'
import type { SendReport } from '../../../transports/contract/reports.ts'
import type { Sockets } from '../../../transports/contract/sockets.ts'
import type {
  Carrier,
  Line,
  LineOptions,
  Payload,
  SendOptions,
} from '../../../transports/contract/transport.ts'
import { lineTo } from '../../../transports/line.ts'
import type { Address, Addresses } from '../../fleet/resolve.ts'

/** The first of a host's addresses that accepts a connection; datagrams go to the very first. */
export class LineToHost implements Line {
  address: Address
  readonly #others: Address[]
  #line: Promise<Line>
  readonly #open: (to: Address) => Promise<Line>
  readonly #port: number

  constructor(
    transport: Carrier,
    sockets: Sockets,
    [first, ...others]: Addresses,
    port: number,
    options: LineOptions,
  ) {
    this.address = first
    this.#others = others
    this.#port = port
    this.#open = to => lineTo(transport, sockets, { ...to, port }, options)
    this.#line = this.#open(first)
  }

  get peer(): string {
    return formatEndpoint({ ...this.address, port: this.#port })
  }

  async send(payload: Payload, options: SendOptions): Promise<SendReport> {
    for (;;) {
      const report = await (await this.#line).send(payload, options)
      const next =
        report.failure?.phase === 'connect' && report.failure.code !== 'ABORTED'
          ? this.#others.shift()
          : undefined
      if (!next) return report
      await this[Symbol.asyncDispose]()
      this.address = next
      this.#line = this.#open(next)
    }
  }

  async pause(ms: number): Promise<void> {
    return (await this.#line).pause(ms)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#line)[Symbol.asyncDispose]()
  }
}
