/** Whose share an address counts to. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shareOf } from '../../../base/addresses.ts'

test('an IPv6 address counts to its network of 64 bits, in any notation, and others to themselves', () => {
  for (const [host, share] of [
    ['192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::1', '2001:db8:1:2'],
    ['2001:db8:1:2:ffff::', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['2001:db8::5:6:7:8:9', '2001:db8:0:5'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80::1%eth0'],
    ['fe80::2%eth0', 'fe80::2%eth0'],
  ] as const)
    assert.equal(shareOf(host), share, host)
})
