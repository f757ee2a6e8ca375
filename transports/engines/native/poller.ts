/**
 * Waits for sockets in the system call. Handlers run right away, in microtasks, and the next wait begins when none are left, so the steps
 * of a protocol follow one another without a turn of the event loop. The event loop gets its turn when a wait returned nothing, when
 * another thread requests it (`wake`), and otherwise every few milliseconds.
 */
import { monotonic } from '../../../base/clock.ts'
import type { Wake } from '../../contract/sockets.ts'
import { BLOCKS, EFD_CLOEXEC, EFD_NONBLOCK, POLLFD, POLLIN, TIMER_SLACK_MS, TIMESPEC } from './abi.ts'
import { type FixedMemory, fixedMemory, type Libc, systemError } from './libc.ts'

/** The longest wait in the system, in ms; after many idle turns, waits grow. */
const WAIT_MS = 1
const IDLE_WAIT_MS = 5
const IDLE_AFTER = 1000
/** The longest that the event loop waits for its turn while sockets are busy, in ms. */
const LOOP_EVERY_MS = 4
const FIRST_SLOTS = 256

interface Watch {
  readonly fd: number
  readonly slot: number
  events: number
  readonly ready: (events: number) => void
  readonly receive: Receive | undefined
}

/**
 * Blocks for a moment in a socket's own system call, and delivers what arrives: returns whether anything did. Undefined if it does not
 * wait for anything that is about to come.
 */
export type Receive = () => boolean | undefined

interface Pause {
  readonly until: number
  readonly over: () => void
}

export class Poller {
  readonly #libc: Libc
  /** An array of struct pollfd, one per slot; poll ignores idle ones because their descriptor is negative. */
  #memory: FixedMemory
  readonly #timeout: FixedMemory
  readonly #watches = new Map<number, Watch>()
  readonly #slots: (Watch | undefined)[] = []
  /** Number of sockets waiting for something. */
  #wanted = 0
  #running = false
  #dispatching = false
  /** Consecutive turns in which nothing happened. */
  #idle = 0
  #loopDueAt = 0
  #pauses: Pause[] = []
  #wake: Wake | undefined
  #woken = false

  constructor(libc: Libc) {
    this.#libc = libc
    this.#memory = fixedMemory(libc, FIRST_SLOTS * POLLFD.size)
    this.#timeout = fixedMemory(libc, TIMESPEC.size)
  }

