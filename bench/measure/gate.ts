/** Opens when so many have come. */
export class Gate {
  #missing: number
  #go: () => void = () => {}
  readonly open = new Promise<void>(resolve => {
    this.#go = resolve
  })

  constructor(count: number) {
    this.#missing = count
  }

  get isOpen(): boolean {
    return this.#missing === 0
  }

  /** One of them; it comes once, however often it says so. */
  place(): () => void {
    let here = true
    return () => {
      if (here) this.#missing--
      here = false
      if (this.#missing === 0) this.#go()
    }
  }
}
