/** What took time to make of a case, until others take its place: each round visits the same cases. */
const MOST = 4

export class Remembered<Value> {
  readonly #values = new Map<string, Value>()

  /** @param key in JSON @param make may reject, and then nothing is remembered */
  async of(key: unknown, make: () => Value | Promise<Value>): Promise<Value> {
    const name = JSON.stringify(key)
    const value = this.#values.get(name) ?? (await make())
    this.#values.delete(name)
    this.#values.set(name, value)
    const [oldest] = this.#values.keys()
    if (this.#values.size > MOST && oldest !== undefined) this.#values.delete(oldest)
    return value
  }
}
