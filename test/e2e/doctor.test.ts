/** `bench doctor`: of this host, of another one, and of what a router between them does to data. */
import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { after, before, describe, type TestContext } from 'node:test'
import * as z from 'zod'
import { type Finding, findingSchema } from '../../bench/fleet/calls/finding.ts'
import { obstacleToNative } from '../../transports/engines/native/systems.ts'
import { Lab, withoutLab, withoutNat } from '../support/lab.ts'
import { onceInThree } from '../support/once-in-three.ts'
import { test } from '../support/patient.ts'
import { assertOneLine, bench, folder } from './cli.ts'
import { PORT, type Server, startServer, TOKEN } from './two-hosts.ts'

const told = z.object({
  bench_version: z.string(),
  sections: z.array(
    z.object({ about: z.string(), host: z.string(), findings: z.array(findingSchema.readonly()) }),
  ),
})
type Told = z.infer<typeof told>

describe('bench doctor of this host', { concurrency: 2 }, () => {
  test('tells what it measured, in JSON', async context => {
    const { code, stdout, stderr } = await bench(['doctor', '--format', 'json'], { cwd: folder(context) })
    assert.deepEqual([code, stderr], [0, ''])
    const { sections } = told.parse(JSON.parse(stdout))
    assert.deepEqual(
      sections.map(each => each.about),
      ['this host'],
    )
    const findings = sections[0]?.findings ?? []
    for (const each of findings)
      assert.ok(each.state === 'good' || each.state === 'unknown' || each.remedy, JSON.stringify(each))
    assert.match(found(findings, 'Node').finding, new RegExp(`^${process.versions.node} `))
    if (process.platform === 'linux')
      assert.match(found(findings, 'datagram, IPv4').finding, /^65,507 B .* \(65,508 B: EMSGSIZE\)$/)
    if (obstacleToNative() === undefined) {
      const { state, finding } = found(findings, 'engine native')
      assert.deepEqual([state, finding], ['good', 'works through koffi'])
    }
  })

  for (const width of [20, 100]) {
    test(`fits a terminal of ${width} columns, without colours`, async context => {
      const env = { COLUMNS: `${width}`, NO_COLOR: '1', FORCE_COLOR: '1' }
      const { code, stdout } = await bench(['doctor'], { cwd: folder(context), env })
      assert.equal(code, 0)
      assert.ok(!stdout.includes('\u001b'), stdout)
      for (const line of stdout.split('\n')) assert.ok(line.length <= width, `${line.length}: ${line}`)
      assert.match(stdout, /\d+ good/)
    })
  }

  for (const [words, part] of [
    [['--quick'], '--quick is for another host'],
    [['--tls'], '--tls is for another host'],
    [['-6', '192.0.2.1'], '192.0.2.1 is an IPv4 address'],
    [['host:99999'], 'not a target'],
    [['--quik', 'localhost'], 'did you mean --quick?'],
    [['--format', 'xml'], '--format'],
  ] as const) {
    test(`${words.join(' ')}: a line that says what is wrong`, async context => {
      const ended = await bench(['doctor', ...words], { cwd: folder(context) })
      assert.equal(ended.code, 2)
      assertOneLine(ended, part)
    })
  }
})

