/** What a reflector's answers say of the requests of a trial: when they arrived, and how many. */
import type { Asked } from '../contract/reports.ts'
import { encodeTimes, MOST_TIMES } from '../contract/times.ts'
import type { Reflected } from './format.ts'
import type { Requests } from './requests.ts'

export class Reflections {
  readonly #arrivedAt = new Map<number, number>()
  #firstAt = Number.POSITIVE_INFINITY
  #errorMs: number | undefined = 0
  #count = 0
  /** The reflector has numbers of its own, not those of the requests. */
  #counts = false

  /** Takes the first answer to request `number`. */
  take(number: number, { arrivedAt, errorMs, count }: Reflected): void {
    if (this.#arrivedAt.size < MOST_TIMES) this.#arrivedAt.set(number, arrivedAt)
    this.#firstAt = Math.min(this.#firstAt, arrivedAt)
    this.#errorMs =
      this.#errorMs === undefined || errorMs === undefined ? undefined : Math.max(this.#errorMs, errorMs)
    this.#count = Math.max(this.#count, count)
    if (count !== number) this.#counts = true
  }

  /** Undefined without any answer. */
  report(requests: Requests): Asked['reflected'] {
    if (this.#arrivedAt.size === 0) return undefined
    const { made } = requests
    const times = Float64Array.from({ length: made <= MOST_TIMES ? made : 0 }, (_, index) => {
      return (this.#arrivedAt.get(index + 1) ?? Number.NaN) - this.#firstAt
    })
    return {
      firstAt: this.#firstAt,
      ...(times.length > 0 ? { arrived: encodeTimes(times) } : {}),
      ...(this.#errorMs === undefined ? {} : { errorMs: this.#errorMs }),
      ...(this.#isProven(requests) ? { count: this.#count } : {}),
    }
  }

  /** After the last answer nobody knows what arrived; and numbers that are those of the requests may be copies of them. */
  #isProven(requests: Requests): boolean {
    const { made, answered, late } = requests
    const none = answered + late === made
    return requests.isAnswered(made) && this.#count <= made && (none || this.#counts)
  }
}
