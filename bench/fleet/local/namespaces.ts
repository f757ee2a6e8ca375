/**
 * Network namespaces for the ends of a run on this host, joined by a TUN device each, which a relay reads, or by a veth pair. They have no
 * names, and end with the processes in them, also after kill -9. Linux, with unshare(1), nsenter(1) and ip(8); TUN without root in a
 * user namespace.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { errorMessage, SetupError } from '../../../base/errors.ts'
import type { APART } from '../../../scenarios/settings/words.ts'
import { BETWEEN, type Standing } from '../calls/handle.ts'
import type { AgentRole, Role } from '../host.ts'

/** What joins them. */
type Joint = (typeof APART)[number]

/** For benchmarks (RFC 2544, RFC 5180). */
const ADDRESSES = {
  4: { sender: '198.18.0.1', receiver: '198.18.0.2', prefix: 30 },
  6: { sender: '2001:2::1', receiver: '2001:2::2', prefix: 64 },
} as const
/** The name of the device in each of them. */
const DEVICE = 'bench0'
const BRIDGE = 'bench-way'
/** Packets that wait for the relay: as many as a sender without pace offers before that has its turn. */
const QUEUE_PACKETS = '50000'
const KEEP_FRAGMENTS = ['ipv4/ipfrag_high_thresh', 'ipv6/ip6frag_high_thresh']
  .map(name => `echo 268435456 >/proc/sys/net/${name}`)
  .join('; ')
const READY_MS = 5000
const STEP_MS = 5
/** Root has no need of a user namespace, in which it would be less. */
const IS_ROOT = process.getuid?.() === 0
const run = promisify(execFile)

/** Processes that hold them. */
interface Held {
  /** Of the relay, within whose user namespace the others are. */
  readonly relay: number
  readonly sender: number
  readonly receiver: number
}

/** What is asked for. */
export interface Apartness {
  readonly family: 4 | 6
  readonly joint: Joint
}

export class Namespaces implements AsyncDisposable {
  static readonly #shared = new Map<string, Namespaces>()
  readonly #key: string
  readonly #family: 4 | 6
  readonly #joint: Joint
  #users = 0
  readonly #holders: ChildProcess[] = []
  #held: Promise<Held> | undefined

  /** The same for all hosts whose agents are shared (`agentsKey`), each of which disposes of it. */
  static of(agentsKey: string, asked: Apartness): Namespaces {
    const found = Namespaces.#shared.get(agentsKey) ?? new Namespaces(agentsKey, asked)
    Namespaces.#shared.set(agentsKey, found)
    found.#users++
    return found
  }

  private constructor(key: string, { family, joint }: Apartness) {
    this.#key = key
    this.#family = family
    this.#joint = joint
  }