describe('bench doctor of a server beside it', () => {
  let server: Server | undefined
  before(async () => {
    server = await startServer({
      cwd: tmpdir(),
      listen: '127.0.0.1:0',
      words: ['--max-sessions', '1', '--max-rate', '1G'],
    })
  })
  after(() => server?.[Symbol.asyncDispose]())
  const quick = (context: TestContext, token?: string) =>
    examined(context, ['--quick', `127.0.0.1:${server?.port}`], { token })

  test('finds both hosts and the way between them; what the server does not allow was not tried', async context => {
    const { code, sections, path } = await examined(context, [`localhost:${server?.port}`, '-4'])
    assert.deepEqual(
      [code, sections.map(each => each.about)],
      [0, ['this host', 'the way to', 'other host']],
      JSON.stringify(sections),
    )
    for (const subject of ['name', 'entry', 'versions', 'TCP to there', 'UDP to there', 'UDP to here'])
      assert.equal(found(path, subject).state, 'good', JSON.stringify(path))
    assert.match(
      found(path, 'UDP to there').finding,
      /^1,000 of 1,000 of 64 B; 44 of 44 of 1,472 B; 8 of 8 of 8,000 B$/,
    )
    assert.match(found(path, 'TCP to here').finding, /^not tried: .*--max-rate/)
    assert.match(found(sections.at(-1)?.findings ?? [], 'limits').finding, /1 session at once/)
  })

  test('--quick only sees whether it lets us in', async context => {
    const { code, sections } = await quick(context)
    assert.deepEqual([code, sections.map(each => each.about)], [0, ['the way to']])
  })

  for (const [what, token, remedy] of [
    ['without the token', '', /^give the token/],
    ['with another one', 'another token than theirs', /same|started with/],
  ] as const) {
    test(`${what} it is not let in`, async context => {
      const { code, path } = await quick(context, token)
      assert.equal(code, 1)
      assert.equal(found(path, 'control port').state, 'good')
      assert.equal(found(path, 'entry').state, 'bad')
      assert.match(found(path, 'entry').remedy ?? '', remedy)
    })
  }

  test('--tls, where it speaks none', async context => {
    const { code, path } = await examined(context, ['--quick', '--tls', `127.0.0.1:${server?.port}`])
    assert.equal(code, 1)
    assert.match(found(path, 'entry').remedy ?? '', /^leave --tls out/)
  })

  test('where nothing listens it says how to start it', async context => {
    const { code, path } = await examined(context, ['--quick', '127.0.0.1:9'])
    assert.equal(code, 1)
    assert.match(found(path, 'control port').finding, /nothing listens there/)
    const { remedy = '' } = found(path, 'control port')
    assert.match(remedy, /bench serve --listen 0\.0\.0\.0:9/)
    const run = await bench(['run', '--host', '127.0.0.1:9'], { cwd: folder(context) })
    assert.equal(run.stderr, `bench: 127.0.0.1, port 9: nothing listens there; ${remedy}\n`)
  })

  test('a name that nobody has', async context => {
    const { code, path } = await examined(context, ['--quick', 'nobody.invalid'])
    assert.equal(code, 1)
    assert.deepEqual(
      path.map(each => [each.subject, each.state]),
      [['name', 'bad']],
    )
  })
})

const SKIP = withoutLab() || withoutNat()

