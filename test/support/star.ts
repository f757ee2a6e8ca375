/**
 * Hosts around a router, each a network of its own, as the hosts of a fleet are: what is done to the link of one is done to no other.
 *
 *     host n  10.78.n.2  ──  10.78.n.1  router
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'

const PREFIX_BITS = 24

export class Star implements Disposable {
  readonly #id = randomUUID().slice(0, 8)
  readonly #names: readonly string[]

  /** @param hosts how many @throws when this process may not make one */
  constructor(hosts: number) {
    this.#names = Array.from({ length: hosts }, (_, index) => `bench-star-${this.#id}-${index + 1}`)
    try {
      batch(
        [],
        [this.#router, ...this.#names].map(name => `netns add ${name}`),
      )
      batch(['-n', this.#router], ['link set lo up'])
      this.#run(this.#router, 'sh', '-ec', 'echo 1 >/proc/sys/net/ipv4/ip_forward')
      for (const [index, name] of this.#names.entries()) {
        const net = `10.78.${index + 1}`
        batch([], [`link add near netns ${name} type veth peer name to-${index + 1} netns ${this.#router}`])
        batch(
          ['-n', this.#router],
          [`address add ${net}.1/${PREFIX_BITS} dev to-${index + 1}`, `link set to-${index + 1} up`],
        )
        batch(
          ['-n', name],
          [
            `address add ${net}.2/${PREFIX_BITS} dev near`,
            'link set lo up',
            'link set near up',
            `route add default via ${net}.1`,
          ],
        )
      }
    } catch (error) {
      this[Symbol.dispose]()
      throw error
    }
  }

  /** Words that run at a host what follows them; at the router without one. */
  words(host?: number): readonly string[] {
    return ['ip', 'netns', 'exec', host === undefined ? this.#router : this.#name(host)]
  }

  address(host: number): string {
    return `10.78.${host}.2`
  }

  /** The router's address in the network of a host. */
  router(host: number): string {
    return `10.78.${host}.1`
  }

  /** What a host sends goes through a bucket at so much. */
  slow(host: number, rate: string): void {
    const bucket = ['rate', rate, 'burst', '10k', 'latency', '50ms']
    this.#run(this.#name(host), 'tc', 'qdisc', 'add', 'dev', 'near', 'root', 'tbf', ...bucket)
  }

  /** It is behind a NAT: others see the router in its place, and cannot begin anything with it. */
  hide(host: number): void {
    const own = `to-${host}`
    const rules = [
      'add table ip hidden',
      'add chain ip hidden out { type nat hook postrouting priority 100 ; }',
      `add rule ip hidden out iifname ${own} oifname != ${own} masquerade`,
      'add chain ip hidden way { type filter hook forward priority 0 ; }',
      'add rule ip hidden way ct state established,related accept',
      `add rule ip hidden way oifname ${own} reject`,
    ]
    for (const rule of rules) this.#run(this.#router, 'nft', ...rule.split(' '))
  }

  [Symbol.dispose](): void {
    const input = [this.#router, ...this.#names].map(name => `netns delete ${name}`).join('\n')
    spawnSync('ip', ['-force', '-batch', '-'], { input })
  }

  get #router(): string {
    return `bench-star-${this.#id}-0`
  }

  #name(host: number): string {
    const name = this.#names[host - 1]
    assert(name)
    return name
  }

  #run(name: string, ...words: readonly string[]): void {
    const { status, stderr } = spawnSync('ip', ['netns', 'exec', name, ...words], { encoding: 'utf8' })
    assert.equal(status, 0, `${words.join(' ')}: ${stderr.trim()}`)
  }
}

function batch(options: readonly string[], lines: readonly string[]): void {
  const { status, stderr } = spawnSync('ip', [...options, '-batch', '-'], {
    input: lines.join('\n'),
    encoding: 'utf8',
  })
  assert.equal(status, 0, stderr.trim())
}
