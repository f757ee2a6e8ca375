/** Which source makes room for another one, where there are too many. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { monotonic } from '../../../base/clock.ts'
import type { Endpoint } from '../../../transports/contract/socket-facts.ts'
import { Sources } from '../../../transports/datagram/sources.ts'
import { Transfer } from '../../../transports/datagram/transfer.ts'

const MOST = 1024

/** Sources that each have a transfer, and who had to leave. */
function crowd(isTrial = false) {
  const left: string[] = []
  const sources = new Sources(source => left.push(source.endpoint.host), isTrial)
  const open = (host: string, port: number, begunAt = monotonic()) => {
    const from: Endpoint = { host, port, family: host.includes(':') ? 6 : 4 }
    const source = sources.add(from)
    if (source) sources.begin(source, new Transfer(undefined, undefined, false).begin(1000, begunAt))
    return source
  }
  return { sources, open, left }
}

test('many addresses of one IPv6 network are one host', () => {
  const { open, left } = crowd()
  open('2001:db8:0:2::1', 1)
  open('192.0.2.1', 1)
  for (let index = 0; index < 3 * MOST; index++) open(`2001:db8:0:1::${index.toString(16)}`, 7)
  assert.equal(left.length, 2 * MOST + 2)
  assert(left.every(host => host.startsWith('2001:db8:0:1:')))
})

test('those without a transfer leave first, and of the others the slowest', () => {
  const { sources, open, left } = crowd()
  const idle = sources.add({ host: '192.0.2.9', port: 1, family: 4 })
  const old = open('192.0.2.1', 1, monotonic() - 5000)
  for (let port = 2; port < MOST; port++) open('192.0.2.1', port)
  open('192.0.2.2', 1)
  assert.deepEqual(left, [], 'nothing of the idle one is lost')
  assert(idle && ![...sources].includes(idle))
  open('192.0.2.3', 1)
  assert(old && ![...sources].includes(old))
  assert.deepEqual(left, ['192.0.2.1'])
})

test('in a trial no transfer makes room that has only just begun', () => {
  const { open, left } = crowd(true)
  for (let port = 1; port <= MOST; port++) open('192.0.2.1', port)
  assert.equal(open('192.0.2.1', MOST + 1), undefined)
  assert.deepEqual(left, [])
})

test('of many hosts with as many sources each, the slowest one leaves, and not the first', () => {
  const { open, left } = crowd()
  const [begunAt, slow] = [monotonic() - 5000, 700]
  for (let index = 0; index < MOST; index++) {
    const source = open(`10.0.${index >> 8}.${index & 255}`, 7, begunAt)
    if (source?.open) source.open.reception.bytes = index === slow ? 10 : 1000
  }
  open('192.0.2.1', 1)
  assert.deepEqual(left, [`10.0.${slow >> 8}.${slow & 255}`])
})