  /** Calls `ready` whenever one of `events` holds, until the events are set to 0. Errors and hang-ups are always reported. */
  watch(fd: number, ready: (events: number) => void, receive?: Receive): void {
    const free = this.#slots.indexOf(undefined)
    const slot = free < 0 ? this.#slots.length : free
    const watch = { fd, slot, events: 0, ready, receive: BLOCKS ? receive : undefined }
    this.#slots[slot] = watch
    this.#watches.set(fd, watch)
    if (this.#slots.length * POLLFD.size > this.#memory.bytes.length) this.#grow()
    this.#write(watch)
  }

  /** Changes the events that a watched socket waits for. */
  want(fd: number, events: number): void {
    const watch = this.#watches.get(fd)
    if (!watch || watch.events === events) return
    this.#count(watch, events)
    this.#write(watch)
    if (events !== 0) this.#start()
  }

  forget(fd: number): void {
    const watch = this.#watches.get(fd)
    if (!watch) return
    this.#watches.delete(fd)
    this.#count(watch, 0)
    this.#write(watch)
    this.#slots[watch.slot] = undefined
    while (this.#slots.length > 0 && this.#slots.at(-1) === undefined) this.#slots.pop()
  }

  /** Resolves after `ms`, accurate to some ten microseconds; with 0, after every other socket has had its turn. */
  pause(ms: number): Promise<void> {
    return new Promise(resolve => {
      this.#pauses.push({ until: ms > 0 ? monotonic() + ms : 0, over: resolve })
      this.#start()
    })
  }

  /**
   * Blocks until `done` and delivers what arrives meanwhile: for short waits this is faster than a promise. Gives up when nothing arrives
   * for a moment, or when there is other work.
   */
  block(done: () => boolean): void {
    // Handlers are not reentrant.
    if (this.#dispatching) return
    const until = monotonic() + LOOP_EVERY_MS
    while (!done()) {
      if (this.#poll(WAIT_MS) <= 0 || this.#woken || monotonic() > until) return
      this.#dispatch()
    }
  }

  /**
   * True if only the caller and `others` sockets are waiting, so that the caller may block in a system call of its own until the event
   * loop is due. @param now if it is known: some machines need a quarter of a microsecond to read a clock
   */
  alone(others: number, now?: number): boolean {
    return (
      BLOCKS &&
      this.#wanted <= 1 + others &&
      this.#pauses.length === 0 &&
      (now ?? monotonic()) < this.#loopDueAt
    )
  }

  /** Lets another thread end a wait. Created on first use, and never closed. @throws the system's error */
  get wake(): Wake {
    if (this.#wake) return this.#wake
    const descriptor = this.#libc.eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)
    if (descriptor < 0) throw systemError(this.#libc, 'eventfd')
    const count = fixedMemory(this.#libc, 8)
    this.watch(descriptor, () => {
      this.#woken = true
      this.#libc.read(descriptor, count.address, 8)
    })
    this.want(descriptor, POLLIN)
    // Does not count as a wait of its own: the event loop receives messages too.
    this.#wanted--
    this.#wake = { descriptor, waiting: new Int32Array(new SharedArrayBuffer(4)) }
    return this.#wake
  }

  #start(): void {
    this.#idle = 0
    if (this.#running) return
    this.#running = true
    // The time of the event loop's last turn is unknown; assume now.
    this.#loopDueAt = monotonic() + LOOP_EVERY_MS
    this.#afterMicrotasks()
  }

  /** Runs resolved promises first: a tick runs after all microtasks, and before the event loop. */
  #afterMicrotasks(): void {
    void RESOLVED.then(this.#schedule)
  }

  readonly #schedule = (): void => {
    process.nextTick(this.#turn)
  }

  readonly #afterEventLoop = (): void => {
    this.#loopDueAt = monotonic() + LOOP_EVERY_MS
    this.#turn()
  }

  readonly #turn = (): void => {
    const pausing = this.#pauses.length > 0
    if (this.#wanted === 0 && !pausing) {
      this.#running = false
      return
    }
    const now = monotonic()
    if (now >= this.#loopDueAt) {
      setImmediate(this.#afterEventLoop)
      return
    }
    const received = pausing ? undefined : this.#receive(now)
    const ready = received ?? this.#poll(pausing ? this.#pauseMs(now) : this.#waitMs()) > 0
    if (ready && received === undefined) {
      // The event loop had its turn right before this wait, so what begins now is not interrupted by the next one.
      if (this.#idle > 0) this.#loopDueAt = monotonic() + LOOP_EVERY_MS
      this.#dispatch()
    }
    const ended = pausing && this.#endPauses()
    this.#idle = ready || ended ? 0 : this.#idle + 1
    if (this.#woken || (!ready && !pausing)) {
      this.#woken = false
      setImmediate(this.#afterEventLoop)
    } else this.#afterMicrotasks()
  }

  /** If a single socket waits for something to read, it needs no poll. After many idle turns it does: that one waits for longer. */
  #receive(now: number): boolean | undefined {
    if (this.#wanted !== 1 || this.#idle >= IDLE_AFTER) return undefined
    const only = this.#slots.find(each => each?.receive !== undefined && each.events === POLLIN)
    // As above, and the system may take one of its ticks to return.
    if (this.#idle > 0) this.#loopDueAt = now + 2 * LOOP_EVERY_MS
    this.#dispatching = true
    const received = only?.receive?.()
    this.#dispatching = false
    return received
  }

  #waitMs(): number {
    return this.#idle < IDLE_AFTER ? WAIT_MS : IDLE_WAIT_MS
  }

  #pauseMs(now: number): number {
    let next = now + LOOP_EVERY_MS
    for (const { until } of this.#pauses) if (until - TIMER_SLACK_MS < next) next = until - TIMER_SLACK_MS
    return Math.max(0, next - now)
  }

  /** Returns true if any pause ended. */
  #endPauses(): boolean {
    const now = monotonic()
    const pauses = this.#pauses
    this.#pauses = pauses.filter(({ until }) => until > now)
    for (const { until, over } of pauses) if (until <= now) over()
    return this.#pauses.length < pauses.length
  }

  #poll(waitMs: number): number {
    this.#timeout.bytes.writeUInt32LE(Math.floor(waitMs * 1e6), TIMESPEC.nanoseconds)
    const waiting = this.#wake?.waiting
    if (waiting) Atomics.store(waiting, 0, 1)
    const ready = this.#libc.ppoll(this.#memory.address, this.#slots.length, this.#timeout.address, 0)
    if (waiting) Atomics.store(waiting, 0, 0)
    return ready
  }

  #dispatch(): void {
    this.#dispatching = true
    for (let slot = 0; slot < this.#slots.length; slot++) {
      const events = this.#memory.bytes.readUInt16LE(slot * POLLFD.size + POLLFD.revents)
      if (events === 0) continue
      // A socket that takes over the slot meanwhile has no event yet.
      this.#memory.bytes.writeUInt16LE(0, slot * POLLFD.size + POLLFD.revents)
      this.#slots[slot]?.ready(events)
    }
    this.#dispatching = false
  }

  #count(watch: Watch, events: number): void {
    this.#wanted += Number(events !== 0) - Number(watch.events !== 0)
    watch.events = events
  }

  #write({ fd, slot, events }: Watch): void {
    const { bytes } = this.#memory
    const at = slot * POLLFD.size
    bytes.writeInt32LE(events === 0 ? -1 : fd, at + POLLFD.fd)
    bytes.writeUInt16LE(events, at + POLLFD.events)
    bytes.writeUInt16LE(0, at + POLLFD.revents)
  }

  #grow(): void {
    const larger = fixedMemory(this.#libc, 2 * this.#memory.bytes.length)
    this.#memory.bytes.copy(larger.bytes)
    this.#memory = larger
  }
}

const RESOLVED = Promise.resolve()
