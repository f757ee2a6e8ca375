/** Findings: how rows, files and refusals become them, and how they are shown. */

import assert from 'node:assert/strict'
import { describe } from 'node:test'
import stringWidth from 'string-width'
import { diagnose } from '../../../bench/doctor/diagnosis.ts'
import { refusal } from '../../../bench/doctor/refusal.ts'
import { renderSections } from '../../../bench/doctor/render.ts'
import { type Finding, findingSchema, good, look, plain } from '../../../bench/fleet/calls/finding.ts'
import { examineBuffers } from '../../../bench/fleet/facts/buffers.ts'
import { foldersOf, quotaOf } from '../../../bench/fleet/facts/cgroup.ts'
import { examineDatagrams } from '../../../bench/fleet/facts/datagrams.ts'
import { examineStack } from '../../../bench/fleet/facts/stack.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { BUILT_IN } from '../../../transports/catalog.ts'
import type { Sockets } from '../../../transports/contract/sockets.ts'
import { limited } from '../../../transports/engines/limited.ts'
import { nodeSockets } from '../../../transports/engines/node/node.ts'
import { test } from '../../support/patient.ts'
import { record as row } from '../../support/results-samples.ts'

const ENDS = { name: 'far', ours: '192.0.2.1', theirs: '192.0.2.2' }

describe('diagnose', () => {
  test('data of UDP that come from another address are no firewall’s doing', () => {
    const values = { datagrams_stray: 502, datagrams_stray_from: '203.0.113.9' }
    const [, finding] = diagnose('forward', [tcp(), udp(64, 500, 0, values)], ENDS, BUILT_IN)
    assert.equal(finding?.state, 'bad')
    assert.match(finding.finding, /came from 203\.0\.113\.9, not from .*NAT/)
    assert.doesNotMatch(finding.finding, /firewall/)
    const [, blocked] = diagnose('forward', [tcp(), udp(64, 500, 0)], ENDS, BUILT_IN)
    assert.doesNotMatch(JSON.stringify(blocked), /NAT/)
  })

  const tcp = (over: Partial<TrialRecord> = {}) => row({ transport: 'tcp', size_bytes: 262_144, ...over })
  const udp = (chunk: number, offered: number, delivered: number, over: Partial<TrialRecord> = {}) =>
    row({
      transport: 'udp-marker',
      chunk_bytes: chunk,
      datagrams_offered: offered,
      ...{ datagrams_accepted: offered, datagrams_lost: offered - delivered, direction: 'forward' },
      datagrams_delivered: delivered,
      ...over,
    })
  const states = (findings: readonly Finding[]) => findings.map(each => each.state)

  test('everything came', () => {
    const findings = diagnose('forward', [tcp(), udp(64, 500, 500), udp(8000, 4, 4)], ENDS, BUILT_IN)
    assert.deepEqual(states(findings), ['good', 'good'])
  })

  test('nothing came, and the system says why', () => {
    const failed = { outcome: 'failed', error_code: 'EPERM', error_message: 'sendmmsg: EPERM' } as const
    const [, finding] = diagnose('forward', [tcp(), udp(64, 500, 0, failed)], ENDS, BUILT_IN)
    assert.equal(finding?.state, 'bad')
    assert.match(finding?.finding ?? '', /nothing arrived, sendmmsg: EPERM/)
    assert.equal(finding?.remedy, 'let UDP to 192.0.2.2 out through the firewall of this host')
  })

  test('what is lost has the cause and the remedy that a run would give', () => {
    const of = (...rows: readonly TrialRecord[]) => diagnose('forward', [tcp(), ...rows], ENDS, BUILT_IN)[1]
    const fragments = of(udp(64, 500, 500), udp(8000, 8, 0, { lost_elsewhere: 8 }))
    assert.match(fragments?.finding ?? '', /0 of 8 of 8,000 B: .*every fragmented datagram is lost/)
    assert.match(fragments?.remedy ?? '', /^--chunk 1472 or less/)
    const queue = of(udp(64, 500, 400, { lost_send_queue: 100 }), udp(8000, 8, 8))
    assert.match(queue?.finding ?? '', /in the send queue of the sender’s host/)
    assert.doesNotMatch(queue?.remedy ?? '', /--chunk|--rcvbuf/)
    const buffer = of(udp(64, 500, 400, { lost_receive_buffer: 100 }), udp(8000, 8, 8))
    assert.match(buffer?.remedy ?? '', /--rcvbuf 4m/)
  })

  test('nothing came because nothing left: the queue, and no firewall', () => {
    const queued = [
      udp(64, 500, 0, { lost_send_queue: 500 }),
      udp(8000, 8, 0, { lost_send_queue: 8 }),
    ] as const
    const [, finding] = diagnose('forward', [tcp(), ...queued], ENDS, BUILT_IN)
    assert.equal(finding?.state, 'bad')
    assert.match(finding.finding, /0 of 500 of 64 B; .*in the send queue of the sender’s host/)
    assert.doesNotMatch(JSON.stringify(finding), /firewall/)
    const elsewhere = queued.map(({ datagrams_lost: lost, ...each }) =>
      row({ ...each, datagrams_lost: lost, lost_send_queue: 0, lost_elsewhere: lost }),
    )
    const [, blocked] = diagnose('forward', [tcp(), ...elsewhere], ENDS, BUILT_IN)
    assert.match(blocked?.finding ?? '', /a firewall drops UDP/)
  })

  test('what the other host does not allow is unknown, and neither good nor bad', () => {
    const denied = { outcome: 'failed', error_code: 'LIMIT', error_message: 'too much (--max-rate)' } as const
    assert.deepEqual(states(diagnose('reverse', [tcp(denied), udp(64, 500, 0, denied)], ENDS, BUILT_IN)), [
      'unknown',
      'unknown',
    ])
  })

  test('no rows: not tried', () => {
    assert.deepEqual(states(diagnose('reverse', [], ENDS, BUILT_IN)), ['unknown', 'unknown'])
  })

  test('a row whose message is from another host puts nothing on the terminal', () => {
    const failed = { outcome: 'failed', error_code: 'E', error_message: 'a\u001b[2Jb' } as const
    for (const finding of diagnose('forward', [tcp(failed)], ENDS, BUILT_IN))
      assert.ok(findingSchema.safeParse(finding).success, JSON.stringify(finding))
  })
})

