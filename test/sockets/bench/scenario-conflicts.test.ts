/** Keys of a scenario file that cannot be combined: each a line with its place, in the words of the file; with a flag, in those of flags. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { after } from 'node:test'
import { UsageError } from '../../../base/errors.ts'
import { dispatch } from '../../../bench/cli/dispatch.ts'
import type { Terminal } from '../../../bench/cli/terminal.ts'
import { runScenario } from '../../../bench/index.ts'
import { test } from '../../support/patient.ts'

const folder = mkdtempSync(join(tmpdir(), 'bench-conflicts-'))
after(() => rmSync(folder, { recursive: true }))

const TERMINAL: Terminal = {
  ...{ out: () => {}, data: () => {}, err: () => {}, errStream: new PassThrough() },
  ...{ argv: [], width: 100, color: false, live: false },
}

/** The lines that a command says about this file, without its name. */
async function saidOf(
  file: string,
  words: readonly string[] = [],
  command = 'run',
): Promise<readonly string[]> {
  const path = join(folder, 'mine.yaml')
  writeFileSync(path, file)
  const all = [command, path, '--out', join(folder, 'rows.csv'), ...words]
  const error: unknown = await dispatch(all, TERMINAL, new AbortController().signal).then(
    code => assert.fail(`ended with ${code}`),
    thrown => thrown,
  )
  // The command ends with 2.
  assert(error instanceof UsageError, String(error))
  return error.message.split('\n').map(line => line.replace(`${path}:`, ''))
}

const ONE: readonly (readonly [file: string, line: string | RegExp])[] = [
  ['size: 1\nto: b', '2:1: from and to belong together; give both, or host for one other host'],
  ['size: 1\nhost: b\npin: 0,1', '3:1: pin needs both agents on this host; leave it out'],
  ['size: 1\nfrom: a\nto: b\npin: 0,1', '4:1: pin needs both agents on this host; leave it out'],
  ['size: 1\nkeep: k\nhost: b', '2:1: keep saves what arrives on this host; with host, add reverse: true'],
  ['size: 1\nreverse: true', '2:1: reverse is for another host; name it with host'],
  [
    'size: 1\ntransport: tcp\ntarget: 127.0.0.1:9\ndrain: 5ms',
    '4:1: drain needs our own receiver and cannot be combined with target; leave one out',
  ],
  [
    'size: 1\ntransport: [tcp, udp-header]\ntarget: 127.0.0.1:9',
    '3:1: target takes one transport, since a port speaks one wire format; choose with transport (now tcp, udp-header)',
  ],
  [
    'size: 1\nip: 6\nbind: 127.0.0.1',
    '3:1: bind: 127.0.0.1 is an IPv4 address, but data go by IPv6; give an IPv6 address, or ip: 4',
  ],
  [
    'size: 1\nfrom: a\nto: b\nbind: 127.0.0.1',
    '4:1: bind is for an end on this host, but both are on others; leave it out, and give it to bench serve there',
  ],
  [
    'size: 1\nhost: b\nvariants:\n  - label: a\n  - label: b\n    bind: 127.0.0.1',
    '6:5: a run with another host can only have one bind and one interface; measure the others in separate runs',
  ],
  [
    'variants:\n  - label: a\n    size: 1\n  - label: b\n    file: x\n    verify: index',
    /^6:5: verify: index: only generated data has chunk indexes, .*; leave file out, or choose full or none$/,
  ],
  [
    'size: 1\ntransport: tcp\nrate: 5M',
    '3:1: rate is for UDP, but no transport here uses it; leave it out, or add one with transport (the kernel paces TCP with max-pacing)',
  ],
  ['size: 1\ntransport: udp-marker\nnodelay: false', /^3:1: nodelay: false is for TCP, but no transport/],
  [
    'variants:\n  - label: a\n    size: 2G\n    transport: [tcp, udp-datagram]',
    /^3:5: udp-datagram sends the payload in one piece: .* is over its limit of .*; choose a smaller size or another transport$/,
  ],
  [
    `size: [${Array.from({ length: 102 }, (_, at) => at + 1)}]\nchunk: [${Array.from({ length: 99 }, (_, at) => at + 1)}]\ntransport: tcp`,
    '1:1: 10,098 cases (sizes or files x chunks x transports) are more than the limit of 10,000; give fewer of size, chunk or transport, or several scenarios',
  ],
  [
    'size: 1\nworkload: "transfer,wait=1s"',
    '2:1: workload: transfer,wait=1s over tcp: it has no parameters, such as wait',
  ],
]

