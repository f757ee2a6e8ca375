/** Every option of the contract, set on real sockets and read back; and what cannot be had is named. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { describe } from 'node:test'
import { DF_MODES } from '../../../transports/contract/df.ts'
import type { SocketOptions, SocketState } from '../../../transports/contract/socket-facts.ts'
import type { Sockets, StreamSocket } from '../../../transports/contract/sockets.ts'
import {
  IPPROTO_TCP,
  SO_MEMINFO,
  SO_RCVBUFFORCE,
  SO_RXQ_OVFL,
  SO_ZEROCOPY,
  SOL_SOCKET,
  SOL_UDP,
  TCP_CONGESTION,
  UDP_GRO,
  UDP_SEGMENT,
} from '../../../transports/engines/native/abi.ts'
import { createNativeSockets, loadNativeSockets } from '../../../transports/engines/native/native.ts'
import { obstacleToNative } from '../../../transports/engines/native/systems.ts'
import { nodeSockets } from '../../../transports/engines/node/node.ts'
import { libcWith } from '../../support/faulty-libc.ts'
import { test } from '../../support/patient.ts'
import { hasNetAdmin } from '../../support/privileges.ts'
import { leavesNothingOpen, loopback, NEVER } from '../../support/transfers.ts'

const HANG = { timeout: 20_000 }
const { EPERM, ENOPROTOOPT, EAFNOSUPPORT } = constants.errno

describe('socket options', { skip: obstacleToNative() ?? false, concurrency: 1 }, async () => {
  if (obstacleToNative()) return
  const sockets = await loadNativeSockets()
  const rmemMax = Number(readFileSync('/proc/sys/net/core/rmem_max', 'latin1'))

  for (const family of [4, 6] as const) {
    for (const options of bothKinds()) {
      test(`IPv${family}: ${JSON.stringify(options)}, of datagrams, streams and what is accepted`, HANG, () =>
        leavesNothingOpen(async () => {
          assert.equal(sockets.objection('stream', family, options), undefined)
          assert.equal(sockets.objection('datagram', family, options), undefined)
          assertHas(await datagramState(sockets, family, options), options)
          for (const { state } of await connected(sockets, family, options, options))
            assertHas(state, options)
        }),
      )
    }

    for (const name of congestionControls()) {
      test(`IPv${family}: congestion control ${name}`, HANG, async () => {
        const options = { congestion: name }
        assert.equal(sockets.objection('stream', family, options), undefined)
        for (const { state } of await connected(sockets, family, options, options))
          assert.equal(state.congestion, name)
      })
    }

    test(`IPv${family}: options of streams only`, HANG, async () => {
      for (const maxPacingBps of [8, 80e6, 1e9, 400e9]) {
        const options = { maxPacingBps, nodelay: false }
        for (const { state } of await connected(sockets, family, options, options)) assertHas(state, options)
      }
      // Bytes a second: to the nearest.
      const [odd] = await connected(sockets, family, { maxPacingBps: 1_000_003 }, {})
      assert.equal(odd.state.maxPacingBps, 1_000_000)
      const [plain, accepted] = await connected(sockets, family, {}, {})
      for (const { state } of [plain, accepted]) {
        assert.equal(state.nodelay, true)
        assert.equal(state.maxPacingBps, undefined)
        assert.equal(state.dscp, 0)
        assert.equal('zerocopy' in state, false)
        assert.ok(state.congestion)
      }
    })

    test(
      `IPv${family}: the segment size asked for at either end is the most that a segment holds`,
      HANG,
      async () => {
        for (const mssBytes of [88, 536, 1400]) {
          for (const [client, server] of [
            [{ mssBytes }, {}],
            [{}, { mssBytes }],
          ] as const) {
            for (const { info } of await connected(sockets, family, client, server)) {
              assert.ok(info.mssBytes !== undefined && info.mssBytes <= mssBytes, `${info.mssBytes}`)
              assert.ok(info.mssBytes >= mssBytes - 40, `${info.mssBytes}`)
            }
          }
        }
      },
    )

    test(`IPv${family}: a socket that nothing was asked of tells what it has`, HANG, async () => {
      const state = await datagramState(sockets, family, {})
      assert.ok((state.rcvbufBytes ?? 0) > 0 && (state.sndbufBytes ?? 0) > 0)
      assert.deepEqual([state.dscp, state.df, state.rcvbufForced], [0, 'want', undefined])
      for (const key of ['gso', 'gro', 'zerocopy', 'nodelay', 'congestion']) assert.equal(key in state, false)
    })
  }

  test('offload is told where it was asked for', HANG, async () => {
    const state = await datagramState(sockets, 4, { gso: true, gro: true })
    assert.deepEqual([state.gso, state.gro], [true, true])
  })

  test('a traffic class set before connecting leaves the MTU of the path known', HANG, async () => {
    await using peer = await sockets.bindDatagram({ signal: NEVER, local: loopback(4) })
    await using socket = await sockets.bindDatagram({
      signal: NEVER,
      local: loopback(4),
      connect: peer.local,
      options: { dscp: 46 },
    })
    assert.ok((socket.info().pathMtuBytes ?? 0) > 1000)
    assert.equal(peer.info().pathMtuBytes, undefined)
  })

  const notAllowed = hasNetAdmin() ? false : 'this process may not exceed net.core.rmem_max'
  test('more receive buffer than rmem_max, as root', { ...HANG, skip: notAllowed }, async () => {
    const options = { rcvbufBytes: 2 * rmemMax }
    const streams = await connected(sockets, 4, options, options)
    for (const state of [await datagramState(sockets, 6, options), ...streams.map(each => each.state)]) {
      assert.equal(state.rcvbufForced, true)
      assert.ok((state.rcvbufBytes ?? 0) >= 4 * rmemMax)
    }
  })

  test('more than rmem_max, not allowed: what there is, and told', HANG, async () => {
    const libc = await libcWith((call, [, level, option]) =>
      call === 'setsockopt' && level === SOL_SOCKET && option === SO_RCVBUFFORCE ? EPERM : undefined,
    )
    const unprivileged = createNativeSockets(libc)
    const options = { rcvbufBytes: 2 * rmemMax }
    assert.equal(unprivileged.objection('datagram', 4, options), undefined)
    const streams = await connected(unprivileged, 4, options, options)
    const states = [await datagramState(unprivileged, 4, options), ...streams.map(each => each.state)]
    for (const state of states)
      assert.deepEqual([state.rcvbufForced, state.rcvbufBytes], [false, 2 * rmemMax])
    const within = await datagramState(unprivileged, 4, { rcvbufBytes: rmemMax })
    assert.deepEqual([within.rcvbufForced, within.rcvbufBytes], [undefined, 2 * rmemMax])
  })

  test('the first option that cannot be had is named, and why', () => {
    const unknown = sockets.objection('stream', 4, { congestion: 'nonesuch', mssBytes: 1 })
    assert.equal(unknown?.option, 'congestion')
    assert.match(unknown?.reason ?? '', /no nonesuch; it has .*(cubic|reno)/)
    const small = sockets.objection('stream', 6, { dscp: 1, mssBytes: 1, maxPacingBps: 8 })
    assert.equal(small?.option, 'mssBytes')
    assert.match(small?.reason ?? '', /does not take 1 .*88 to 32767/)
    // What a kind has no use for is ignored.
    assert.equal(sockets.objection('datagram', 4, { congestion: 'nonesuch', mssBytes: 1 }), undefined)
    assert.equal(sockets.objection('stream', 4, { gso: true, gro: true }), undefined)
  })

  test('an option that cannot be had is the system’s error when a socket is made with it', HANG, async () => {
    const options = { congestion: 'nonesuch' }
    await leavesNothingOpen(async () => {
      const request = { signal: NEVER, local: loopback(4), options }
      await assert.rejects(
        sockets.listen(request, () => {}),
        { code: 'ENOENT' },
      )
      await using listener = await sockets.listen({ signal: NEVER, local: loopback(4) }, () => {})
      await assert.rejects(sockets.connect({ signal: NEVER, to: listener.local, options }), {
        code: 'ENOENT',
      })
    })
  })

  const KERNELS: readonly (readonly [
    name: keyof SocketOptions,
    level: number,
    option: number,
    errno: number,
  ])[] = [
    ['gso', SOL_UDP, UDP_SEGMENT, ENOPROTOOPT],
    ['gro', SOL_UDP, UDP_GRO, ENOPROTOOPT],
    ['zerocopy', SOL_SOCKET, SO_ZEROCOPY, ENOPROTOOPT],
    ['congestion', IPPROTO_TCP, TCP_CONGESTION, EPERM],
  ]
  for (const [name, level, option, errno] of KERNELS) {
    test(`a kernel that refuses ${name}`, HANG, async () => {
      const libc = await libcWith((call, args) =>
        call === 'setsockopt' && args[1] === level && args[2] === option ? errno : undefined,
      )
      const old = createNativeSockets(libc)
      const kind = name === 'congestion' ? 'stream' : 'datagram'
      const options = { dscp: 1, [name]: name === 'congestion' ? 'cubic' : true }
      const objection = old.objection(kind, 4, options)
      assert.equal(objection?.option, name)
      assert.match(
        objection?.reason ?? '',
        errno === EPERM ? /privileged programs only; it has / : /does not know it/,
      )
      assert.equal(old.objection(kind, 4, { dscp: 1 }), undefined)
      const code = errno === EPERM ? 'EPERM' : 'ENOPROTOOPT'
      if (kind === 'datagram')
        await assert.rejects(old.bindDatagram({ signal: NEVER, local: loopback(4), options }), { code })
    })
  }

  test('without sockets of a family there is no option to object to', async () => {
    const libc = await libcWith(call => (call === 'socket' ? EAFNOSUPPORT : undefined))
    const without6 = createNativeSockets(libc)
    assert.equal(without6.objection('datagram', 6, { dscp: 1, gso: true }), undefined)
    await assert.rejects(without6.bindDatagram({ signal: NEVER, local: loopback(6) }), {
      code: 'EAFNOSUPPORT',
    })
  })

  test('a kernel that counts no drops: the socket works, and tells none', HANG, async () => {
    const libc = await libcWith((call, [, level, option]) =>
      (call === 'getsockopt' && level === SOL_SOCKET && option === SO_MEMINFO) ||
      (call === 'setsockopt' && level === SOL_SOCKET && option === SO_RXQ_OVFL)
        ? ENOPROTOOPT
        : undefined,
    )
    await using socket = await createNativeSockets(libc).bindDatagram({ signal: NEVER, local: loopback(4) })
    const { drops, rxqOverflow } = socket.info()
    assert.deepEqual([drops, rxqOverflow], [undefined, undefined])
  })

  test('what a closed socket had counted is still told', HANG, async () => {
    const socket = await sockets.bindDatagram({ signal: NEVER, local: loopback(4), options: { gro: true } })
    const before = socket.info()
    await socket[Symbol.asyncDispose]()
    assert.deepEqual(socket.info(), before)
    assert.deepEqual([before.drops, before.rxqOverflow, before.gluedReads], [0, 0, 0])
  })
})

test('the node engine names what node cannot set', () => {
  const { objection } = nodeSockets
  for (const name of ['dscp', 'df', 'zerocopy', 'congestion', 'mssBytes', 'maxPacingBps'] as const) {
    const options = { nodelay: true, [name]: 1 } as SocketOptions
    assert.deepEqual(objection('stream', 4, options), { option: name, reason: 'node:net cannot set it' })
  }
  for (const name of ['dscp', 'df', 'zerocopy', 'gso', 'gro'] as const) {
    const options = { rcvbufBytes: 1, sndbufBytes: 1, [name]: 1 } as SocketOptions
    assert.deepEqual(objection('datagram', 6, options), { option: name, reason: 'node:dgram cannot set it' })
  }
  assert.equal(objection('stream', 4, { nodelay: false, gso: true }), undefined)
  assert.equal(objection('datagram', 4, { rcvbufBytes: 1, nodelay: false, congestion: 'cubic' }), undefined)
  assert.equal(objection('stream', 4, { zerocopy: true, sndbufBytes: 1 })?.option, 'sndbufBytes')
})

/** Options that datagrams and streams have. */
function bothKinds(): SocketOptions[] {
  return [
    ...[0, 1, 46, 63].map(dscp => ({ dscp })),
    ...DF_MODES.map(df => ({ df })),
    ...[false, true].map(zerocopy => ({ zerocopy })),
    { dscp: 10, df: 'do', zerocopy: true, sndbufBytes: 100_000, rcvbufBytes: 200_000 },
  ]
}

