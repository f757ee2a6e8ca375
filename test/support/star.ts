/**
 * Hosts around a router, each a network of its own, as the hosts of a fleet are: what is done to the link of one is done to no other. Or at
 * two sites, each around a router of its own, with one link between them.
 *
 *     host n  10.78.n.2  ──  10.78.n.1  router  10.78.0.1  ──  10.78.0.2  far router  10.78.m.1  ──  10.78.m.2  host m
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'

const PREFIX_BITS = 24

export class Star implements Disposable {
  readonly #id = randomUUID().slice(0, 8)
  readonly #names: readonly string[]

  readonly #near: number

  /** @param hosts how many @param near so many of them are at the first site @throws when this process may not make one */
  constructor(hosts: number, near = hosts) {
    this.#near = near
    this.#names = Array.from({ length: hosts }, (_, index) => `bench-star-${this.#id}-${index + 1}`)
    try {
      batch(
        [],
        this.#all.map(name => `netns add ${name}`),
      )
      for (const router of this.#routers) {
        batch(['-n', router], ['link set lo up'])
        this.#run(router, 'sh', '-ec', 'echo 1 >/proc/sys/net/ipv4/ip_forward')
      }
      for (const [index, name] of this.#names.entries()) {
        const net = `10.78.${index + 1}`
        const router = this.#routerOf(index + 1)
        batch([], [`link add near netns ${name} type veth peer name to-${index + 1} netns ${router}`])
        batch(
          ['-n', router],
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
      const [first, second] = this.#routers
      if (first === undefined || second === undefined) return
      batch([], [`link add trunk netns ${first} type veth peer name trunk netns ${second}`])
      for (const [index, router] of this.#routers.entries())
        batch(
          ['-n', router],
          [
            `address add 10.78.0.${index + 1}/${PREFIX_BITS} dev trunk`,
            'link set trunk up',
            `route add default via 10.78.0.${2 - index}`,
          ],
        )
    } catch (error) {
      this[Symbol.dispose]()
      throw error
    }
  }

  /** Words that run at a host what follows them; at the router without one. */
  words(host?: number): readonly string[] {
    return ['ip', 'netns', 'exec', host === undefined ? this.#routerOf(1) : this.#name(host)]
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
    this.#limit(this.#name(host), 'near', rate)
  }

  /** What goes from site to site shares so much in each direction. */
  slowTrunk(rate: string): void {
    for (const router of this.#routers) this.#limit(router, 'trunk', rate)
  }

  /** Its link is cut, or mended. */
  cut(host: number, isCut = true): void {
    this.#run(this.#routerOf(host), 'ip', 'link', 'set', `to-${host}`, isCut ? 'down' : 'up')
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
    for (const rule of rules) this.#run(this.#routerOf(host), 'nft', ...rule.split(' '))
  }

  [Symbol.dispose](): void {
    const input = this.#all.map(name => `netns delete ${name}`).join('\n')
    spawnSync('ip', ['-force', '-batch', '-'], { input })
  }

  get #all(): readonly string[] {
    return [...this.#routers, ...this.#names]
  }

  get #routers(): readonly string[] {
    const isWide = this.#near < this.#names.length
    return [`bench-star-${this.#id}-0`, ...(isWide ? [`bench-star-${this.#id}-far`] : [])]
  }

  #routerOf(host: number): string {
    const router = this.#routers[host > this.#near ? 1 : 0]
    assert(router)
    return router
  }

  #limit(name: string, device: string, rate: string): void {
    const bucket = ['rate', rate, 'burst', '10k', 'latency', '50ms']
    this.#run(name, 'tc', 'qdisc', 'add', 'dev', device, 'root', 'tbf', ...bucket)
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
