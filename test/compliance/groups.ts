/** What is sent to a group arrives whole at each of its receivers, for what they have joined. On loopback, where IPv6 has no multicast. */
import assert from 'node:assert/strict'
import { interfaceOf } from '../../transports/contract/addresses.ts'
import type { SentCounts } from '../../transports/contract/reports.ts'
import type { SocketOptions } from '../../transports/contract/socket-facts.ts'
import { GeneratedPayload } from '../../transports/payload/generated.ts'
import { receiveOptions, sendOptions } from '../support/transfers.ts'
import type { Cases, Subject } from './suite.ts'

const RECEIVERS = 3
const payload = new GeneratedPayload(20_500, 1000, 7)

export function groupCases(subject: Subject): Cases {
  if (!subject.transport.traits.fansOut || subject.family === 6) return {}
  return {
    'each receiver of a group gets everything, at one port': () => everyone(subject, {}),
    'a group that is joined for its sender only gets everything': () =>
      everyone(subject, { source: '127.0.0.1' }),
  }
}

async function everyone({ transport, sockets }: Subject, options: SocketOptions): Promise<void> {
  const device = interfaceOf('127.0.0.1')
  assert.ok(device)
  const local = { host: '239.255.7.7', port: 0, family: 4 } as const
  const socket = { device, rcvbufBytes: 1 << 20, ...options }
  await using first = await transport.transfer.receive(
    sockets,
    receiveOptions(4, { local, socket, expected: payload, holdBytes: payload.sizeBytes }),
  )
  assert.equal(first.endpoint.host, local.host)
  const others = await Promise.all(
    Array.from({ length: RECEIVERS - 1 }, () =>
      transport.transfer.receive(
        sockets,
        receiveOptions(4, { local: first.endpoint, socket, expected: payload }),
      ),
    ),
  )
  try {
    const receivers = [first, ...others]
    let settled: Promise<unknown> | undefined
    const sent = (counts: SentCounts) => {
      settled = Promise.all(
        receivers.map(async receiver => {
          const report = await receiver.settle(counts, 1000, 10_000)
          assert.equal(report.intact, true)
          assert.deepEqual(report.datagrams, {
            delivered: 21,
            duplicated: 0,
            reordered: 0,
            corrupt: 0,
            stray: 0,
          })
        }),
      )
    }
    const report = await transport.transfer.send(
      sockets,
      first.endpoint,
      payload,
      sendOptions({ sent, socket: { device }, from: '127.0.0.1' }),
    )
    await settled
    assert.deepEqual([report.failure, report.datagramsAccepted], [undefined, 21])
    // As few routers as may be.
    if (report.state.ttl !== undefined) assert.equal(report.state.ttl, 2)
  } finally {
    await Promise.all(others.map(each => each[Symbol.asyncDispose]()))
  }
}
