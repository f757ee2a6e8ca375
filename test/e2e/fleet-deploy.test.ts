/** `bench fleet deploy ssh`: servers on hosts that a real sshd lets in, and nothing of them afterwards. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext } from 'node:test'
import { nkeys } from '@nats-io/transport-node'
import { startScript } from '../../bench/fleet/deploy/host-script.ts'
import { NatsServer, withoutNats } from '../support/nats.ts'
import { test } from '../support/patient.ts'
import { which } from '../support/programs.ts'
import { type SshServerSetting, sshClient, startSshd, withoutSshd } from '../support/sshd.ts'
import { Star } from '../support/star.ts'
import { allGone, assertRefused, bench, folder, runs, startBench } from './cli.ts'
import { readCsv } from './rows.ts'
import { TOKEN } from './two-hosts.ts'

const NAMES = ['a', 'b', 'c', 'd']
const FOLDER = `.bench-serve-${hostname()}-5990`

/** Hosts around a router; the first of them let in by ssh, as many as there are settings. */
async function fleetOf(context: TestContext, hosts: number, settings: readonly SshServerSetting[]) {
  const cwd = mkdtempSync(join(tmpdir(), 'bench-e2e-'))
  const star = new Star(hosts)
  const ssh = sshClient(cwd).join(' ')
  const servers = await Promise.all(
    settings.map((setting, index) => startSshd(cwd, star.address(index + 1), star.words(index + 1), setting)),
  )
  const lines = NAMES.slice(0, hosts).map((name, index) => `  ${name}: ${star.address(index + 1)}`)
  writeFileSync(join(cwd, 'hosts.yaml'), `hosts:\n${lines.join('\n')}\n`)
  const fleet = (words: readonly string[], token = TOKEN) =>
    bench(['fleet', ...words, '--hosts', 'hosts.yaml'], {
      ...{ cwd, at: star.words() },
      env: { BENCH_TOKEN: token },
    })
  const deploy = (...words: readonly string[]) => fleet(['deploy', 'ssh', '--ssh', ssh, ...words])
  const remove = () => fleet(['remove', 'ssh', '--ssh', ssh], '')
  context.after(async () => {
    // The servers of a test that failed outlive those who started them.
    await remove()
    await Promise.all(servers.map(server => server[Symbol.asyncDispose]()))
    star[Symbol.dispose]()
    rmSync(cwd, { recursive: true })
  })
  const homes = servers.map(({ home }) => home)
  const pidOf = (home: string) => Number(readFileSync(join(home, FOLDER, 'pid'), 'utf8'))
  return { cwd, star, fleet, ssh, deploy, remove, homes, pids: () => homes.map(pidOf) }
}

/** A line a host, in no order. */
const linesOf = (text: string) => text.split('\n').filter(Boolean).sort()