  /** What the words of an agent begin with, and where it stands. @throws SetupError */
  async place(role: AgentRole): Promise<{ readonly before: readonly string[]; readonly standing: Standing }> {
    this.#held ??= this.#open()
    const held = await this.#held
    const { sender, receiver } = ADDRESSES[this.#family]
    const before = entering(held[role])
    const apart = { joint: this.#joint, device: DEVICE, sender: held.sender, receiver: held.receiver }
    if (role === 'relay') return { before, standing: { apart } }
    const hosts = role === 'sender' ? [sender, receiver] : [receiver, sender]
    const [itsHost = '', ourHost = ''] = hosts
    return { before, standing: { apart, itsHost, ourHost } }
  }

  async #open(): Promise<Held> {
    try {
      const relay = await this.#hold(['unshare', ...(IS_ROOT ? [] : ['-U', '-r']), '-n'])
      const inside = IS_ROOT ? [] : entering(relay)
      const [sender, receiver] = [
        await this.#hold([...inside, 'unshare', '-n']),
        await this.#hold([...inside, 'unshare', '-n']),
      ]
      const held = { relay, sender, receiver }
      await this.#join(held)
      return held
    } catch (error) {
      throw new SetupError(
        `--impair-with ${this.#joint}: no network namespaces can be joined here: ${wordsOf(error)}; ${this.#joint === 'tc' ? 'run as root' : 'allow user namespaces, run as root'}, or leave it out`,
        { cause: error },
      )
    }
  }

  async #join({ relay, sender, receiver }: Held): Promise<void> {
    const { prefix, ...hosts } = ADDRESSES[this.#family]
    const ip = (pid: number, ...words: string[]) => {
      const [command = '', ...rest] = [...entering(pid), 'ip', ...words]
      return run(command, rest)
    }
    if (this.#joint === 'tc') {
      // A bridge between the ends: a queue that drops at the sender itself would tell it so.
      const bridge = ['type', 'bridge', 'forward_delay', '0', 'mcast_snooping', '0']
      await ip(relay, 'link', 'add', BRIDGE, ...bridge)
      for (const [pid, name] of [
        [sender, BETWEEN.down],
        [receiver, BETWEEN.up],
      ] as const) {
        await ip(pid, 'link', 'add', DEVICE, 'type', 'veth', 'peer', 'name', name, 'netns', String(relay))
        await ip(relay, 'link', 'set', 'dev', name, 'master', BRIDGE, 'up')
      }
      await ip(relay, 'link', 'set', 'dev', BRIDGE, 'up')
    }
    for (const [role, pid] of [
      ['sender', sender],
      ['receiver', receiver],
    ] as const satisfies [Role, number][]) {
      await ip(pid, 'link', 'set', 'lo', 'up')
      if (this.#joint === 'tun') {
        await ip(pid, 'tuntap', 'add', 'dev', DEVICE, 'mode', 'tun')
        await ip(pid, 'link', 'set', 'dev', DEVICE, 'txqueuelen', QUEUE_PACKETS)
      }
      await ip(pid, 'link', 'set', 'dev', DEVICE, 'addrgenmode', 'none')
      const nodad = this.#family === 6 ? ['nodad'] : []
      await ip(pid, 'addr', 'add', `${hosts[role]}/${prefix}`, 'dev', DEVICE, ...nodad)
      await ip(pid, 'link', 'set', 'dev', DEVICE, 'up')
      await this.#keepFragments(pid)
    }
  }

  /** What lost a fragment waits for it for 30 s: without room for those of many trials, the kernel would refuse the next ones. */
  async #keepFragments(pid: number): Promise<void> {
    const [command = '', ...rest] = [...entering(pid), 'sh', '-c', KEEP_FRAGMENTS]
    // In a container that may not set it they are fewer.
    await run(command, rest).catch(() => {})
  }

  /** A process in a namespace of its own. It ends when this one does, whose end of its standard input closes. */
  async #hold(words: readonly string[]): Promise<number> {
    const [command = '', ...rest] = [...words, 'cat']
    const holder = spawn(command, rest, { stdio: ['pipe', 'ignore', 'pipe'] })
    this.#holders.push(holder)
    let said = ''
    holder.stderr.setEncoding('utf8').on('data', text => {
      said += text
    })
    const ended = new Promise<string>(resolve => {
      holder.once('error', error => resolve(error.message))
      holder.once('exit', () => resolve(said.trim() || `${command} ended`))
    })
    const problem = await Promise.race([ended, this.#isApart(holder)])
    if (problem !== undefined || holder.pid === undefined) throw new Error(problem)
    return holder.pid
  }

  /** Undefined once it is where nobody else of these is. */
  async #isApart({ pid }: ChildProcess): Promise<string | undefined> {
    const others = ['self', ...this.#holders.map(each => each.pid).filter(each => each !== pid)]
    for (let leftMs = READY_MS; leftMs > 0; leftMs -= STEP_MS) {
      const own = namespaceOf(pid)
      // `cat` runs where `unshare` has left off.
      if (own !== undefined && !others.map(namespaceOf).includes(own)) return undefined
      await sleep(STEP_MS)
    }
    return 'unshare did not begin one in time'
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (--this.#users > 0) return
    Namespaces.#shared.delete(this.#key)
    this.#held = undefined
    await Promise.all(
      this.#holders.splice(0).map(async holder => {
        if (holder.pid === undefined || holder.exitCode !== null || holder.signalCode !== null) return
        const ended = once(holder, 'exit')
        holder.kill('SIGKILL')
        await ended
      }),
    )
  }
}

function entering(pid: number): readonly string[] {
  return ['nsenter', '-t', String(pid), ...(IS_ROOT ? [] : ['-U', '--preserve-credentials']), '-n']
}

function namespaceOf(pid: number | string | undefined): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`)
  } catch {
    // It has ended, or is another user's.
    return undefined
  }
}

function wordsOf(error: unknown): string {
  const said =
    typeof error === 'object' && error !== null && 'stderr' in error ? String(error.stderr).trim() : ''
  return said === '' ? errorMessage(error) : said
}
