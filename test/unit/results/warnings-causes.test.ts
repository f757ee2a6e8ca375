/** Advice goes by the cause: for each piece of it, that it is there where its cause is, and absent where it is not. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { codes, find, only } from '../../support/found-warnings.ts'
import { datagrams, lost, record, refused, rounds, stream } from '../../support/results-samples.ts'

describe('the cause of a loss', () => {
  it('is the sender’s own queue, and then no buffer helps', () => {
    const warning = only(lost(80, 0, 0))
    assert.equal(warning.code, 'loss-send-queue')
    assert.equal(
      warning.message,
      'udp-header: 10.0 % of the datagrams lost in the send queue of the sender’s host, before they left it',
    )
    assert.equal(warning.remedy, 'pace with --rate 800M')
  })

  it('names other programs only where the counter moved by more than markers and losses', () => {
    assert.match(only(lost(80, 0, 0, { host_sndbuf_errors: 500 })).message, /other programs send too$/)
    assert.doesNotMatch(only(lost(80, 0, 0, { host_sndbuf_errors: 82 })).message, /other programs/)
    assert.deepEqual(codes(rounds(6, () => datagrams(1e9, 0, { host_sndbuf_errors: 500 }))), [])
  })

  it('may be several, each with its share', () => {
    assert.deepEqual(
      find(lost(40, 20, 20)).map(each => [each.code, /[\d.]+ %/.exec(each.message)?.[0]]),
      [
        ['loss-send-queue', '5.00 %'],
        ['loss-receive-buffer', '2.50 %'],
        ['loss-elsewhere', '2.50 %'],
      ],
    )
  })

  it('is lateness: a longer drain helps, and pacing does not', () => {
    const warning = only(lost(0, 0, 0, { datagrams_late: 80 }))
    assert.deepEqual([warning.code, warning.remedy], ['late-datagrams', 'a longer --drain, as 1s'])
    assert(!codes(lost(0, 0, 80)).includes('late-datagrams'))
  })
})

describe('a marker that is lost', () => {
  const marker = (values: Partial<TrialRecord>, lostCount = 0) =>
    rounds(6, () =>
      datagrams(1e9, lostCount, {
        transport: 'udp-marker',
        outcome: 'incomplete',
        error_code: 'BEGIN_LOST',
        ...values,
      }),
    )

  it('alone is no reason to pace', () => {
    const warning = only(marker({}))
    assert.match(
      warning.message,
      /^udp-marker: the begin marker was lost in 6 trials, and none of the payload$/,
    )
    assert.doesNotMatch(warning.remedy, /--rate|--rcvbuf/)
  })

  it('with payload is as lost data', () => {
    const [loss, part] = find(marker({}, 80))
    assert.match(loss?.remedy ?? '', /--rate/)
    assert.match(part?.remedy ?? '', /what prevents loss of data/)
  })
})

describe('what a path drops', () => {
  const long = (values: Partial<TrialRecord> = {}) => {
    const whole = {
      chunk_bytes: 8192,
      path_mtu_bytes: 1500,
      direction: 'forward',
      lost_elsewhere: 100,
    } as const
    return rounds(6, () => datagrams(1e9, 100, { ...whole, ...values }))
  }
  const short = (count: number) =>
    rounds(6, () => datagrams(1e9, count, { chunk_bytes: 1400, direction: 'forward', lost_elsewhere: count }))

  it('is fragments, where shorter datagrams arrive', () => {
    const warning = only([...long(), ...short(0)])
    assert.equal(warning.code, 'loss-fragments')
    assert.match(warning.message, /the path MTU is 1,500 B\), and those of 1,400 B arrive/)
    assert.equal(warning.remedy, '--chunk 1472 or less; or allow fragments through the firewalls on the path')
    assert.match(only(long({ ip_family: 6 })).remedy, /--chunk 1452 or less/)
    const own = { transport: 'rtp-like', datagram_bytes: 8204, beginning_arrived: true }
    assert.match(only(long(own)).remedy, /--chunk 1460 or less/, 'less the header of the format')
    const without = long({ ...own, beginning_arrived: undefined })
    assert.deepEqual(codes(without), ['nothing-arrives'], 'no header shows that short ones arrive')
    assert.match(only(long({ path_mtu_bytes: undefined })).remedy, /--chunk 1472 or less/)
  })

  it('is not fragments where shorter ones are lost as well, the header did not come, or the receive buffer dropped them', () => {
    assert.deepEqual(codes([...long(), ...short(300)]), ['loss-elsewhere'])
    assert(!codes(long({ error_code: 'HEADER_LOST' })).includes('loss-fragments'))
    assert.deepEqual(codes(long({ lost_elsewhere: 0, lost_receive_buffer: 100 })), ['loss-receive-buffer'])
    assert.deepEqual(codes(long({ path_mtu_bytes: 9000 })), ['loss-elsewhere'])
    assert.deepEqual(codes(long({ direction: 'local', path_mtu_bytes: undefined })), ['loss-elsewhere'])
  })

  it('is everything by UDP, where not even a marker arrives', () => {
    const nothing = (values: Partial<TrialRecord> = {}) =>
      rounds(6, () =>
        datagrams(0, 800, {
          ...{ direction: 'forward', error_code: 'HEADER_LOST', lost_elsewhere: 800, goodput_bps: 0 },
          ...{ delivery_ms: undefined, total_ms: 5, datagrams_stray: 0, socket_drops: 0, ...values },
        }),
      )
    const tcp = rounds(6, () => stream(1e9, { direction: 'forward' }))
    const warning = only([...nothing(), ...tcp])
    assert.equal(warning.code, 'nothing-arrives')
    assert.match(warning.message, /while TCP gets through: a firewall drops UDP$/)
    assert.doesNotMatch(only(nothing()).message, /TCP/)
    for (const other of [
      { datagrams_stray: 900 },
      { error_code: undefined },
      { direction: 'local' as const },
    ])
      assert(!codes(nothing(other)).includes('nothing-arrives'), JSON.stringify(other))
    const own = { transport: 'rtp-like', error_code: undefined, datagram_bytes: 1036 }
    assert.match(only(nothing(own)).message, /^rtp-like: no datagram of any kind arrives/, 'it has no header')
    const others = rounds(6, () => datagrams(1e9, 0, { chunk_bytes: 64, direction: 'forward' }))
    assert(!codes([...nothing(), ...others]).includes('nothing-arrives'))
    // A path may be open for all but groups.
    const group = { ...own, transport: 'udp-multicast', group_asked: '239.255.7.7', ttl: 2 }
    const found = codes([...nothing(group), ...others])
    assert(found.includes('nothing-arrives') && !found.includes('loss-elsewhere'), found.join())
    assert.match(only(nothing(group)).message, /^udp-multicast: nothing that is sent to the group arrives$/)
    assert.match(only(nothing(group)).remedy, /a larger --ttl \(here 2\)/)
  })
})

describe('a remedy', () => {
  const buffered = (values: Partial<TrialRecord>) => find(lost(0, 80, 0, values)).at(-1)?.remedy ?? ''

  it('never names a flag that was just refused', () => {
    const denied = { rcvbuf_asked_bytes: 4 << 20, rcvbuf_bytes: 425_984 }
    const [refusedBuffer, loss] = find(lost(0, 80, 0, denied))
    assert.equal(refusedBuffer?.remedy, 'sudo sysctl -w net.core.rmem_max=4194304 at the receiver')
    assert.equal(loss?.remedy, 'pace with --rate 800M')
    assert.equal(
      buffered({ rcvbuf_asked_bytes: 4 << 20, rcvbuf_bytes: 8 << 20 }),
      'a larger --rcvbuf, or pace with --rate 800M',
    )
    assert.equal(buffered({}), 'try --rcvbuf 4m, or pace with --rate 800M')
  })

  it('lowers a rate that is given', () => {
    assert.equal(
      only(lost(0, 0, 80, { rate_bps: 5e8 })).remedy,
      'a lower --rate, as 400M, unless the path loses at any rate',
    )
  })

  it('is not a rate where the sender repeats what was lost and waits for answers; others get theirs by their own goodput', () => {
    const again = { transport: 'again', datagrams_resent: 80, goodput_bps: 1e6 }
    assert.match(
      only(lost(0, 0, 80, again)).remedy,
      /^see which queue or link drops them \(bench doctor HOST\)$/,
    )
    assert.match(only(lost(0, 0, 80, { ...again, rate_bps: 5e8 })).remedy, /HOST\)$/)
    assert.equal(only(lost(0, 80, 0, again)).remedy, 'try --rcvbuf 4m')
    assert.match(only([...lost(0, 0, 80, again), ...lost(0, 0, 80)]).remedy, /^pace with --rate 800M$/)
    // What it is faster than its own queue does help.
    assert.match(only(lost(80, 0, 0, again)).remedy, /^pace with --rate/)
  })

  it('speaks of the flags of our ends only', () => {
    assert.match(
      only(lost(0, 80, 0), 'receiver').remedy,
      /^try --rcvbuf 4m, or pace with --rate 800M at the sender$/,
    )
  })

  it('speaks of the system of that end, not of the command', () => {
    const asked = { rcvbuf_asked_bytes: 4 << 20, rcvbuf_bytes: 425_984 }
    const remedyAt = (receiver_os: string) =>
      find(rounds(5, () => datagrams(1e9, 0, { ...asked, direction: 'forward', receiver_os }))).at(0)?.remedy
    assert.equal(remedyAt('win32'), 'ask for less with --rcvbuf at the receiver')
    assert.equal(remedyAt('darwin'), 'sudo sysctl -w kern.ipc.maxsockbuf=8388608 at the receiver')
    assert.equal(remedyAt('linux'), 'sudo sysctl -w net.core.rmem_max=4194304 at the receiver')
    const bsd = (sender_os: string) =>
      only(rounds(5, () => refused({ chunk_bytes: 9217, direction: 'forward', sender_os }))).remedy
    assert.match(bsd('freebsd'), /maxdgram/)
    assert.doesNotMatch(bsd('linux'), /maxdgram/)
  })

  it('for a chunk that is too long obeys every limit that is known', () => {
    const tooLong = (values: Partial<TrialRecord>) =>
      only(rounds(5, () => refused({ chunk_bytes: 65_508, ...values }))).remedy
    assert.equal(tooLong({}), '--chunk 65507 or less')
    assert.equal(tooLong({ df: 'do', path_mtu_bytes: 1500 }), '--chunk 1472 or less')
    assert.equal(tooLong({ transport: 'rtp-like', datagram_bytes: 65_520 }), '--chunk 65495 or less')
    assert.equal(tooLong({ max_datagram_bytes: 9216 }), '--chunk 9216 or less')
    assert.match(tooLong({ os: 'darwin', sndbuf_bytes: 9216 }), /^--chunk 9216 or less/)
  })
})

describe('an error of the system', () => {
  const failing = (values: Partial<TrialRecord>) =>
    only(rounds(6, () => record({ outcome: 'failed', transport: 'udp-header', ...values }))).remedy

  it('EPERM is a firewall of the sender’s own host', () => {
    const words = { error_code: 'EPERM', error_message: 'send EPERM' }
    assert.match(failing(words), /firewall on the sender’s host .*nft list ruleset/)
    assert.match(failing({ ...words, direction: 'reverse', sender_os: 'win32' }), /Get-NetFirewallRule/)
    const repeated = rounds(6, () =>
      datagrams(1e9, 0, {
        datagrams_refused: 4,
        datagrams_accepted: 796,
        error_code: 'EPERM',
        outcome: 'refused',
      }),
    )
    assert.match(only(repeated).remedy, /firewall on the sender’s host/)
    assert.doesNotMatch(failing({ error_code: 'ECONNREFUSED', direction: 'send' }), /firewall/)
  })

  it('ENETUNREACH over loopback is its interface, and elsewhere a route', () => {
    const unreachable = { error_code: 'ENETUNREACH', error_message: 'connect ENETUNREACH 127.0.0.1' }
    assert.match(failing(unreachable), /loopback interface is down .*ip link set lo up/)
    const sent = (receiver_address?: string) =>
      failing({ ...unreachable, direction: 'send', receiver_address })
    for (const address of ['127.0.0.1', '::1']) assert.match(sent(address), /lo up/)
    for (const address of ['192.0.2.127', 'fd00::1', undefined])
      assert.match(sent(address), /routes of the sender’s host/)
  })
})

describe('an acknowledgement that was lost', () => {
  const unheard = (direction: TrialRecord['direction'], every: boolean) =>
    only(
      rounds(6, index =>
        datagrams(1e9, 0, { direction, ...(every || index === 1 ? { error_code: 'ACK_LOST' } : {}) }),
      ),
    ).remedy

  it('each time, between hosts, is dropped on the way back; else it is the format that sends it once', () => {
    assert.match(unheard('forward', true), /^a firewall or a NAT drops what the receiver sends over UDP/)
    assert.match(unheard('forward', false), /^the format sends it once/)
    assert.match(unheard('local', true), /^the format sends it once/)
  })

  it('of each datagram ends a trial: on the way back, or because a NAT rewrites where they come from', () => {
    const waited = (lostCount: number, values: Partial<TrialRecord> = {}) =>
      only(
        rounds(6, () =>
          datagrams(0, lostCount, {
            ...{ transport: 'again', outcome: 'timed-out', error_phase: 'transfer', direction: 'forward' },
            ...{ goodput_bps: undefined, datagrams_resent: 40, lost_elsewhere: lostCount, ...values },
          }),
        ),
      )
    assert.match(waited(0).remedy, /^a firewall or a NAT drops what the receiver sends over UDP/)
    assert.match(waited(0, { direction: 'local' }).remedy, /^a longer --timeout/)
    const another = waited(800, { datagrams_stray_from: '203.0.113.9', datagrams_delivered: 0 })
    assert.equal(another.code, 'another-source')
  })
})

describe('no acknowledgement from a program that is not ours', () => {
  const unanswered = (values: Partial<TrialRecord>) =>
    only(
      rounds(6, () =>
        record({
          transport: 'udp-header',
          outcome: 'timed-out',
          error_phase: 'ack',
          direction: 'send',
          datagrams_offered: 100,
          ...values,
        }),
      ),
    ).remedy

  it('may be a chunk that it cut', () => {
    assert.match(unanswered({ chunk_bytes: 8192 }), /--chunk 1024, since many receivers read no more/)
    assert.doesNotMatch(unanswered({ chunk_bytes: 1024 }), /--chunk/)
    assert.match(unanswered({ error_phase: 'prepare' }), /^an end was not ready in time/)
    assert.doesNotMatch(unanswered({ chunk_bytes: 8192, direction: 'local' }), /--chunk/)
    assert.doesNotMatch(
      unanswered({ chunk_bytes: 8192, transport: 'tcp', datagrams_offered: undefined }),
      /--chunk/,
    )
  })
})