describe('bench fleet deploy ssh', { skip: withoutSshd(), concurrency: 2 }, () => {
  test('starts servers that a fleet run measures, anew when repeated, and takes all of it away', async context => {
    const { cwd, fleet, deploy, remove, homes, pids } = await fleetOf(context, 3, [{}, {}, {}])
    const first = await deploy('--serve', '--udp-ports 6000-6099 --max-sessions 3')
    assert.deepEqual([first.code, first.stderr], [0, ''])
    for (const [index, line] of linesOf(first.stdout).entries()) {
      const said = 'listening at 0\\.0\\.0\\.0:5990, process \\d+, Node\\.js [\\d.]+, log in '
      assert.match(line, new RegExp(`^${NAMES[index]}: ${said}`))
    }
    const before = pids()
    for (const [index, pid] of before.entries()) {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      const asked = ['', '--listen', '0.0.0.0:5990', '--udp-ports', '6000-6099', '--max-sessions', '3', '']
      assert(words.endsWith(asked.join('\0')), words)
      assert(!`${words}${readFileSync(`/proc/${pid}/environ`, 'utf8')}`.includes(TOKEN))
      const place = join(homes[index] ?? '', FOLDER)
      const modes = [place, join(place, 'token-file')].map(path => statSync(path).mode & 0o777)
      assert.deepEqual(modes, [0o700, 0o600])
    }
    const again = await deploy()
    assert.deepEqual([again.code, linesOf(again.stdout).length], [0, 3])
    await allGone(before)
    const after = pids()
    assert.deepEqual(
      after.filter(pid => before.includes(pid) || !runs(pid)),
      [],
    )

    const run = ['run', '--size', '20k', '--transport', 'tcp,udp-header', '--warmup', '0', '--no-chart']
    const measured = await fleet([...run, '--out', 'f.csv'])
    assert.equal(measured.code, 0, measured.stderr)
    const rows = readCsv(join(cwd, 'f.csv'))
    assert.equal(rows.length, 12)
    assert.deepEqual([...new Set(rows.map(({ outcome }) => outcome))], ['completed'])
    for (const home of homes) {
      const log = readFileSync(join(home, FOLDER, 'log'), 'utf8')
      assert.match(log, /"event":/)
      assert(!log.includes(TOKEN))
    }

    const removed = await remove()
    assert.deepEqual([removed.code, removed.stderr], [0, ''])
    assert.match(linesOf(removed.stdout)[0] ?? '', /^a: ended, and \S+\/\.bench-serve-\S+-5990 removed$/)
    assert.deepEqual(after.filter(runs), [])
    for (const home of homes) assert.deepEqual(readdirSync(home), [])
    assert.match((await remove()).stdout, /^a: nothing is deployed there$/m)
  })

  test('hosts whose users have one home folder have a server each', async context => {
    const shared = folder(context)
    const settings = ['one', 'two'].map(hostName => ({ home: shared, hostName }))
    const { deploy, remove, fleet } = await fleetOf(context, 2, settings)
    for (const words of [[], ['--serve', '--max-sessions 3']]) {
      const { code, stderr } = await deploy(...words)
      assert.deepEqual([code, stderr], [0, ''])
    }
    assert.deepEqual(readdirSync(shared).sort(), ['.bench-serve-one-5990', '.bench-serve-two-5990'])
    const hosts = await fleet(['hosts'])
    assert.equal(hosts.code, 0, hosts.stdout)
    assert.equal((await remove()).code, 0)
    assert.deepEqual(readdirSync(shared), [])
  })

  test('has them join a NATS server by their names and labels', { skip: withoutNats }, async context => {
    const { cwd, star, fleet, deploy, remove, homes, ssh } = await fleetOf(context, 3, [{}, {}])
    const place = [1, 2].map(host => `address: ${star.address(host)}, labels: {zone: z${host}, rack: r 1}`)
    writeFileSync(join(cwd, 'hosts.yaml'), `hosts: {a: {${place[0]}}, b: {${place[1]}}}\n`)
    const key = nkeys.createUser()
    writeFileSync(join(cwd, 'seed'), key.getSeed(), { mode: 0o600 })
    const config = `authorization { users: [{ nkey: ${key.getPublicKey()} }] }`
    const at = { at: star.words(3), host: star.address(3), port: 4222 }
    await using nats = await NatsServer.start({ ...at, config })
    const joined = await deploy('--join', nats.url, '--nkey', 'seed')
    assert.deepEqual([joined.code, joined.stderr], [0, ''])
    assert.match(joined.stdout, /^b: joined \S+ as b, process \d+/m)
    for (const home of homes) assert.equal(statSync(join(home, FOLDER, 'nkey')).mode & 0o777, 0o600)
    const options = { cwd, at: star.words(), env: { BENCH_TOKEN: TOKEN } }
    const words = ['--hosts', nats.url, '--nkey', 'seed', '--pairs', 'zone=z1>rack=r 1']
    const run = ['--size', '20k', '--transport', 'tcp', '--warmup', '0', '--out', 'f.csv']
    const measured = await bench(['fleet', 'run', ...words, ...run], options)
    assert.equal(measured.code, 0, measured.stderr)
    assert.deepEqual(
      readCsv(join(cwd, 'f.csv')).map(row => [row.pair_from, row.pair_to, row.outcome]),
      [['a', 'b', 'completed']],
    )
    assert.equal((await remove()).code, 0)
    const refused = await fleet(['deploy', 'ssh', '--ssh', ssh, '--join', nats.url])
    assert.match(refused.stderr, /^bench: a: bench serve ended there: bench: [^\n]*NATS[^\n]*$/m)
  })

  test('says in a line what is wrong with a host, and goes on with the others', async context => {
    const tools = folder(context)
    for (const name of ['sh', 'dd', 'tr', 'cat', 'ps', 'head', 'mkdir', 'rm', 'uname'])
      symlinkSync(which(name), join(tools, name))
    // The third has no Node.js, and on the fourth nobody listens.
    const settings = [{}, {}, { env: { PATH: tools } }]
    const { cwd, star, ssh, homes, deploy } = await fleetOf(context, 4, settings)
    // The second is not the host that the client knows.
    const known = readFileSync(join(cwd, 'known-hosts'), 'utf8')
    const address = star.address(2)
    writeFileSync(join(cwd, 'known-hosts'), known.replace(new RegExp(`^${address} .*$`, 'm'), ''))
    const { code, stdout, stderr } = await deploy()
    assert.equal(code, 1)
    assert.match(stdout, /^a: listening at [^\n]+\n$/)
    const [b = '', c = '', d = '', ...more] = linesOf(stderr)
    const remedy = `check that this logs in: ${ssh} ${address}`
    assert.equal(b, `bench: b: Host key verification failed.; ${remedy}`)
    assert.match(c, /^bench: c: no program node on the PATH of ssh there; install Node\.js 20\.19 or later/)
    assert.match(d, /^bench: d: ssh: connect to host \S+ port 22: Connection refused; check that/)
    assert.deepEqual(more, [])

    writeFileSync(join(cwd, 'known-hosts'), known)
    const old = join(cwd, 'old-node')
    writeFileSync(old, '#!/bin/sh\necho 20.18.3\n', { mode: 0o755 })
    const aged = await deploy('--node', old)
    assert.match(aged.stderr, /^bench: b: \S+ is Node\.js 20\.18\.3, which is too old; install 20\.19/m)
    const bound = await deploy('--serve', '--bind 192.0.2.1')
    assert.match(bound.stderr, /^bench: b: bench serve ended there: bench: [^\n]*192\.0\.2\.1/m)
    assert(!runs(Number(readFileSync(join(homes[1] ?? '', FOLDER, 'pid'), 'utf8'))))
  })

  test('with a full disk it leaves no half of a program, and with a wrong key nothing', async context => {
    const settings = [{ sizeBytes: 1024 * 1024 }, {}]
    const { cwd, star, homes, deploy, fleet } = await fleetOf(context, 2, settings)
    const [full = '', other = ''] = homes
    const { code, stdout, stderr } = await deploy()
    assert.deepEqual([code, /^b: listening/.test(stdout)], [1, true], stderr)
    assert.match(stderr, /^bench: a: cannot unpack the program in \S+: no space left there\n$/)
    assert.deepEqual(readdirSync(join(full, FOLDER)), [])

    const stranger = join(cwd, 'stranger')
    mkdirSync(stranger)
    const words = sshClient(stranger).join(' ')
    writeFileSync(join(stranger, 'known-hosts'), readFileSync(join(cwd, 'known-hosts'), 'utf8'))
    const denied = await fleet(['remove', 'ssh', '--ssh', words])
    assert.equal(denied.code, 1)
    const refusal = new RegExp(`^bench: a: \\S*${star.address(1)}: Permission denied \\(publickey\\)`)
    assert.match(linesOf(denied.stderr)[0] ?? '', refusal)
    assert(readdirSync(other).includes(FOLDER))
  })

  test('refuses what it would ignore, or could not do, before it reaches a host', async context => {
    const cwd = folder(context)
    writeFileSync(join(cwd, 'hosts.yaml'), 'hosts: {a: 192.0.2.7, b: 192.0.2.8}\n')
    writeFileSync(join(cwd, 'odd.yaml'), 'hosts: {a: 192.0.2.7, b: "-oProxyCommand=x"}\n')
    const refused = async (words: string, token: string, part: string) => {
      const given = words.split(' ').map(word => word.replaceAll('~', ' '))
      assertRefused(await bench(['fleet', ...given], { cwd, env: { BENCH_TOKEN: token } }), part)
    }
    const hosts = '--hosts hosts.yaml'
    await refused(`deploy ssh ${hosts} --size 4k`, TOKEN, 'bench fleet deploy has no flag --size')
    await refused(`remove ssh ${hosts} --node x`, TOKEN, 'bench fleet remove has no flag --node')
    await refused(`run ${hosts} --node x`, TOKEN, '--node is of bench fleet deploy')
    await refused(`deploy ${hosts}`, TOKEN, 'write bench fleet deploy ssh')
    await refused(`deploy ssh ${hosts}`, '', 'need a token')
    await refused(`deploy ssh ${hosts} --serve --udp-port~6000-6099`, TOKEN, 'did you mean --udp-ports?')
    await refused(`deploy ssh ${hosts} --serve --udp-ports~6000`, TOKEN, 'not a range of ports')
    writeFileSync(join(cwd, 'dots.yaml'), 'hosts: {db.1: 192.0.2.7, db-1: 192.0.2.8}\n')
    writeFileSync(join(cwd, 'long.yaml'), `hosts: {${'n'.repeat(64)}: 192.0.2.7, b: 192.0.2.8}\n`)
    const joining = '--join nats://192.0.2.1'
    await refused(`deploy ssh --hosts dots.yaml ${joining}`, TOKEN, 'db.1 and db-1 would both join as db-1')
    await refused(`deploy ssh --hosts long.yaml ${joining}`, TOKEN, 'not a name for a host that joins')
    writeFileSync(join(cwd, 'seed'), 'no seed\n')
    writeFileSync(
      join(cwd, 'odd-labels.yaml'),
      'hosts: {a: {address: 192.0.2.7, labels: {z: "x,y"}}, b: 192.0.2.8}\n',
    )
    const proven = `${joining} --nkey seed`
    await refused(`deploy ssh ${hosts} ${proven}`, TOKEN, '--nkey: the file does not hold the seed of a user')
    await refused(`deploy ssh ${hosts} ${proven} --creds seed`, TOKEN, 'give one of them')
    await refused(`deploy ssh ${hosts} --serve --token-file~x`, TOKEN, '--token-file is given more than once')
    await refused(
      `deploy ssh ${hosts} --serve --labels~z=x`,
      TOKEN,
      '--labels is for a NATS server; add --join',
    )
    await refused(
      `deploy ssh --hosts odd-labels.yaml ${joining}`,
      TOKEN,
      'a: bench serve would refuse --listen',
    )
    await refused(`deploy ssh ${hosts} --ssh ssh~'x`, TOKEN, '--ssh: not words of a command line')
    await refused('remove ssh --hosts odd.yaml', TOKEN, 'b: not a place where ssh logs in')
  })
})