function assertHas(state: SocketState, { sndbufBytes, rcvbufBytes, ...asked }: SocketOptions): void {
  for (const [name, value] of Object.entries(asked))
    assert.equal(state[name as keyof SocketState], value, name)
  // Linux doubles what is asked.
  if (sndbufBytes) assert.equal(state.sndbufBytes, 2 * sndbufBytes)
  if (rcvbufBytes) assert.equal(state.rcvbufBytes, 2 * rcvbufBytes)
}

async function datagramState(sockets: Sockets, family: 4 | 6, options: SocketOptions): Promise<SocketState> {
  await using socket = await sockets.bindDatagram({ signal: NEVER, local: loopback(family), options })
  return socket.state
}

/** Both ends of a connection, as they were when it was made: the one that connected, then the accepted one. */
async function connected(sockets: Sockets, family: 4 | 6, client: SocketOptions, server: SocketOptions) {
  let accept: (stream: StreamSocket) => void = () => {}
  const accepting = new Promise<StreamSocket>(resolve => {
    accept = resolve
  })
  await using listener = await sockets.listen(
    { signal: NEVER, local: loopback(family), options: server },
    accept,
  )
  await using near = await sockets.connect({ signal: NEVER, to: listener.local, options: client })
  await using far = await accepting
  return [near, far].map(each => ({ state: each.state, info: each.info() })) as [End, End]
}

interface End {
  readonly state: SocketState
  readonly info: ReturnType<StreamSocket['info']>
}

function congestionControls(): string[] {
  if (obstacleToNative()) return []
  const which = hasNetAdmin() ? 'available' : 'allowed'
  const text = readFileSync(`/proc/sys/net/ipv4/tcp_${which}_congestion_control`, 'latin1')
  return text.trim().split(/\s+/)
}
