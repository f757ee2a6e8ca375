import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { linuxTruesize } from '../../../results/warnings/loss.ts'
import { renderWarnings } from '../../../results/warnings/warnings.ts'
import { codes, find, only } from '../../support/found-warnings.ts'
import {
  chunkSweep,
  datagrams,
  mainJob,
  record,
  refused,
  rounds,
  stream,
} from '../../support/results-samples.ts'

describe('warnings', () => {
  it('are none where there is nothing to say', () => {
    assert.deepEqual(find(rounds(20, (_, noise) => stream(2e9 * noise))), [])
    assert.deepEqual(find(rounds(20, (_, noise) => datagrams(2e9 * noise))), [])
    assert.deepEqual(find([]), [])
    assert.equal(renderWarnings([], { width: 80, color: false }), '')
  })

  it('say how many datagrams the receive buffer holds, and which flags to try', () => {
    const warning = only(mainJob())
    assert.equal(warning.code, 'loss-receive-buffer')
    assert.match(
      warning.message,
      /^udp-header and udp-marker: .* 212,992 B hold about 92 datagrams of 1,024 B$/,
    )
    assert.equal(warning.remedy, 'try --rcvbuf 4m, or pace with --rate 780M')
    assert.deepEqual(
      warning.cells.map(cell => cell.transport),
      ['udp-header', 'udp-marker'],
    )
  })

  it('say that the native engine was used where nobody has tried it, at either end', () => {
    const concerned = (values: Partial<TrialRecord>) =>
      codes(rounds(20, (_, noise) => ({ ...stream(2e9 * noise), ...values }))).includes('untested-engine')
    const both = { sender_binding: 'koffi', receiver_binding: 'koffi' }
    assert(!concerned({ ...both, os: 'linux', sender_os: 'linux', receiver_os: 'linux' }))
    assert(!concerned({ sender_binding: 'koffi', sender_os: 'linux', receiver_os: 'win32' }))
    assert(concerned({ receiver_binding: 'koffi', sender_os: 'linux', receiver_os: 'win32' }))
    assert(concerned({ sender_binding: 'koffi', sender_os: 'darwin', receiver_os: 'linux' }))
    assert(concerned({ ...both, os: 'freebsd' }))
    assert(!concerned({ engine: 'native', os: 'linux' }))
    assert(!concerned({ engine: 'node', os: 'freebsd' }))
  })

  it('say from where datagrams came that the receiver did not take, and advise no other pace then', () => {
    const lost = (values: Partial<TrialRecord> = {}) =>
      rounds(20, () => ({
        ...datagrams(1e9, 800, { direction: 'forward' }),
        error_code: 'HEADER_LOST',
        loss_cause: 'elsewhere' as const,
        lost_elsewhere: 800,
        ...values,
      }))
    const warning = only(lost({ datagrams_stray: 802, datagrams_stray_from: '203.0.113.9' }))
    assert.equal(warning.code, 'another-source')
    assert.match(warning.message, /came from an address \(203\.0\.113\.9\) other than.*a NAT rewrites/)
    // Lost for another reason, it is no NAT.
    assert.ok(!codes(lost()).includes('another-source'))
    assert.doesNotMatch(JSON.stringify(find(lost())), /NAT/)
  })

  it('know what Linux charges for a datagram', () => {
    const held = [1024, 9216, 65_507].map(bytes => Math.floor(212_992 / linuxTruesize(bytes)))
    assert.deepEqual(held, [92, 12, 3])
  })

  it('are one of a kind, however many cases they concern', () => {
    const found = codes(chunkSweep(() => 0.3))
    assert.deepEqual(found, ['refused-emsgsize', 'loss-receive-buffer'])
  })

  it('tell loss elsewhere from loss that nobody explains', () => {
    const lossy = (loss_cause: TrialRecord['loss_cause']) =>
      rounds(6, () => datagrams(1e9, 80, { loss_cause }))
    assert.equal(only(lossy('elsewhere')).code, 'loss-elsewhere')
    assert.doesNotMatch(only(lossy('elsewhere')).remedy, /rcvbuf/)
    assert.equal(only(lossy(undefined)).code, 'loss')
  })

  it('compare a buffer with what was asked, knowing that Linux doubles it', () => {
    const asked = (rcvbuf_bytes: number, os = 'linux') =>
      codes(rounds(6, () => datagrams(1e9, 0, { rcvbuf_asked_bytes: 4_194_304, rcvbuf_bytes, os })))
    assert.deepEqual(asked(8_388_608), [])
    assert.deepEqual(asked(425_984), ['rcvbuf-not-honoured'])
    assert.deepEqual(asked(4_194_304, 'darwin'), [])
    assert.deepEqual(asked(786_896, 'darwin'), ['rcvbuf-not-honoured'])
    const snd = only(
      rounds(6, () => datagrams(1e9, 0, { sndbuf_asked_bytes: 1_000_000, sndbuf_bytes: 425_984 })),
    )
    assert.equal(snd.remedy, 'sudo sysctl -w net.core.wmem_max=1000000')
    assert.match(snd.message, /1,000,000 B was requested, and the system gave 212,992 B/)
  })

  it('say that a paced sender stood still, where its burst may explain a loss, and not where it cannot', () => {
    const paced = (lost: number, over: Partial<TrialRecord>) =>
      codes(
        rounds(6, () =>
          datagrams(1e9, lost, {
            loss_cause: 'receive buffer',
            pace_lateness_ms: 38,
            pace_burst: 90,
            ...over,
          }),
        ),
      ).includes('pacer-stalled')
    assert.equal(paced(30, {}), true)
    assert.equal(paced(0, { loss_cause: undefined }), false)
    assert.equal(paced(30, { pace_lateness_ms: 2 }), false)
    assert.equal(paced(30, { pace_burst: 3 }), false)
    assert.equal(paced(30, { rcvbuf_bytes: 8 << 20 }), false, 'it holds 3,640 of them')
    assert.equal(paced(30, { rcvbuf_bytes: 8 << 20, pace_burst: 3000 }), true)
    assert.equal(paced(30, { loss_cause: 'elsewhere' }), false)
    assert.equal(paced(30, { pace_lateness_ms: undefined, pace_burst: undefined }), false)
  })

  it('advise a sender that stood still what is not given, and name who took its CPU', () => {
    const apart = { sender_cpu_at_end: 0, receiver_cpu_at_end: 1, total_ms: 80 }
    const stalled = { loss_cause: 'receive buffer', pace_lateness_ms: 38, pace_burst: 90, ...apart } as const
    const remedyFor = (over: Partial<TrialRecord>) =>
      find(rounds(6, () => datagrams(1e9, 30, { ...stalled, ...over }))).find(
        each => each.code === 'pacer-stalled',
      )?.remedy
    assert.match(remedyFor({}) ?? '', /^nothing else running at the sender, or --pin; /)
    assert.match(remedyFor({ pinned_cpus: '0,1' }) ?? '', /^nothing else running at the sender; /)
    assert.match(
      remedyFor({ sender_involuntary_switches: 15 }) ?? '',
      /^another program took the sender’s CPU up to 15 times a trial: stop it and run again; a lower --rate/,
    )
    assert.match(remedyFor({ sender_load: 10.1 }) ?? '', /^the load average was 10\.1 /)
    assert.match(remedyFor({ sender_steal_ratio: 0.2 }) ?? '', /^other guests of the hardware /)
    // Seldom, or by the receiver on the same CPU.
    assert.match(
      remedyFor({ sender_involuntary_switches: 15, total_ms: 2000 }) ?? '',
      /^nothing else running/,
    )
    assert.match(
      remedyFor({ sender_involuntary_switches: 15, receiver_cpu_at_end: 0 }) ?? '',
      /^nothing else running/,
    )
  })

  it('say that nobody looked, where nobody did', () => {
    const seen = (error_code: string | undefined) =>
      codes(rounds(6, () => datagrams(1e9, 0, { outcome: 'incomplete', error_code }))).includes('unverified')
    assert.equal(seen('UNVERIFIED'), true)
    assert.equal(seen('END_LOST'), false)
    assert.equal(seen(undefined), false)
  })

  it('say what keeps gso from its work: the path MTU, with the headers of the IP that is spoken', () => {
    const idle = (ip_family: 4 | 6, chunk_bytes: number) =>
      only(
        rounds(6, () =>
          datagrams(1e9, 0, {
            offload_asked: 'gso',
            path_mtu_bytes: 1500,
            ip_family,
            chunk_bytes,
            datagram_bytes: chunk_bytes,
          }),
        ),
      )
    assert.equal(idle(4, 1460).code, 'offload-idle')
    assert.equal(idle(4, 1460).remedy, 'leave out gso: these figures are for one datagram a send')
    for (const tooLong of [idle(6, 1460), idle(4, 1480)])
      assert.match(tooLong.remedy, /^--chunk 1472 or less \(1452 over IPv6\), or leave out gso$/)
  })

  it('say when the rounds tell little', () => {
    assert.deepEqual(codes(rounds(5, () => stream(1e9))), ['few-rounds'])
    assert.deepEqual(codes(rounds(6, () => stream(1e9))), [])
    const some = only([
      ...rounds(5, () => stream(1e9)),
      ...rounds(2, () => ({ ...stream(1e9), size_bytes: 1 })),
    ])
    assert.equal(some.message, 'both cases: 2 to 5 rounds give no 95 % interval')
    const alone = rounds(1, () => ({ ...stream(1e9), fleet_alone: true }))
    assert.deepEqual(
      codes([...rounds(6, () => stream(1e9)), ...alone]),
      [],
      'a sample of pairs, which are told of together',
    )
    assert.deepEqual(codes(rounds(2, () => record({ direction: 'send' }))), [], 'no goodput, no interval')
    assert.deepEqual(codes(rounds(2, () => refused())), ['refused-emsgsize'])
    assert.deepEqual(codes(rounds(20, round => stream(1e9 * (1 + (round % 7) / 3)))), ['wide-interval'])
    // Two processes that differ have no 95 % interval between them, but lie apart.
    const apart = only(
      rounds(20, (round, noise) => {
        const process = 1 + (round % 2)
        return stream(1e9 * process * (1 + (noise - 1) / 10), { process })
      }),
    )
    assert.equal(apart.code, 'wide-interval')
    assert.match(
      apart.message,
      /: the range of the processes, too few for an interval, is 6\d\.\d % of the median wide$/,
    )
    assert.equal(apart.remedy, 'processes differ more than trials: --processes 4 or more')
    const drift = find(rounds(20, (round, noise) => stream((round > 10 ? 1.5e9 : 2e9) * noise)))
    assert.deepEqual(
      drift.map(each => each.code),
      ['wide-interval', 'drift'],
    )
    assert.match(drift[1]?.message ?? '', /fell by 2\d\.\d % from the first half/)
  })

  it('say when the rate or the clocks are not what they should be', () => {
    const paced = (achieved: number, size_bytes = 819_200) =>
      codes(rounds(6, () => datagrams(1e8, 0, { size_bytes, rate_bps: 1e8, rate_achieved_bps: achieved })))
    assert.deepEqual(paced(1.019e8), [])
    assert.deepEqual(paced(0.97e8), ['rate-missed'])
    assert.deepEqual(paced(1.5e8, 10_240), [], 'too few datagrams to pace')
    const missed = (over: Partial<TrialRecord>) =>
      only(rounds(6, () => datagrams(1e8, 0, { rate_bps: 1e8, rate_achieved_bps: 0.63e8, ...over }))).remedy
    assert.equal(missed({}), 'a lower --rate, or a larger --chunk')
    assert.match(
      missed({ sender_load: 8.1 }),
      /^the load average was 8\.1 on 2 CPUs.*: stop them and run again; else a lower --rate/,
    )
    const full = { total_ms: 1000, sender_load: 8.1 }
    assert.equal(
      missed({ ...full, sends_waited: 280 }),
      'the send buffer was full up to 280 times a trial, since the interface, or a queue before it, takes no more: a lower --rate',
    )
    assert.match(missed({ ...full, sends_waited: 9 }), /^the load average was/)
    assert.deepEqual(codes(rounds(6, () => stream(1e9, { clock_error_ms: 1 }))), ['clock-error'])
  })

  it('say that a rate is too low for the time-out, and only where it is', () => {
    const timedOut = (over: Partial<TrialRecord>, ...phases: readonly TrialRecord['error_phase'][]) =>
      only(
        ['transfer' as const, ...phases].map(error_phase =>
          record({
            ...{ transport: 'udp-header', outcome: 'timed-out', error_code: 'TIMEOUT', error_phase },
            ...{ size_bytes: 8192, chunk_bytes: 1024, total_ms: 2009, ...over },
          }),
        ),
      ).remedy
    assert.equal(
      timedOut({ rate_bps: 1 }),
      'at 1.00 bit/s the payload takes 19 h: a longer --timeout, a higher --rate, or a smaller --size',
    )
    const other = 'a longer --timeout, or check that the other end is there'
    assert.equal(timedOut({ rate_bps: 1e6 }), other)
    assert.equal(timedOut({}), other)
    assert.equal(timedOut({ rate_bps: 1, total_ms: undefined }), other)
    // The kernel paces a stream.
    const paced = { transport: 'tcp', size_bytes: 1e6, max_pacing_asked_bps: 1e6 }
    assert.equal(
      timedOut(paced),
      'at 1.00 Mbit/s the payload takes 8 s: a longer --timeout, a higher --max-pacing, or a smaller --size',
    )
    assert.equal(timedOut({ ...paced, max_pacing_bps: 8e6 }), other)
    assert.match(timedOut({ ...paced, error_phase: 'ack' }), /a higher --max-pacing/)
    assert.doesNotMatch(timedOut({ rate_bps: 1, error_phase: 'ack' }), /a higher --rate/)
    // One that never began says nothing of the rate.
    assert.match(timedOut({ rate_bps: 1 }, 'prepare'), /a higher --rate/)
  })

  it('say that a firewall rejects the data where bench has started the receiver', () => {
    const refused = (over: Partial<TrialRecord>) =>
      only([record({ outcome: 'failed', error_code: 'ECONNREFUSED', error_message: 'no', ...over })]).remedy
    for (const direction of ['forward', 'reverse', 'bidir-forward', 'third-party'] as const)
      assert.match(
        refused({ direction }),
        /^the receiver was listening, so a firewall rejects the data: open/,
      )
    assert.match(refused({ direction: 'local' }), /so a firewall on this host rejects the data: allow it/)
    assert.equal(refused({ direction: 'send' }), 'start the receiver there, or check the port')
    const unreachable = { error_code: 'EHOSTUNREACH' } as const
    assert.match(
      refused({ ...unreachable, direction: 'forward' }),
      /so a firewall rejects the data, or a route/,
    )
    assert.match(refused({ ...unreachable, direction: 'send' }), /^the sender has no route to that address/)
  })
})
