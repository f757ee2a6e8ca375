/**
 * Network namespaces for the ends of a run on this host, joined by nothing but a TUN device each, which a relay reads. They have no names,
 * and end with the processes in them. Linux, with unshare(1), nsenter(1) and ip(8); without root in a user namespace.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { SetupError } from '../../../base/errors.ts'
import type { Standing } from '../calls/handle.ts'
import type { AgentRole } from '../host.ts'

/** For benchmarks (RFC 2544, RFC 5180). */
const ADDRESSES = {
  4: { sender: '198.18.0.1', receiver: '198.18.0.2', prefix: 30 },
  6: { sender: '2001:2::1', receiver: '2001:2::2', prefix: 64 },
} as const
/** The name of the device in each of them. */
export const TUN_NAME = 'bench0'
const READY_MS = 5000

export class Namespaces implements AsyncDisposable {
  readonly #family: 4 | 6
  #holder: ChildProcess | undefined

  constructor(family: 4 | 6) {
    this.#family = family
  }

  /** What an agent's words begin with, so that it starts in a namespace of its own. @throws SetupError */
  async words(role: AgentRole): Promise<readonly string[]> {
    const pid = await this.#open()
    const enter = ['nsenter', '-t', String(pid), ...USER_FLAGS.enter]
    if (role === 'relay') return [...enter, '-n']
    const { prefix, ...ends } = ADDRESSES[this.#family]
    const device = `dev ${TUN_NAME}`
    const steps = [
      'ip link set lo up',
      `ip tuntap add ${device} mode tun`,
      `ip link set ${device} addrgenmode none`,
      `ip addr add ${ends[role]}/${prefix} ${device}${this.#family === 6 ? ' nodad' : ''}`,
      `ip link set ${device} up`,
      'exec "$0" "$@"',
    ]
    return [...(USER_FLAGS.enter.length > 0 ? enter : []), 'unshare', '-n', 'sh', '-c', steps.join(' && ')]
  }

  /** The addresses of an agent there, as the other one sees them. */
  standing(role: AgentRole): Standing {
    const { sender, receiver } = ADDRESSES[this.#family]
    if (role === 'relay') return {}
    return role === 'sender' ? { itsHost: sender, ourHost: receiver } : { itsHost: receiver, ourHost: sender }
  }

  /** Ends when this process does, whose end of its standard input closes. */
  async #open(): Promise<number> {
    if (this.#holder?.pid !== undefined && this.#holder.exitCode === null) return this.#holder.pid
    const holder = spawn('unshare', [...USER_FLAGS.make, '-n', 'cat'], { stdio: ['pipe', 'ignore', 'pipe'] })
    this.#holder = holder
    let words = ''
    holder.stderr.setEncoding('utf8').on('data', text => {
      words += text
    })
    const failed = new Promise<string>(resolve => {
      holder.once('error', error => resolve(error.message))
      holder.once('exit', () => resolve(words.trim().split('\n')[0] ?? 'it ended'))
    })
    const why = await Promise.race([failed, this.#isApart(holder)])
    if (why !== undefined || holder.pid === undefined)
      throw new SetupError(
        `--impair-with tun: no network namespace can be made here: ${why ?? 'unshare did not start'}; allow user namespaces, run as root, or leave it out`,
      )
    return holder.pid
  }

  async #isApart({ pid }: ChildProcess): Promise<string | undefined> {
    const own = readlinkSync('/proc/self/ns/net')
    for (let leftMs = READY_MS; leftMs > 0; leftMs -= 5) {
      try {
        if (readlinkSync(`/proc/${pid}/ns/net`) !== own) return undefined
      } catch {
        // It has ended, which the other promise says.
      }
      await sleep(5)
    }
    return 'unshare did not begin one in time'
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const holder = this.#holder
    this.#holder = undefined
    if (!holder || holder.exitCode !== null || holder.signalCode !== null || holder.pid === undefined) return
    const ended = once(holder, 'exit')
    holder.kill('SIGKILL')
    await ended
  }
}

/** Root has no need of a user namespace, in which it would be less. */
const USER_FLAGS =
  process.getuid?.() === 0
    ? { make: [], enter: [] }
    : { make: ['-U', '-r'], enter: ['-U', '--preserve-credentials'] }
