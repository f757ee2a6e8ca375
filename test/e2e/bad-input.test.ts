/** Bad input: one line that names the value and the remedy, exit code 2, and nothing is made. More of it in unit/command-line.test.ts. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext } from 'node:test'
import { test } from '../support/patient.ts'
import { assertOneLine, BENCH_WORDS, bench, benchProcess, folder, startBench } from './cli.ts'

/** The words, and what the line has to say: the value, and what to do. */
const USAGE: readonly (readonly [words: string, ...parts: (string | RegExp)[]])[] = [
  ['', 'bench run --size 800k', '--help'],
  ['run --sise 4k', 'unknown flag --sise', 'did you mean --size?'],
  ['run --size 0', '--size', '"0"', '1 B or more'],
  ['run --chunk 0', '--chunk', '"0"', '1 B or more'],
  ['run --file nothing.png', 'nothing.png', 'does not exist', 'check the path'],
  ['run --file folder', 'folder', 'it is a folder', 'name a file'],
  ['run --file empty', 'empty', 'it is empty', 'name a file'],
  ['run --transport sctp', '"sctp"', 'tcp, tls, udp-header, udp-marker, udp-datagram'],
  ['run --out nowhere/rows.csv', 'nowhere', 'mkdir -p nowhere'],
  ['run --out folder', 'folder', 'it is a folder', 'folder/results.csv'],
  ['run --out /proc/rows.csv', '/proc/rows.csv', '--out'],
  ['run --keep /proc/none/kept', '--keep /proc/none/kept', 'name another folder'],
  ['run wrong.yaml', /wrong\.yaml:2:8: size: /, '"many"', '800k'],
  ['run unknown-key.yaml', /unknown-key\.yaml:2:1: /, 'chunks', /did you mean .?chunk/],
  ['run --until 5', '--until', '"5"', 'such as 5%'],
  ['run --until 0%', '--until', '"0%"', 'such as 5%'],
  ['run --max-time 1m', '--max-time', 'add --until 5%'],
  ['run --until 5% --processes 2', '--until and --processes'],
  [
    'run --until 5% --target 192.0.2.7:9 --transport tcp',
    '--until goes by goodput',
    'leave --until or --target out',
  ],
  ['aa --until 5%', '--until is for one side', '--until none'],
  ['run --mss 12', '--mss', '"12"', '88 to 32767'],
  ['run --offload gso --transport tcp', '--offload gso is for UDP', '--transport'],
  ['run --engine node --zerocopy', '--zerocopy', 'node:net cannot set it', 'leave it out'],
  ['run wrong-dscp.yaml', /wrong-dscp\.yaml:2:7: dscp: /, '"99"', '0 to 63'],
  ['send note.txt 127.0.0.1:99999 --transport tcp', '"127.0.0.1:99999"', 'HOST:PORT'],
  // Addresses that stand for many hosts, and those that are of none.
  ['send note.txt 255.255.255.255:9 --transport udp-marker', 'broadcast', 'the address of one host'],
  ['send note.txt 239.1.2.3:9 --transport udp-marker', 'multicast'],
  ['send note.txt [ff02::1%lo]:9 --transport udp-marker', 'multicast'],
  ['send note.txt 127.0.0.1:9 --transport udp-multicast', '"127.0.0.1" is not a group', '239.255.7.7'],
  ['send note.txt some.name --transport udp-multicast', '"some.name" is not a group', '239.255.7.7'],
  ['send note.txt ff02::5 --transport udp-multicast', 'one link', '--interface'],
  ['send note.txt 239.1.2.3 --transport udp-multicast -6', 'IPv6 was requested'],
  [
    'send note.txt 239.1.2.3 --transport udp-multicast --interface nowhere0',
    '--interface',
    'no interface nowhere0',
  ],
  [
    'send note.txt 239.1.2.3 --transport udp-multicast --bind 192.0.2.1',
    '--bind 192.0.2.1',
    'no such address',
  ],
  [
    'send note.txt 127.0.0.1:9 --transport udp-marker --ttl 3',
    '--ttl is for transports that send to a group',
  ],
  ['receive --transport udp-multicast --host 127.0.0.1', 'listens at a group', '--interface'],
  ['receive --transport udp-multicast --group 127.0.0.1', '--group: not a multicast group', '239.255.7.7'],
  [
    'receive --transport udp-marker --group 239.1.2.3',
    '--group is for transports that send to a group',
    'udp-marker',
  ],
  ['receive --transport udp-multicast --source ::1', 'IPv6 address', 'IPv4 was requested'],
  ['run --target 127.0.0.1:9 --transport udp-multicast --out x.csv', '"127.0.0.1" is not a group'],
  ['run --target 239.1.2.3:9 --transport udp-marker --out x.csv', 'multicast', 'groups'],
  ['run --receivers 2 --out x.csv', '--receivers 2 is for transports that send to a group'],
  ['run --ttl 256 --transport udp-multicast', '--ttl', '"256"', '0 to 255'],
  ['run --transport udp-multicast --group ff15::1 -4 --out x.csv', '--group ff15::1', 'data go by IPv4'],
  ['run --transport udp-multicast --source ::1 --out x.csv', '--source ::1', 'data go by IPv4'],
  ['run --transport udp-multicast --streams 2 --out x.csv', 'one flow to many receivers', '--receivers'],
  ['run --transport udp-multicast --no-loopback --out x.csv', '--no-loopback', 'nothing would arrive'],
  [
    'run --transport udp-multicast --host 127.0.0.1 --reverse --out x.csv',
    'confirmed hosts only',
    '--reverse',
  ],
  ['run --host 127.0.0.1,127.0.0.2 --transport tcp --out x.csv', 'several hosts, but tcp sends to one'],
  ['run --host 127.0.0.1,127.0.0.1 --transport udp-multicast --out x.csv', '127.0.0.1 twice'],
  ['run --transport udp-multicast --target 239.1.2.3 --receivers 2 --out x.csv', '--receivers', '--target'],
  ['run --transport udp-multicast --duration 1s --out x.csv', '--duration', 'stream'],
  ['send note.txt 0.0.0.0:9 --transport udp-marker', 'for this host give 127.0.0.1'],
  ['run --target 255.255.255.255:9 --transport udp-marker --out x.csv', 'broadcast'],
  ['run --target [::]:9 --transport udp-marker --out x.csv', 'for this host give ::1'],
  ['run --host 224.0.0.1', 'multicast'],
  ['receive --transport udp-marker --host 239.1.2.3', 'cannot listen at', 'multicast'],
  ['receive --transport tcp --host 255.255.255.255', 'cannot listen at', 'broadcast'],
  ['receive udp-hedder:9', 'unknown transport "udp-hedder"', 'did you mean udp-header?'],
  ['receive tcp udp-header:99999', 'udp-header:99999', '0 to 65535'],
  ['receive udp-header udp-datagram', 'need the same UDP port 9999', 'udp-datagram:PORT'],
  ['receive udp-header --port 9', '--port is for a single service', 'TRANSPORT:PORT'],
  ['receive messages-udp echo-udp --dir got', '--dir is for files', 'messages-udp, echo-udp'],
  ['receive tcp udp-header --cert a', '--cert is for transports inside TLS', 'none of tcp, udp-header'],
  ['serve --listen [ff02::1]:0', 'cannot listen at', 'multicast'],
  ['run --bind 239.1.2.3 --out x.csv', 'multicast'],
  ['run --bind 0.0.0.0 --out x.csv', 'cannot bind to 0.0.0.0', 'give one address of this host'],
  ['run --bind 224.0.0.1 --out x.csv', 'cannot bind to 224.0.0.1', 'give one address of this host'],
  ['run --bind 192.0.2.1 --out x.csv', 'no such address', '127.0.0.1'],
  ['run --bind ::1 -4 --out x.csv', 'IPv6 address', '-6'],
  ['send note.txt fe80::1 --transport udp-marker', 'link-local', 'fe80::1%'],
  ['send note.txt [fe80::1%nowhere0]:9 --transport udp-marker', 'no interface "nowhere0"'],
  ['send note.txt no-such-host.invalid:9 --transport udp-marker', 'cannot find the host'],
  ['receive --transport tcp --host no-such-host.invalid', 'cannot find the host'],
  ['receive --transport tcp --dir /dev/null/x', '--dir /dev/null/x', 'name another folder'],
]

