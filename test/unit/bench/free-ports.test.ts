/** Of a range of ports, one that the system gives. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { atFreePort } from '../../../bench/fleet/agent/ports.ts'
import { loopback } from '../../../transports/contract/addresses.ts'

const refusing = (code: string, given?: number) => {
  const tried = new Set<number>()
  const bind = async ({ port }: { port: number }) => {
    tried.add(port)
    if (port !== given) throw Object.assign(new Error(code), { code })
    return port
  }
  return { tried, bind }
}

test('what is in use, or reserved as Windows does, is passed over; anything else is not', async () => {
  for (const code of ['EADDRINUSE', 'EACCES'])
    assert.equal(await atFreePort(loopback(4), [40_000, 40_009], refusing(code, 40_004).bind), 40_004)
  const full = refusing('EACCES')
  await assert.rejects(atFreePort(loopback(4), [40_000, 40_009], full.bind), { code: 'EACCES' })
  assert.equal(full.tried.size, 10)
  const gone = refusing('EADDRNOTAVAIL')
  await assert.rejects(atFreePort(loopback(4), [40_000, 40_009], gone.bind), { code: 'EADDRNOTAVAIL' })
  assert.equal(gone.tried.size, 1)
})