test('Ctrl-C reaches no more hosts, and names those that are not done', async context => {
  const cwd = folder(context)
  const names = Array.from({ length: 20 }, (_, index) => `h${index + 1}`)
  writeFileSync(
    join(cwd, 'hosts.yaml'),
    `hosts:\n${names.map((name, index) => `  ${name}: 192.0.2.${index + 1}\n`).join('')}`,
  )
  // One host answers; the others keep those waiting who ask.
  const lines = [
    '#!/bin/sh',
    'echo "$*" >>asked',
    'case "$*" in *192.0.2.1\\ *) exit ;; esac',
    'exec sleep 600',
  ]
  writeFileSync(join(cwd, 'ssh'), `${lines.join('\n')}\n`, { mode: 0o755 })
  const words = ['fleet', 'deploy', 'ssh', '--hosts', 'hosts.yaml', '--ssh', './ssh']
  await using running = startBench(words, { cwd, env: { BENCH_TOKEN: TOKEN } })
  const asked = () => {
    const path = join(cwd, 'asked')
    return existsSync(path) ? readFileSync(path, 'utf8').split('\n').filter(Boolean).length : 0
  }
  // As many at a time, and one in the place of that which is done.
  await running.until('as many as are asked at a time', () => asked() >= 17)
  running.kill('SIGINT')
  const { code, stderr } = await running.ended
  assert.equal(code, 130)
  assert.match(stderr, /^interrupted; not done: h2, h3, [^\n]*, h20\n$/)
  assert.equal(asked(), 17)
})

