/** A client from elsewhere has the server visit itself by an address that leads back to it, and then wants what is on its loopback. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { after, before, describe } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Attempt } from '../support/hostile-visitor.ts'
import { ADDRESSES, withoutLab, withoutNat } from '../support/lab.ts'
import { test } from '../support/patient.ts'
import { type Server, startServer, TOKEN, useLab } from './two-hosts.ts'

const SKIP = withoutLab() || withoutNat()
const VISITOR = fileURLToPath(new URL('../support/hostile-visitor.js', import.meta.url))

/** Of no interface of `b`; its routes or its rules bring them back to it. */
const ANY_IP = ['10.9.0.1', 'fd09::1', '::ffff:10.9.0.1'] as const
const TRANSLATED = ['10.8.0.1', '10.8.0.2', 'fd08::1'] as const
/** Of the other server at `b`. */
const OTHER = '10.8.0.3@5991'

describe('a server does not visit itself, nor another one on its host', { skip: SKIP }, () => {
  const hosts = useLab(SKIP, ['--max-sessions', '32'])
  let second: Server | undefined
  /** By its target. */
  const attempts = new Map<string, Attempt>()

  before(async () => {
    if (SKIP !== false) return
    const { lab } = hosts
    const rules = [
      'add table ip nat',
      'add chain ip nat out { type nat hook output priority -100 ; }',
      'add rule ip nat out ip daddr 10.8.0.1 dnat to 127.0.0.1',
      `add rule ip nat out ip daddr 10.8.0.2 dnat to ${ADDRESSES.b[4]}`,
      `add rule ip nat out ip daddr 10.8.0.3 tcp dport 5990 dnat to ${ADDRESSES.b[4]}:5991`,
      'add table ip6 nat',
      'add chain ip6 nat out { type nat hook output priority -100 ; }',
      `add rule ip6 nat out ip6 daddr fd08::1 dnat to ${ADDRESSES.b[6]}`,
    ]
    for (const rule of rules) lab.run('b', 'nft', ...rule.split(' '))
    lab.run('b', 'ip', 'route', 'add', 'local', '10.9.0.0/16', 'dev', 'lo')
    lab.run('b', 'ip', '-6', 'route', 'add', 'local', 'fd09::/64', 'dev', 'lo')
    second = await startServer({ cwd: tmpdir(), at: lab.words('b'), listen: '[::]:5991' })
    attack([...ANY_IP, ...TRANSLATED, OTHER])
  })
  after(() => second?.[Symbol.asyncDispose]())

  for (const address of [...ANY_IP, ...TRANSLATED])
    test(`itself, by ${address}`, () => {
      const attempt = attemptAt(address)
      assert.match(
        attempt.problem ?? 'none',
        /^(?:the address belongs to this host, where only a client on it may measure|the visit leads back to the server that it comes from)$/,
      )
      assertNothingOfItsHost(attempt)
    })

  test('another one on its host, by an address that is rewritten', () => {
    const attempt = attemptAt(OTHER)
    assert.equal(attempt.problem, 'both servers are on one host')
    assertNothingOfItsHost(attempt)
  })

  function attemptAt(target: string): Attempt {
    const attempt = attempts.get(target)
    assert(attempt)
    return attempt
  }

  function attack(targets: readonly string[]): void {
    const [command = '', ...at] = hosts.lab.words('a')
    const script = [process.execPath, VISITOR, ADDRESSES.b[4], TOKEN, ...targets]
    const { stdout, stderr } = spawnSync(command, [...at, ...script], { encoding: 'utf8', timeout: 60_000 })
    assert.notEqual(stdout, '', stderr)
    const made: readonly Attempt[] = JSON.parse(stdout)
    assert.equal(made.length, targets.length)
    for (const [index, attempt] of made.entries()) attempts.set(targets[index] ?? '', attempt)
  }
})

function assertNothingOfItsHost({ loopback, sending }: Attempt): void {
  assert.equal(loopback, 'the address belongs to this host, where only a client on it may measure')
  for (const problem of sending) assert.match(problem ?? 'none', /^this server sends only to/)
}
