/** The native engine's numbers and layouts for FreeBSD and macOS are those that the headers of these systems declare. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
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
    assert.deepEqual(abi.MREQN, { size: index.size, interface: index.at['imr_ifindex'] })
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
