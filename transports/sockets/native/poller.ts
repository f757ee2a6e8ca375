/** Waits for sockets on the one thread of an agent: short system waits between turns of the event loop, which is never held up longer. */
import { monotonic } from '../../../bench/clock.ts'
import { type FixedMemory, fixedMemory, type Libc } from './libc.ts'
import { POLLFD } from './linux.ts'

/** The longest wait in the system, in ms; once nothing has happened for long, waits grow. */
const WAIT_MS = 1
const IDLE_WAIT_MS = 5
const IDLE_AFTER = 1000
/** A socket that has just sent is likely to send again soon: for so long turns do not wait; when it is paced, for longer. */
const SENDING_MS = 0.3
const PACED_MS = 2
const MOST_SOCKETS = 4096

interface Watch {
  readonly fd: number
  events: number
  readonly ready: (events: number) => void
}

export class Poller {
  readonly #libc: Libc
  readonly #memory: FixedMemory
  readonly #watches = new Map<number, Watch>()
  #order: Watch[] = []
  #changed = false
  #running = false
  /** Turns in a row in which nothing happened. */
  #idle = 0
  #sentAt = Number.NEGATIVE_INFINITY
  #busyUntil = Number.NEGATIVE_INFINITY

  constructor(libc: Libc) {
    this.#libc = libc
    this.#memory = fixedMemory(libc, MOST_SOCKETS * POLLFD.size)
  }

  /** Calls `ready` whenever one of `events` holds, until the events are set to 0. Errors and hang-ups are always told. */
  watch(fd: number, ready: (events: number) => void): void {
    this.#watches.set(fd, { fd, events: 0, ready })
  }

  /** Changes what a watched socket waits for. */
  want(fd: number, events: number): void {
    const watch = this.#watches.get(fd)
    if (!watch || watch.events === events) return
    watch.events = events
    this.#changed = true
    this.#idle = 0
    if (!this.#running && events !== 0) {
      this.#running = true
      setImmediate(this.#turn)
    }
  }

  forget(fd: number): void {
    this.#watches.delete(fd)
    this.#changed = true
  }

  /**
   * Something has just been sent: for a while turns do not wait.
   * @param goesOn whether the next send may be a moment away: paced, or waiting for room
   */
  sending(goesOn: boolean): void {
    const now = monotonic()
    // Between the sends of a paced socket the longest wait may have come: it counts as paced all the same.
    const paced = goesOn && now - this.#sentAt <= PACED_MS + WAIT_MS
    if (goesOn) this.#sentAt = now
    this.#busyUntil = now + (paced ? PACED_MS : SENDING_MS)
    this.#idle = 0
  }

  readonly #turn = (): void => {
    if (this.#changed) this.#layOut()
    const count = this.#order.length
    if (count === 0) {
      this.#running = false
      return
    }
    const ready = this.#libc.poll(this.#memory.address, count, this.#waitMs())
    if (ready > 0) this.#dispatch()
    this.#idle = ready > 0 ? 0 : this.#idle + 1
    setImmediate(this.#turn)
  }

  #waitMs(): number {
    if (monotonic() < this.#busyUntil) return 0
    return this.#idle < IDLE_AFTER ? WAIT_MS : IDLE_WAIT_MS
  }

  #dispatch(): void {
    for (const [index, watch] of this.#order.entries()) {
      const events = this.#memory.bytes.readUInt16LE(index * POLLFD.size + POLLFD.revents)
      if (events !== 0 && this.#watches.get(watch.fd) === watch) watch.ready(events)
    }
  }

  #layOut(): void {
    this.#changed = false
    this.#order = [...this.#watches.values()].filter(watch => watch.events !== 0).slice(0, MOST_SOCKETS)
    for (const [index, { fd, events }] of this.#order.entries()) {
      const at = index * POLLFD.size
      this.#memory.bytes.writeInt32LE(fd, at + POLLFD.fd)
      this.#memory.bytes.writeUInt16LE(events, at + POLLFD.events)
      this.#memory.bytes.writeUInt16LE(0, at + POLLFD.revents)
    }
  }
}
