/** How often an agent sends to itself before its first trial. */
import assert from 'node:assert/strict'
import { FEW_TRANSFERS, warmUp } from '../../../bench/workloads/transfer/ends/warm-up.ts'
import { BUILT_IN, carrierOf } from '../../../transports/catalog.ts'
import type { Sockets } from '../../../transports/contract/sockets.ts'
import { limited } from '../../../transports/engines/limited.ts'
import { ENGINES } from '../../support/engines.ts'
import { test } from '../../support/patient.ts'
import { NEVER } from '../../support/transfers.ts'

for (const engine of ENGINES)
  test(`a warm-up on ${engine} ends after a few transfers where the engine needs no more time`, async () => {
    assert.ok(
      (await transfers({ ...(await BUILT_IN.engines.sockets(engine)), warmUpMs: 0 })) <= FEW_TRANSFERS,
    )
  })

test('an engine whose datagrams are limited warms up for as long as it', async () => {
  const sockets = { ...(await BUILT_IN.engines.sockets('node')), warmUpMs: 150 }
  assert.equal(limited(sockets, 1000).warmUpMs, 150)
})

async function transfers(sockets: Sockets): Promise<number> {
  let connections = 0
  const counting: Sockets = {
    ...sockets,
    connect(request) {
      connections++
      return sockets.connect(request)
    },
  }
  const tcp = BUILT_IN.transports.get('tcp')
  const carrier = tcp && carrierOf(tcp)
  assert.ok(carrier)
  await warmUp(carrier, counting, 1024, 4, NEVER)
  return connections
}
