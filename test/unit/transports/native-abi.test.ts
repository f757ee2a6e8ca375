/** The native engine's numbers and layouts for FreeBSD, macOS and Windows are those that the headers of these systems declare. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { type Foreign, headersOf } from '../../support/foreign/headers.ts'

type Abi = typeof import('../../../transports/engines/native/abi.ts')

/** The module as that system loads it: a thread has its own `process`. */
async function abiOf(system: Foreign): Promise<Abi> {
  const module = new URL('../../../transports/engines/native/abi.js', import.meta.url)
  const code = `Object.defineProperty(process, 'platform', { value: '${system}' })
    import('${module}').then(abi => require('node:worker_threads').parentPort.postMessage({ ...abi }))`
  const worker = new Worker(code, { eval: true })
  const [abi] = await once(worker, 'message')
  await worker.terminate()
  return abi
}

for (const system of ['freebsd', 'darwin'] as const) {
  test(`${system}: numbers`, async () => {
    const abi = await abiOf(system)
    const headers = headersOf(system)
    const own = [
      ...['AF_INET', 'AF_INET6', 'SOCK_STREAM', 'SOCK_DGRAM', 'SOL_SOCKET', 'SO_REUSEADDR', 'SO_SNDBUF'],
      ...['SO_RCVBUF', 'SO_RCVLOWAT', 'SO_SNDTIMEO', 'SO_RCVTIMEO', 'SO_ERROR', 'MSG_DONTWAIT', 'SHUT_WR'],
      ...['MSG_NOSIGNAL', 'IPPROTO_IP', 'IPPROTO_IPV6', 'IPPROTO_TCP', 'IPV6_V6ONLY', 'IPV6_RECVHOPLIMIT'],
      ...['IPV6_HOPLIMIT', 'TCP_NODELAY', 'TCP_MAXSEG', 'POLLIN', 'POLLOUT', 'POLLERR'],
    ]
    const ofOne = ['SOCK_CLOEXEC', 'SOCK_NONBLOCK', 'MSG_WAITFORONE', 'TCP_CONGESTION', 'TCP_NOTSENT_LOWAT']
    const events = ['EFD_NONBLOCK', 'EFD_CLOEXEC'].filter(() => abi.WAKES)
    for (const name of [...own, ...events]) assert.equal(abi[name as keyof Abi], headers.number(name), name)
    for (const name of ofOne) {
      const value = abi[name as keyof Abi] as number
      if (headers.has(name)) assert.equal(value, headers.number(name), name)
      else assert.ok(value <= 0, `${name} is not a number of ${system}`)
    }
  })

  test(`${system}: options of both IP versions`, async () => {
    const abi = await abiOf(system)
    const { number } = headersOf(system)
    const both = (ip: string, ipv6: string) => ({
      4: [number('IPPROTO_IP'), number(ip)],
      6: [number('IPPROTO_IPV6'), number(ipv6)],
    })
    const asked = system === 'freebsd' ? 'IP_RECVDSTADDR' : 'IP_PKTINFO'
    assert.deepEqual(abi.TRAFFIC_CLASS, both('IP_TOS', 'IPV6_TCLASS'))
    assert.deepEqual(abi.REPORT_PKTINFO, both(asked, 'IPV6_RECVPKTINFO'))
    assert.deepEqual({ 4: abi.PKTINFO[4].name, 6: abi.PKTINFO[6].name }, both(asked, 'IPV6_PKTINFO'))
    assert.deepEqual(abi.MULTICAST_IF, both('IP_MULTICAST_IF', 'IPV6_MULTICAST_IF'))
    assert.deepEqual(abi.MULTICAST_HOPS, both('IP_MULTICAST_TTL', 'IPV6_MULTICAST_HOPS'))
    assert.deepEqual(abi.MULTICAST_LOOP, both('IP_MULTICAST_LOOP', 'IPV6_MULTICAST_LOOP'))
    assert.deepEqual(abi.MCAST_JOIN_GROUP, both('MCAST_JOIN_GROUP', 'MCAST_JOIN_GROUP'))
    assert.deepEqual(abi.MCAST_JOIN_SOURCE_GROUP, both('MCAST_JOIN_SOURCE_GROUP', 'MCAST_JOIN_SOURCE_GROUP'))
  })

  test(`${system}: layouts`, async () => {
    const abi = await abiOf(system)
    const { struct, controlAlignment, number } = headersOf(system)
    const header = struct(system === 'freebsd' ? 'mmsghdr' : 'msghdr_x')
    const message = struct('msghdr').at
    assert.deepEqual(abi.MMSGHDR, {
      size: header.size,
      name: message['msg_name'],
      nameLength: message['msg_namelen'],
      iov: message['msg_iov'],
      iovLength: message['msg_iovlen'],
      control: message['msg_control'],
      controlLength: message['msg_controllen'],
      flags: message['msg_flags'],
      length: header.at['msg_len'] ?? header.at['msg_datalen'],
    })
    // The fields of both begin alike, so one may be passed for the other.
    for (const [name, at] of Object.entries(header.at))
      if (name in message) assert.equal(at, message[name], name)
    const control = struct('cmsghdr')
    assert.deepEqual(abi.CMSGHDR, {
      level: control.at['cmsg_level'],
      type: control.at['cmsg_type'],
      data: Math.ceil(control.size / controlAlignment) * controlAlignment,
      alignment: controlAlignment,
    })
    const [group, sourced] = [struct('group_req'), struct('group_source_req')]
    assert.deepEqual(abi.GROUP_REQ, { size: group.size, group: group.at['gr_group'] })
    assert.deepEqual(abi.GROUP_SOURCE_REQ, { size: sourced.size, source: sourced.at['gsr_source'] })
    assert.equal(sourced.at['gsr_group'], group.at['gr_group'])
    const index = struct('ip_mreqn')
    assert.deepEqual(abi.MREQN, {
      size: index.size,
      address: index.at['imr_address'],
      interface: index.at['imr_ifindex'],
    })
    const [vector, poll] = [struct('iovec'), struct('pollfd')]
    assert.deepEqual(abi.IOVEC, { size: vector.size, base: 0, length: vector.at['iov_len'] })
    assert.deepEqual(abi.POLLFD, {
      size: poll.size,
      fd: 0,
      events: poll.at['events'],
      revents: poll.at['revents'],
    })
    const [time, spec] = [struct('timeval'), struct('timespec')]
    assert.deepEqual(abi.TIMEVAL, { size: time.size, microseconds: time.at['tv_usec'] })
    assert.deepEqual(abi.TIMESPEC, { size: spec.size, nanoseconds: spec.at['tv_nsec'] })
    const six = struct('in6_pktinfo')
    const { name: _six, ...asked } = abi.PKTINFO[6]
    assert.deepEqual(asked, { size: six.size, interface: six.at['ipi6_ifindex'], address: 0 })
    const { name: _four, ...four } = abi.PKTINFO[4]
    const info =
      system === 'darwin' ? struct('in_pktinfo') : { size: 4, at: { ipi_ifindex: 0, ipi_spec_dst: 0 } }
    assert.deepEqual(four, {
      size: info.size,
      interface: info.at['ipi_ifindex'],
      address: info.at['ipi_spec_dst'],
    })
    for (const [name, word, family] of [
      ['sockaddr_in', abi.SOCKADDR_IN, 'AF_INET'],
      ['sockaddr_in6', abi.SOCKADDR_IN6, 'AF_INET6'],
    ] as const) {
      const bytes = Buffer.alloc(2)
      bytes.writeUInt16LE(word)
      assert.deepEqual([...bytes], [struct(name).size, number(family)])
    }
    assert.equal(abi.FAMILY_AT, struct('sockaddr_in').at['sin_family'])
    assert.equal(struct('sockaddr_in6').at['sin6_scope_id'], 24)
  })
}

