/** A server visits others, and not what only its own host may reach. */
import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { test } from 'node:test'
import { isOwnAddress, localRoutes4, localRoutes6 } from '../../../bench/fleet/daemon/own-addresses.ts'
import { Visits } from '../../../bench/fleet/daemon/visit.ts'

test('addresses of this host are known, also in IPv6 ones that stand for them', () => {
  const own = Object.values(networkInterfaces()).flatMap(addresses => addresses ?? [])
  const known = [
    '127.0.0.1',
    '127.9.9.9',
    '0.0.0.0',
    '169.254.1.1',
    '::1',
    '::',
    'fe80::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::127.0.0.1',
    '64:ff9b::127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::1',
  ]
  for (const host of [...known, ...own.map(each => each.address)]) assert(isOwnAddress(host), host)
  for (const host of [
    '192.0.2.7',
    '2001:db8::7',
    '::ffff:192.0.2.7',
    '64:ff9b::192.0.2.7',
    '2002:c000:207::1',
  ])
    assert(!isOwnAddress(host), host)
})

test('what the kernel calls local is read from its tables, those of marked packets left out', () => {
  const trie = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     |-- 10.9.0.0
        /16 host LOCAL
     +-- 192.0.2.0/24 2 0 2
        |-- 192.0.2.2
           /32 host LOCAL
        |-- 192.0.2.255
           /32 link BROADCAST
Id 100:
  +-- 0.0.0.0/0 3 0 5
     |-- 10.0.0.0
        /8 host LOCAL
`
  assert.deepEqual(localRoutes4(trie), [
    { address: '10.9.0.0', prefix: 16 },
    { address: '192.0.2.2', prefix: 32 },
  ])
  const zeros = '0'.repeat(32)
  const line = (network: string, prefix: string, flags: string) =>
    `${network} ${prefix} ${zeros} 00 ${zeros} 00000400 00000001 00000000 ${flags}       lo`
  const routes = [
    line('fd090000000000000000000000000000', '40', '80200001'),
    line('fd000000000000000000000000000000', '40', '00000001'),
    // Of a transparent proxy: everything.
    line(zeros, '00', '80200001'),
  ].join('\n')
  assert.deepEqual(localRoutes6(routes), [{ address: 'fd09:0000:0000:0000:0000:0000:0000:0000', prefix: 64 }])
  assert.deepEqual([...localRoutes4(''), ...localRoutes6('')], [])
})

test('a visit is known again while it is under way', () => {
  const visits = new Visits()
  const { nonce } = visits.begin()
  {
    using other = visits.begin()
    assert(visits.isOwn(nonce) && visits.isOwn(other.nonce))
    assert(!visits.isOwn('0'.repeat(64)))
  }
  using gone = visits.begin()
  gone[Symbol.dispose]()
  assert(!visits.isOwn(gone.nonce))
})