describe('files of the system', () => {
  test('control groups: version 2, version 1, and the folders above', () => {
    assert.deepEqual(foldersOf('0::/a/b\n').map(slashless), [
      '/sys/fs/cgroup/a/b',
      '/sys/fs/cgroup/a',
      '/sys/fs/cgroup',
    ])
    assert.deepEqual(foldersOf('4:cpu,cpuacct:/x\n3:memory:/x').map(slashless), [
      '/sys/fs/cgroup/cpu,cpuacct/x',
      '/sys/fs/cgroup/cpu,cpuacct',
    ])
    assert.deepEqual(foldersOf(''), [])
  })

  test('quotas', () => {
    assert.equal(quotaOf('150000 100000'), 1.5)
    assert.equal(quotaOf('max 100000'), undefined)
    assert.equal(quotaOf('-1 100000'), undefined)
  })
})

describe('sockets', () => {
  test('a small ceiling: what was given, and how to raise it', async () => {
    const small: Sockets = {
      ...nodeSockets,
      async bindDatagram(request) {
        const socket = await nodeSockets.bindDatagram(request)
        return Object.defineProperty(socket, 'state', {
          value: { rcvbufBytes: 425_984, sndbufBytes: 425_984 },
        })
      },
    }
    for (const { state, finding, remedy } of (await examineBuffers(small)).slice(0, 2)) {
      assert.equal(state, 'notice')
      assert.match(finding, /^425,984 B by default; 425,984 B when 4 MiB are requested/)
      if (process.platform === 'linux')
        assert.match(remedy ?? '', /^sudo sysctl -w net\.core\.[rw]mem_max=4194304/)
    }
  })

  test('a system that takes short datagrams only: its limit, to the byte', async () => {
    const [ofIPv4] = await examineDatagrams(limited(nodeSockets, 9216))
    assert.equal(ofIPv4?.state, 'notice')
    assert.match(ofIPv4?.finding ?? '', /^9,216 B is the largest accepted \(9,217 B: EMSGSIZE\)$/)
    assert.match(ofIPv4?.remedy ?? '', /--chunk 9216 or less/)
  })

  test('an engine that cannot be asked leaves nothing bad', async () => {
    for (const { state } of await examineStack(nodeSockets))
      assert.ok(state === 'good' || state === 'unknown')
  })
})

describe('finding', () => {
  test('what throws is unknown, on one line and not too long', async () => {
    const finding = await look('x', () => {
      throw new Error(`a\n\u001b${'b'.repeat(2000)}`)
    })
    assert.equal(finding.state, 'unknown')
    assert.ok(findingSchema.safeParse(finding).success)
  })

  test('a long list is cut', async () => {
    const finding = await look('x', () => good('veth '.repeat(1000)))
    assert.ok(findingSchema.safeParse(finding).success)
    assert.equal(plain('short'), 'short')
  })

  for (const text of ['\u001b[2J', 'a\nb', '\u009b'])
    test(`${JSON.stringify(text)} of another host is refused`, () => {
      assert.ok(!findingSchema.safeParse({ subject: 'x', state: 'good', finding: text }).success)
    })
})

describe('refusal', () => {
  test('each has a remedy; a server that is busy is there', () => {
    const server = { token: undefined, tls: undefined }
    for (const code of ['DENIED', 'CLOSING', 'CLOSED', 'ECONNRESET']) {
      const { state, remedy } = refusal(server, { code, finding: 'm', remedy: undefined })
      assert.deepEqual([state, remedy !== undefined], ['bad', true], code)
    }
    assert.equal(refusal(server, { code: 'BUSY', finding: 'm', remedy: undefined }).state, 'notice')
    assert.match(
      refusal(server, { code: 'CLOSED', finding: 'm', remedy: undefined }).remedy ?? '',
      /^give --tls/,
    )
    assert.equal(refusal(server, { code: 'CLOSED', finding: 'm', remedy: 'its own' }).remedy, 'its own')
  })
})

describe('renderSections', () => {
  const findings: Finding[] = [
    { subject: 'one', state: 'good', finding: 'works' },
    { subject: 'two', state: 'bad', finding: 'words '.repeat(30).trim(), remedy: 'do this and that' },
  ]
  const sections = [{ about: 'this host', host: 'h', findings }]

  for (const width of [20, 45, 80, 200])
    test(`${width} columns`, () => {
      const text = renderSections(sections, { width, color: false })
      for (const line of text.split('\n')) assert.ok(stringWidth(line) <= width, line)
      assert.match(text, /→ do this/)
      assert.match(text, /1 bad, 1 good\n$/)
    })

  test('colours', () => {
    assert.ok(renderSections(sections, { width: 80, color: true }).includes('\u001b[31mbad'))
  })
})

function slashless(path: string): string {
  return path.replace(/\/$/, '')
}
