/** A network of a test's own, with nothing but a loopback interface: what is changed there changes nothing else. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'

/** Of iproute2. */
const IP = 'ip'

export class Namespace implements Disposable {
  /** Words that run what follows them in it. */
  readonly words: readonly string[]
  readonly #name = `bench-test-${randomUUID().slice(0, 8)}`

  /** @throws when this process may not make one */
  constructor(mtuBytes: number) {
    ip('netns', 'add', this.#name)
    this.words = [IP, 'netns', 'exec', this.#name]
    try {
      ip('-n', this.#name, 'link', 'set', 'lo', 'up', 'mtu', String(mtuBytes))
    } catch (error) {
      this[Symbol.dispose]()
      throw error
    }
  }

  [Symbol.dispose](): void {
    ip('netns', 'delete', this.#name)
  }
}

let obstacle: string | false | undefined

/** Why there can be none here; false when there can. */
export function withoutNamespaces(): string | false {
  obstacle ??= obstacleToNamespaces()
  return obstacle
}

function obstacleToNamespaces(): string | false {
  if (process.getuid?.() !== 0) return 'a network namespace wants root'
  try {
    new Namespace(1500)[Symbol.dispose]()
    return false
  } catch (error) {
    return `no network namespace can be made here: ${error instanceof Error ? error.message : error}`
  }
}

function ip(...words: readonly string[]): void {
  const { status, stderr, error } = spawnSync(IP, words, { encoding: 'utf8' })
  if (error) throw error
  assert.equal(status, 0, `ip ${words.join(' ')}: ${stderr.trim()}`)
}
