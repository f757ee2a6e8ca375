/** The relay of a trial, which all of its flows share: their packets meet in its queues. */
import type { Endpoint } from '../../transports/contract/socket-facts.ts'
import type { RelayReport } from '../../transports/impairment/relay.ts'
import type { AgentHandle } from '../fleet/calls/handle.ts'
import { Gate } from './gate.ts'

/** As one of the flows opened it. */
interface Opened {
  readonly trial: number
  readonly endpoint: Endpoint
}

/** Of one flow. */
export interface RelayPlace {
  readonly agent: AgentHandle
  /** Where it takes what is sent, once all flows know their receivers. @param open with the ports of these */
  reach(port: number, open: (ports: readonly number[]) => Promise<Opened>): Promise<Endpoint>
  /** Once all flows have ended; undefined where it cannot tell them apart, for all but the first. */
  report(ask: (trial: number) => Promise<readonly RelayReport[]>): Promise<RelayReport | undefined>
  /** The flow has come to nothing. @param giveUp for the last of them */
  abandon(giveUp: (trial: number) => Promise<unknown>): Promise<void>
  /** It keeps nobody waiting. */
  ended(): void
}

export class SharedRelay {
  readonly #agent: AgentHandle
  readonly #known: Gate
  readonly #done: Gate
  readonly #ports: number[] = []
  #opened: Promise<Opened> | undefined
  #reports: Promise<readonly RelayReport[]> | undefined

  constructor(agent: AgentHandle, flows: number) {
    this.#agent = agent
    this.#known = new Gate(flows)
    this.#done = new Gate(flows)
  }

  place(): RelayPlace {
    const [known, done] = [this.#known.place(), this.#done.place()]
    let index = 0
    const ended = () => {
      known()
      done()
    }
    return {
      agent: this.#agent,
      reach: async (port, open) => {
        index = this.#ports.push(port) - 1
        known()
        await this.#known.open
        this.#opened ??= open(this.#ports)
        return (await this.#opened).endpoint
      },
      report: async ask => {
        done()
        await this.#done.open
        this.#reports ??= this.#trial().then(ask)
        return (await this.#reports)[index]
      },
      abandon: async giveUp => {
        ended()
        if (!this.#opened || this.#reports || !this.#done.isOpen) return
        this.#reports = Promise.resolve([])
        // One that could not be opened has nothing to give up.
        const opened = await this.#opened.catch(() => undefined)
        if (opened) await giveUp(opened.trial)
      },
      ended,
    }
  }

  async #trial(): Promise<number> {
    if (!this.#opened) throw new Error('a relay reports on what it has taken')
    return (await this.#opened).trial
  }
}