describe('win32', async () => {
  const abi = await abiOf('win32')
  const { number, struct, controlAlignment } = headersOf('win32')

  it('numbers', () => {
    const own = [
      ...[
        'AF_INET',
        'AF_INET6',
        'SOCK_STREAM',
        'SOCK_DGRAM',
        'SOL_SOCKET',
        'SO_REUSEADDR',
        'SO_SNDBUF',
        'SO_RCVBUF',
      ],
      ...[
        'SO_RCVLOWAT',
        'SO_SNDTIMEO',
        'SO_RCVTIMEO',
        'SO_ERROR',
        'IPPROTO_IP',
        'IPPROTO_IPV6',
        'IPPROTO_TCP',
      ],
      ...['IPV6_V6ONLY', 'IPV6_HOPLIMIT', 'IP_RECVTTL', 'TCP_NODELAY', 'POLLIN', 'POLLOUT', 'POLLERR'],
    ]
    for (const name of own) assert.equal(abi[name as keyof Abi], number(name), name)
    assert.equal(abi.SO_LISTENS, number('SO_EXCLUSIVEADDRUSE'))
    assert.equal(abi.SHUT_WR, number('SD_SEND'))
    assert.equal(abi.SOL_UDP, number('IPPROTO_UDP'))
    assert.equal(abi.UDP_SEGMENT, number('UDP_SEND_MSG_SIZE'))
    assert.deepEqual([abi.IP_TTL, abi.IPV6_RECVHOPLIMIT], [number('IP_TTL'), number('IPV6_HOPLIMIT')])
    // One name for what is set and what is told.
    for (const name of ['UDP_RECV_MAX_COALESCED_SIZE', 'UDP_COALESCED_INFO'])
      assert.equal(abi.UDP_GRO, number(name), name)
    const both = (ip: string, ipv6: string) => ({ 4: [0, number(ip)], 6: [41, number(ipv6)] })
    assert.deepEqual(abi.REPORT_PKTINFO, both('IP_PKTINFO', 'IPV6_PKTINFO'))
    assert.deepEqual({ 4: abi.PKTINFO[4].name, 6: abi.PKTINFO[6].name }, both('IP_PKTINFO', 'IPV6_PKTINFO'))
    assert.deepEqual(abi.MULTICAST_IF, both('IP_MULTICAST_IF', 'IPV6_MULTICAST_IF'))
    assert.deepEqual(abi.MULTICAST_HOPS, both('IP_MULTICAST_TTL', 'IPV6_MULTICAST_HOPS'))
    assert.deepEqual(abi.MULTICAST_LOOP, both('IP_MULTICAST_LOOP', 'IPV6_MULTICAST_LOOP'))
    assert.deepEqual(abi.MCAST_JOIN_GROUP, both('MCAST_JOIN_GROUP', 'MCAST_JOIN_GROUP'))
    assert.deepEqual(abi.MCAST_JOIN_SOURCE_GROUP, both('MCAST_JOIN_SOURCE_GROUP', 'MCAST_JOIN_SOURCE_GROUP'))
  })

  it('layouts', () => {
    const [message, buffer] = [struct('WSAMSG'), struct('WSABUF')]
    const control = message.at['Control'] ?? 0
    assert.deepEqual(abi.MMSGHDR, {
      // Behind each its length, which Windows returns elsewhere.
      size: message.size + 8,
      length: message.size,
      name: message.at['name'],
      nameLength: message.at['namelen'],
      iov: message.at['lpBuffers'],
      iovLength: message.at['dwBufferCount'],
      control: control + (buffer.at['buf'] ?? 0),
      controlLength: control + (buffer.at['len'] ?? 0),
      flags: message.at['dwFlags'],
    })
    assert.deepEqual(abi.IOVEC, { size: buffer.size, base: buffer.at['buf'], length: buffer.at['len'] })
    const header = struct('WSACMSGHDR')
    assert.deepEqual(abi.CMSGHDR, {
      level: header.at['cmsg_level'],
      type: header.at['cmsg_type'],
      data: header.size,
      alignment: controlAlignment,
    })
    const poll = struct('WSAPOLLFD')
    assert.deepEqual(abi.POLLFD, {
      size: poll.size,
      fd: 0,
      events: poll.at['events'],
      revents: poll.at['revents'],
    })
    const [group, sourced] = [struct('GROUP_REQ'), struct('GROUP_SOURCE_REQ')]
    assert.deepEqual(abi.GROUP_REQ, { size: group.size, group: group.at['gr_group'] })
    assert.deepEqual(abi.GROUP_SOURCE_REQ, { size: sourced.size, source: sourced.at['gsr_source'] })
    const [four, six] = [struct('IN_PKTINFO'), struct('IN6_PKTINFO')]
    const { name: _4, ...ofFour } = abi.PKTINFO[4]
    assert.deepEqual(ofFour, {
      size: four.size,
      interface: four.at['ipi_ifindex'],
      address: four.at['ipi_addr'],
    })
    const { name: _6, ...ofSix } = abi.PKTINFO[6]
    assert.deepEqual(ofSix, { size: six.size, interface: six.at['ipi6_ifindex'], address: 0 })
    assert.deepEqual([abi.SOCKADDR_IN, abi.SOCKADDR_IN6], [number('AF_INET'), number('AF_INET6')])
    assert.equal(abi.FAMILY_AT, struct('sockaddr_in').at['sin_family'])
    assert.equal(struct('sockaddr_in6').at['sin6_scope_id'], 24)
  })
})
