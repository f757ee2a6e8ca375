/**
 * Two hosts and a router between them, each a network of its own: what is done to their links is done to nothing else.
 *
 *     a  10.77.1.2, fd77:1::2  ──  router  ──  b  10.77.2.2, fd77:2::2
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { withoutNamespaces } from './namespace.ts'
import { without } from './programs.ts'

export type Host = 'a' | 'b' | 'router'

export const ADDRESSES = {
  a: { 4: '10.77.1.2', 6: 'fd77:1::2' },
  b: { 4: '10.77.2.2', 6: 'fd77:2::2' },
  /** The router as `a` sees it. */
  router: { 4: '10.77.1.1', 6: 'fd77:1::1' },
} as const

/** Of `b`, at `a` and only there. */
export const NAME_OF_B = 'far.bench.test'

export class Lab implements Disposable {
  readonly #id = randomUUID().slice(0, 8)

  /** @throws when this process may not make one */
  constructor() {
    try {
      batch([], [...HOSTS.map(host => `netns add ${this.#name(host)}`), this.#cable('a'), this.#cable('b')])
      this.run('router', 'sh', '-ec', ROUTING)
      for (const host of HOSTS) batch(['-n', this.#name(host)], SETTINGS[host])
      mkdirSync(this.#etc, { recursive: true })
      writeFileSync(
        `${this.#etc}/hosts`,
        `127.0.0.1 localhost\n${ADDRESSES.b[4]} ${NAME_OF_B}\n${ADDRESSES.b[6]} ${NAME_OF_B}\n`,
      )
    } catch (error) {
      this[Symbol.dispose]()
      throw error
    }
  }

  /** Words that run at a host what follows them. */
  words(host: Host): readonly string[] {
    return ['ip', 'netns', 'exec', this.#name(host)]
  }

  /** Runs a command at a host; it has to succeed. */
  run(host: Host, ...words: readonly string[]): void {
    ip('netns', 'exec', this.#name(host), ...words)
  }

  /** The link-local address of an interface, once it may be used. */
  linkLocal(host: Host, device: string): string {
    const show = `while ip -6 -o addr show dev ${device} tentative | grep -q fe80; do sleep 0.1; done; ip -6 -o addr show dev ${device} scope link`
    const address = /inet6 (fe80[0-9a-f:]+)\//.exec(this.#ask(host, 'sh', '-c', show))?.[1]
    assert(address)
    return address
  }

  /** The index of an interface. */
  indexOf(host: Host, device: string): number {
    return Number.parseInt(this.#ask(host, 'ip', '-o', 'link', 'show', 'dev', device), 10)
  }

  /** The link of a host to the router: up or down. */
  setLink(host: 'a' | 'b', state: 'up' | 'down'): void {
    // The router's end: a host keeps its addresses and routes, as with a cable that is pulled out further on.
    this.run('router', 'ip', 'link', 'set', `to-${host}`, state)
  }

  /** The longest packet between the router and `b`, which `a` does not know of. */
  setMtu(bytes: number): void {
    for (const [host, name] of [['router', 'to-b'] as const, ['b', 'near'] as const])
      this.run(host, 'ip', 'link', 'set', name, 'mtu', String(bytes))
  }

  /** Likewise between `a` and the router. */
  setMtuNear(bytes: number): void {
    for (const [host, name] of [['router', 'to-a'] as const, ['a', 'near'] as const])
      this.run(host, 'ip', 'link', 'set', name, 'mtu', String(bytes))
  }

  /** What a host has been told of paths. */
  forgetPaths(host: Host): void {
    for (const family of ['-4', '-6']) this.run(host, 'ip', family, 'route', 'flush', 'cache')
  }

  /** What goes from the router to `b` goes through a bucket, at so much, and waits there no longer; undefined takes it away. */
  setBottleneck(rate: string | undefined, latency = '50ms'): void {
    const place = ['dev', 'to-b', 'root'] as const
    if (rate === undefined) this.run('router', 'tc', 'qdisc', 'del', ...place)
    else
      this.run(
        'router',
        'tc',
        'qdisc',
        'replace',
        ...place,
        ...`tbf rate ${rate} burst 32kbit latency ${latency}`.split(' '),
      )
  }

  /** What a host sends goes through a bucket of its own, at so much; undefined takes it away. */
  setSendQueue(host: 'a' | 'b', rate: string | undefined, limit = '60kb'): void {
    const place = ['dev', 'near', 'root'] as const
    if (rate === undefined) this.run(host, 'tc', 'qdisc', 'del', ...place)
    else
      this.run(
        host,
        'tc',
        'qdisc',
        'replace',
        ...place,
        ...`tbf rate ${rate} burst 32kbit limit ${limit}`.split(' '),
      )
  }

  /** The router lets no fragment through, as many firewalls do. */
  dropFragments(): void {
    this.drop('ip frag-off & 0x3fff != 0', 'exthdr frag exists')
  }

  /** The router drops what matches one of these, in the words of nft. */
  drop(...matches: readonly string[]): void {
    const rules = [
      'add table inet holes',
      'add chain inet holes in { type filter hook prerouting priority -450 ; }',
      ...matches.map(match => `add rule inet holes in ${match} drop`),
    ]
    for (const rule of rules) this.run('router', 'nft', rule)
  }

  dropNothing(): void {
    this.run('router', 'nft', 'delete table inet holes')
  }

  /** `b` sees `a` as the router, and other ports than its own. */
  masquerade(): void {
    const rules = [
      'add table ip bench',
      'add chain ip bench out { type nat hook postrouting priority 100 ; }',
    ]
    for (const rule of [...rules, 'add rule ip bench out oifname to-b masquerade random'])
      this.run('router', 'nft', ...rule.split(' '))
  }

  /** From `a` to `b` go these ports only; back goes what answers. */
  admit(control: number, data: string): void {
    const rules = [
      'add table inet wall',
      'add chain inet wall way { type filter hook forward priority 0 ; }',
      'add rule inet wall way ct state established,related accept',
      `add rule inet wall way iifname to-a meta l4proto { tcp, udp } th dport { ${control}, ${data} } accept`,
      'add rule inet wall way meta l4proto { tcp, udp } drop',
    ]
    for (const rule of rules) this.run('router', 'nft', rule)
  }

  [Symbol.dispose](): void {
    const input = HOSTS.map(host => `netns delete ${this.#name(host)}`).join('\n')
    spawnSync('ip', ['-force', '-batch', '-'], { input })
    rmSync(this.#etc, { recursive: true, force: true })
  }

  /** A host's end is named `near`, the router's one `to-` and the host. */
  #cable(host: 'a' | 'b'): string {
    const [inner, router] = [this.#name(host), this.#name('router')]
    return `link add near netns ${inner} type veth peer name to-${host} netns ${router}`
  }

  #ask(host: Host, ...words: readonly string[]): string {
    const [command = '', ...rest] = [...this.words(host), ...words]
    return spawnSync(command, rest, { encoding: 'utf8' }).stdout
  }

  #name(host: Host): string {
    return `bench-lab-${this.#id}-${host}`
  }

  /** What `ip netns exec` shows a process in the place of its own. */
  get #etc(): string {
    return `/etc/netns/${this.#name('a')}`
  }
}

/** Forwards, and keeps its addresses while a link is down. */
const ROUTING = ['ipv4/ip_forward', 'ipv6/conf/all/forwarding', 'ipv6/conf/all/keep_addr_on_down']
  .map(name => `echo 1 >/proc/sys/net/${name}`)
  .join('; ')

const HOSTS = ['a', 'b', 'router'] as const

/** What each host is given, in the words of ip. */
const SETTINGS = {
  a: [...setUp('near', 1, 2), ...defaultRoutes(1)],
  b: [...setUp('near', 2, 2), ...defaultRoutes(2)],
  router: [...setUp('to-a', 1, 1), ...setUp('to-b', 2, 1)],
} as const

function setUp(device: string, net: number, last: number): readonly string[] {
  return [
    `address add 10.77.${net}.${last}/24 dev ${device}`,
    `address add fd77:${net}::${last}/64 dev ${device} nodad`,
    'link set lo up',
    `link set ${device} up`,
  ]
}

function defaultRoutes(net: number): readonly string[] {
  return [`route add default via 10.77.${net}.1`, `route add ::/0 via fd77:${net}::1`]
}

let obstacle: string | false | undefined

/** Why there can be none here; false when there can. */
export function withoutLab(): string | false {
  obstacle ??= obstacleToLab()
  return obstacle
}

function obstacleToLab(): string | false {
  const reason = withoutNamespaces()
  if (reason !== false) return reason
  try {
    new Lab()[Symbol.dispose]()
    return false
  } catch (error) {
    return `two hosts and a router cannot be made here: ${error instanceof Error ? error.message : error}`
  }
}

/** Why no router can rewrite addresses here; false when one can. */
export function withoutNat(): string | false {
  return without('nft')
}

function ip(...words: readonly string[]): void {
  spawnIp(words, '')
}

/** Many commands by one process. */
function batch(options: readonly string[], lines: readonly string[]): void {
  spawnIp([...options, '-batch', '-'], lines.join('\n'))
}

function spawnIp(words: readonly string[], input: string): void {
  const { status, stderr, error } = spawnSync('ip', words, { encoding: 'utf8', input })
  if (error) throw error
  assert.equal(status, 0, `ip ${words.join(' ')} ${input}: ${stderr.trim()}`)
}