describe('bench doctor through a router', { skip: SKIP }, () => {
  let lab: Lab | undefined
  let server: Server | undefined
  before(async () => {
    if (SKIP) return
    lab = new Lab()
    server = await startServer({ cwd: tmpdir(), at: lab.words('b'), words: ['--udp-ports', '6000-6099'] })
  })
  after(async () => {
    await server?.[Symbol.asyncDispose]()
    lab?.[Symbol.dispose]()
  })

  /** @param rules of nft, at the router */
  async function through(context: TestContext, rules: readonly string[], host = '10.77.2.2') {
    assert(lab)
    const chain = 'add chain inet doctor between { type filter hook forward priority 0 ; }'
    const words = [
      'add table inet doctor',
      chain,
      ...rules.map(rule => `add rule inet doctor between ${rule}`),
    ]
    for (const each of words) lab.run('router', 'nft', ...each.split(' '))
    try {
      return await examined(context, [host], { at: lab.words('a') })
    } finally {
      lab.run('router', 'nft', 'delete', 'table', 'inet', 'doctor')
    }
  }

  test('an open one, over IPv6: everything gets through', context =>
    onceInThree(async () => {
      const { code, path, sections } = await through(context, [], 'fd77:2::2')
      assert.equal(code, 0, JSON.stringify(sections))
      for (const way of ['TCP to there', 'UDP to there', 'TCP to here', 'UDP to here'])
        assert.equal(found(path, way).state, 'good', JSON.stringify(path))
      const limits = found(sections.at(-1)?.findings ?? [], 'limits').finding
      assert.match(limits, /data at ports 6000 to 6099/)
    }))

  test('no UDP to there, no fragments to here: a blocked port and a path of short datagrams', context =>
    onceInThree(async () => {
      const { code, path } = await through(context, [
        'ip daddr 10.77.2.2 meta l4proto udp drop',
        'ip daddr 10.77.1.2 ip frag-off & 0x1fff != 0 drop',
      ])
      assert.equal(code, 1)
      for (const way of ['TCP to there', 'TCP to here'])
        assert.equal(found(path, way).state, 'good', JSON.stringify(path))
      const blocked = found(path, 'UDP to there')
      assert.equal(blocked.state, 'bad')
      assert.match(blocked.finding, /^0 of 1,000 of 64 B; .* a firewall drops UDP$/)
      assert.match(blocked.remedy ?? '', /--udp-ports 6000-6099.* UDP and TCP from 10\.77\.1\.2 /)
      const short = found(path, 'UDP to here')
      assert.equal(short.state, 'notice')
      assert.match(short.finding, /0 of 8 of 8,000 B: .*every fragmented datagram is lost/)
      assert.match(short.remedy ?? '', /^--chunk 1472 /)
    }))

  test('some lost to there, no UDP to here: loss is no blocked port, and this host’s firewall is meant', context =>
    onceInThree(async () => {
      const { code, path } = await through(context, [
        'ip daddr 10.77.2.2 meta l4proto udp numgen inc mod 5 == 0 drop',
        'ip daddr 10.77.1.2 meta l4proto udp drop',
      ])
      assert.equal(code, 1)
      // Every fifth packet: of each datagram of 8,000 B a fragment, which is no path without fragments.
      assert.equal(found(path, 'UDP to there').state, 'notice')
      assert.match(
        found(path, 'UDP to there').finding,
        /% of the datagrams lost on the path, in no queue of either end(;|$)/,
      )
      assert.equal(found(path, 'UDP to here').state, 'bad')
      assert.match(found(path, 'UDP to here').remedy ?? '', /^let UDP from 10\.77\.2\.2 in/)
    }))

  test('one that lets only the control port through: neither TCP nor UDP', context =>
    onceInThree(async () => {
      const { code, path } = await through(context, [
        `tcp dport ${PORT} accept`,
        `tcp sport ${PORT} accept`,
        'meta l4proto udp drop',
        'meta l4proto tcp reject with tcp reset',
      ])
      assert.equal(code, 1)
      for (const way of ['TCP to there', 'UDP to there', 'TCP to here', 'UDP to here'])
        assert.equal(found(path, way).state, 'bad', JSON.stringify(path))
      assert.match(found(path, 'TCP to there').finding, /ECONNREFUSED/)
      assert.match(found(path, 'UDP to there').finding, /and TCP does not get through either$/)
    }))
})

interface Examined extends Told {
  readonly code: number | null
  /** Findings about the way to the other host. */
  readonly path: readonly Finding[]
}

async function examined(
  context: TestContext,
  words: readonly string[],
  { token = TOKEN, at = [] }: { token?: string | undefined; at?: readonly string[] } = {},
): Promise<Examined> {
  const env = { BENCH_TOKEN: token }
  const command = ['doctor', ...words, '--format', 'json']
  const { code, stdout, stderr } = await bench(command, { cwd: folder(context), at, env })
  assert.equal(stderr, '')
  const said = told.parse(JSON.parse(stdout))
  const path = said.sections.find(each => each.about === 'the way to')?.findings ?? []
  return { ...said, code, path }
}

function found(findings: readonly Finding[], subject: string): Finding {
  const finding = findings.find(each => each.subject === subject)
  assert.ok(finding, `${subject} in ${JSON.stringify(findings)}`)
  return finding
}
