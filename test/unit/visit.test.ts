/** A server visits others, and not what only its own host may reach. */
import assert from 'node:assert/strict'
import { networkInterfaces } from 'node:os'
import { test } from 'node:test'
import { isOurs } from '../../bench/serve/visit.ts'

test('addresses of this host are known, in whatever clothes', () => {
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
  ]
  for (const host of [...known, ...own.map(each => each.address)]) assert(isOurs(host), host)
  for (const host of ['192.0.2.7', '2001:db8::7', '::ffff:192.0.2.7']) assert(!isOurs(host), host)
})