describe('bad input', { concurrency: 3 }, () => {
  for (const [words, ...parts] of USAGE) {
    test(`bench ${words}`, async context => {
      const cwd = folderOfThings(context)
      const before = readdirSync(cwd)
      // One of each command as a process: what it writes and how it exits is its own.
      const [command = ''] = words.split(' ')
      const first = USAGE.find(([each]) => each.split(' ')[0] === command)?.[0] === words
      const ended = await (first ? benchProcess : bench)(words.split(' ').filter(Boolean), { cwd })
      assert.equal(ended.code, 2, ended.stderr)
      assertOneLine(ended, ...parts)
      assert.equal(ended.stdout, '')
      assert.deepEqual(readdirSync(cwd), before)
    })
  }

  const everywhere = process.getuid?.() === 0 ? 'root may read and write everything' : false

  test('a file that may not be read', { skip: everywhere }, async context => {
    const cwd = folderOfThings(context)
    chmodSync(join(cwd, 'note.txt'), 0o000)
    const ended = await bench(['run', '--file', 'note.txt'], { cwd })
    assert.equal(ended.code, 2)
    assertOneLine(ended, 'note.txt', 'permission denied', 'chmod')
  })

  test('a folder that may not be written to', { skip: everywhere }, async context => {
    const cwd = folderOfThings(context)
    chmodSync(join(cwd, 'folder'), 0o500)
    for (const words of [
      ['run', '--out', 'folder/rows.csv'],
      ['run', '--keep', 'folder'],
      ['receive', '--transport', 'tcp', '--dir', 'folder'],
    ]) {
      const ended = await bench(words, { cwd })
      assert.equal(ended.code, 2)
      assertOneLine(ended, 'folder', 'permission denied')
    }
  })

  test('a port that another program has: exit code 1, for TCP and UDP', async context => {
    const cwd = folder(context)
    for (const transport of ['tcp', 'udp-header']) {
      const words = ['receive', '--transport', transport, '--port']
      await using first = startBench([...words, '0'], { cwd })
      const port = await first.until('port', ({ stderr }) => /127\.0\.0\.1:(\d+)/.exec(stderr)?.[1])
      const second = await bench([...words, port], { cwd })
      assert.equal(second.code, 1)
      assertOneLine(second, port, 'already in use', '--port')
    }
  })
})

function folderOfThings(context: TestContext): string {
  const cwd = folder(context)
  mkdirSync(join(cwd, 'folder'))
  writeFileSync(join(cwd, 'empty'), '')
  writeFileSync(join(cwd, 'note.txt'), 'hello')
  writeFileSync(join(cwd, 'wrong.yaml'), 'chunk: 1k\nsize: [many]\n')
  writeFileSync(join(cwd, 'wrong-dscp.yaml'), 'size: 1k\ndscp: 99\n')
  writeFileSync(join(cwd, 'unknown-key.yaml'), 'size: 1k\nchunks: 5\n')
  return cwd
}

test('a current folder that was removed is named as what is wrong', {
  skip: process.platform === 'win32' && 'Windows removes no folder that is in use',
}, context => {
  const cwd = folder(context)
  const script = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"'
  const ended = spawnSync('sh', ['-c', script, 'sh', ...BENCH_WORDS, 'list'], { cwd, encoding: 'utf8' })
  assert.equal(ended.status, 1)
  assertOneLine(ended, 'the current folder was removed', 'cd')
})