for (const [file, line] of ONE)
  test(`a file with ${JSON.stringify(file)}`, async () => {
    const lines = await saidOf(file)
    if (typeof line === 'string') assert.deepEqual(lines, [line])
    else assert.match(lines.join('\n'), line)
  })

test('all at once, among the other mistakes and in the order of the file', async () => {
  const lines = await saidOf(
    'from: a\nsize: 0\npin: 0,1\nkeep: k\ntransport: tcp\nmax-datagram: 9k\nverify: al\n',
  )
  assert.deepEqual(
    lines.map(line => line.replace(/[;"].*/, '').trim()),
    [
      '1:1: from and to belong together',
      '2:7: size: too small:',
      '6:1: max-datagram is for UDP, but no transport here uses it',
      '7:9: verify:',
    ],
  )
})

test('what this machine cannot do is said with the others, unless a flag has a part in it', async () => {
  const file =
    'size: 1\nengine: node\nzerocopy: true\noffload: gso,gro\npin: 0,9999\nrepeat: x\nvariants:\n  - label: a\n  - label: b\n    batch: 8'
  const lines = await saidOf(file)
  assert.deepEqual(
    lines.map(line => line.replace(/(cannot set it|call for each \w+);.*/, '$1')),
    [
      '3:1: zerocopy: node:net cannot set it',
      '4:1: offload: gso: node:dgram cannot set it',
      lines.find(line => line.startsWith('5:1: pin: ')),
      lines.find(line => line.startsWith('6:9: repeat: ')),
      '10:5: batch: node:net makes a system call for each write',
    ],
  )
  assert.match(lines[0] ?? '', /; the native engine can \(Linux\), or leave it out$/)
  const sockets = 'size: 1\nzerocopy: true\ndf: do'
  const [said, ...others] = await saidOf(sockets, ['--engine', 'node'])
  assert.match(said ?? '', /^--(zerocopy|df): node:\w+ cannot set it; /)
  assert.deepEqual(others, [])
})

test('check and ab say as much at once, and ab of no side', async () => {
  const file = 'size: 1\nrepeat: x\ntransport: tcp\nrate: 5M\nthresholds: nonsense'
  const run = await saidOf(file)
  assert.equal(run.length, 3)
  assert.deepEqual(await saidOf(file, [], 'check'), run)
  assert.deepEqual(await saidOf(file, ['--a=engine=node', '--b='], 'ab'), run)
})

test('a key whose value is wrong is only wrong', async () => {
  assert.equal((await saidOf('size: 1\nfrom: a b\nto: "b:x"\npin: 0,1')).length, 1)
})

test('what a flag completes is no mistake, and what it breaks is said of the flag', async () => {
  const idle = 'size: 1\nreverse: true'
  assert.match(
    (await saidOf(idle, ['--host', 'nohost.invalid'])).join('\n'),
    /cannot find the host "nohost\.invalid"/,
  )
  assert.deepEqual(await saidOf('size: 1\nhost: b', ['--pin', '0,1']), [
    '--pin needs both agents on this host; leave it out',
  ])
  assert.match(
    (await saidOf('size: 1\nfile: x', ['--verify', 'index'])).join('\n'),
    /exclude|cannot be combined/,
  )
  const spare = await saidOf(`${idle}\n`, ['--a=host=nohost.invalid', '--b='], 'ab')
  assert.match(spare.join('\n'), /nohost\.invalid/)
})

test('none switches off the CPUs and the folder of a file', async () => {
  const file = 'size: 1\npin: 0,1\nkeep: k\nhost: nohost.invalid'
  const lines = await saidOf(file, ['--pin', 'none', '--keep', 'none'])
  assert.match(lines.join('\n'), /cannot find the host "nohost\.invalid"/)
  assert.match((await saidOf(file, ['--pin', 'none'])).join('\n'), /^3:1: keep saves what arrives/)
})

test('a file may say none, which is not a folder', async () => {
  const lines = await saidOf('size: 1\npin: none\nkeep: none\nhost: nohost.invalid')
  assert.match(lines.join('\n'), /cannot find the host "nohost\.invalid"/)
})

test('the library says the same of a file, and of a scenario as a value', async () => {
  const path = join(folder, 'library.yaml')
  writeFileSync(path, 'file: x\nverify: index\n')
  const located = /^UsageError: .*library\.yaml:2:1: verify: index: only generated data .* leave file out/
  await assert.rejects(runScenario(path).next(), located)
  await assert.rejects(
    runScenario({ size: 1, transport: 'tcp', rate: '5M' }).next(),
    /^UsageError: scenario: rate is for UDP, but no transport here uses it/,
  )
})