test('what a host is to run reaches its program as it was written, whatever it holds', context => {
  const home = folder(context)
  const inside = '$(touch pwned)'
  const words = ["it's", inside, '`touch pwned`', '"; touch pwned; "', 'a\nb', '\\', '*', '', '-n', '!x']
  const program = join(home, `a node's ${inside}`)
  const lines = ['[ "$1" != -p ] || { echo 20.19.0; exit; }', 'printf "%s\\0" "$@" >"$HOME/got"']
  // As a server does, it is still there when its line is read.
  const said = 'echo listening at x; sleep 2'
  writeFileSync(program, ['#!/bin/sh', ...lines, said, ''].join('\n'), { mode: 0o755 })
  const token = `a token's ${inside} \`touch pwned\``
  const files = { 'token-file': token }
  const script = startScript({ port: 1, node: program, files, words, ready: 'listening at' })
  const input = spawnSync('tar', ['-czf', '-', '-T', '/dev/null']).stdout
  const env = { ...process.env, HOME: home }
  const { status, stderr } = spawnSync('sh', ['-c', script], { cwd: home, env, input })
  assert.equal(status, 0, String(stderr))
  assert.deepEqual(readFileSync(join(home, 'got'), 'utf8').split('\0').slice(4, -1), words)
  assert.equal(readFileSync(join(home, `.bench-serve-${hostname()}-1/token-file`), 'utf8'), `${token}\n`)
  assert(!readdirSync(home, { recursive: true, encoding: 'utf8' }).some(path => /(^|\/)pwned/.test(path)))
})
