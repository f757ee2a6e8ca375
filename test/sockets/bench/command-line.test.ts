/** The command line's own checks, in this process: every bad value of every flag is one line that says what to do. */

import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import { UsageError } from '../../../base/errors.ts'
import { dispatch } from '../../../bench/cli/dispatch.ts'
import { progressLine } from '../../../bench/cli/progress.ts'
import { BUILT_IN } from '../../../transports/catalog.ts'
import { test } from '../../support/patient.ts'
import { silentTerminal } from '../../support/silent-terminal.ts'

/** Each with what the line has to say. Nothing runs: all are refused before. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  '--nope': ['which command?', 'bench --help'],
  runn: ['unknown word runn', 'did you mean run?'],
  'init extra': ['unknown word extra'],
  'run --sizee 2k': ['unknown flag --sizee', 'did you mean --size?'],
  'run --size.x 5': ['unknown flag --size.x'],
  'run -x': ['unknown flag -x', '--help'],
  'run -5': ['unknown flag -5', 'bench run --help'],
  'run -t 10': ['unknown flag -t', 'here that is --duration 10s'],
  'run --json': ['here that is --format json'],
  'run -b 400M': ['here that is --rate 400M'],
  'run -s': ['here that is the command bench serve'],
  'check -c host': ['here that is --host HOST'],
  'compare a.csv -J': ['here that is --format json'],
  'serve -p 99': ['here that is --listen 0.0.0.0:PORT'],
  'receive -p 99': ['here that is a service as TRANSPORT:PORT'],
  'trend history -t 10': ['unknown flag -t', 'bench trend --help'],
  'run --repeat 2 --runs 3': ['--repeat is given more than once'],
  'run --host 192.0.2.7 -R --bidir': ['--reverse', '--bidir'],
  'run --transport tcp -P 0': ['--streams', '"0"'],
  'run --size 4k -O 1s': ['--omit'],
  'run -o results.xlsx': ['results.xlsx'],
  'run --no-foo': ['unknown flag --no-foo'],
  'run --no-chrt': ['did you mean --no-chart?'],
  'run --no-out': ['--no-out is not a flag'],
  'run --quiet=maybe': ['--quiet takes no value', '"maybe"'],
  'run --constructor x': ['unknown flag --constructor'],
  'run -- picture': ['-- is not supported', './-name'],
  'run --size': ['--size needs a value'],
  'run --size=': ['--size', '""'],
  'run --size ,': ['--size', '""', '800k'],
  'run --size -1': ['--size', '"-1"', '1 B or more'],
  'run --size 1k,nonsense': ['--size', '"nonsense"', '800k'],
  'run --size 0.3k': ['not a whole number of bytes', '"0.3k"'],
  'run --size 9000T': ['too large', '8 PiB'],
  'run --size 1k,0': ['too small', '"0"'],
  'run --chunk -5': ['--chunk', '"-5"', '1 B or more'],
  'run --chunk 1.5': ['--chunk', '"1.5"'],
  'run --file note.txt --size 4': ['--size and --file', 'give one'],
  'run --file=': ['""', 'name a file'],
  'run --file /dev/null': ['/dev/null', 'not a regular file'],
  'run --file note.txt/deeper': ['note.txt/deeper', 'not a folder', 'check the path'],
  'run --transport udp-headr': ['"udp-headr"', 'did you mean udp-header?'],
  'run --transport tcp,': ['unknown transport ""', 'known are'],
  'run --repeat 0': ['--repeat', 'from 1 to 1000000', '"0"'],
  'run --repeat 1e3': ['--repeat', '"1e3"'],
  'run --warmup -1': ['--warmup', 'from 0 to 1000'],
  'run --rate 0': ['--rate', '"0"', '400M'],
  'run --rate -5M': ['--rate', '"-5M"'],
  'run --rcvbuf 99G': ['--rcvbuf', '"99G"', '1,073,741,824 B'],
  'run --sndbuf 0': ['--sndbuf', '"0"', '1 byte or more'],
  'run --max-datagram 0': ['--max-datagram', '"0"'],
  'run --max-datagram 9k --os-profile macos': ['--max-datagram and --os-profile', 'give one'],
  'run --os-profile maco': ['"maco"', 'did you mean macos?'],
  'run --drain 5': ['--drain', '"5"', '200ms'],
  'run --timeout 0s': ['--timeout', '"0s"', 'more than 0'],
  'run --timeout 99999999m': ['--timeout', '24 days'],
  'run --seed 4294967296': ['--seed', '4294967295'],
  'run --seed 1 --seed 2': ['--seed', 'once'],
  'run --ip 5': ['--ip', '"5"', '4, 6'],
  'run -4 -6': ['only one IP version', 'got -4 -6', 'give one of -4 and -6'],
  'run -6 -6': ['only one IP version', 'got -6 -6'],
  'run --host 192.0.2.7 --bind fd99::1': ['--bind fd99::1 is an IPv6 address, and 192.0.2.7 an IPv4 address'],
  'run --target 192.0.2.7:9 --bind fd99::1 --transport tcp': ['--bind fd99::1', 'of one IP version'],
  'run --host 192.0.2.7 --bind fd99::1 -4': ['--bind fd99::1 is an IPv6 address', 'IPv4'],
  'run --from 192.0.2.7 --to 192.0.2.7:5990': ['--from and --to name the same server, 192.0.2.7, port 5990'],
  'run --out=': ['the name is empty'],
  'run --out note.txt/rows.csv': ['note.txt is not a folder'],
  'run --out note.txt': ['note.txt', 'it exists', '--force'],
  'run --out one.csv --out two.csv': ['--out', 'names more than one file'],
  'run --keep=': ['--keep', 'name a folder'],
  'run --keep note.txt/x': ['--keep note.txt/x', 'it cannot be made', 'not a folder'],
  'run --keep note.txt': ['--keep note.txt', 'not a folder'],
  'run --format xml': ['"xml"', 'table, csv, json, jsonl'],
  'run pictur': ['"pictur"', 'did you mean picture?'],
  'run broken.yaml': ['broken.yaml:'],
  'run nosuch': [
    '"nosuch"',
    'camera, ci, datagrams, macos-limit, messages, multicast, picture, reliable, responsiveness, services, sizes',
  ],
  'run ./nosuch.yaml': ['./nosuch.yaml', 'no such file'],
  'run buffer.yaml': ['buffer.yaml:2:9', 'rcvbuf', 'too large a buffer'],
  'run there.yaml': ['"nohost.invalid"', 'check the name'],
  'run there.yaml --pin 0,1': ['--pin needs both agents on this host'],
  'run there.yaml --from 192.0.2.7': ['--from and --to belong together'],
  'run there.yaml buffer.yaml': ['buffer.yaml'],
  'run there.yaml picture': ['there and picture differ in host'],
  'run idle.yaml': ['idle.yaml:2:1: reverse is for another host; name it with host'],
  'run --size 99999999999999999999': ['--size', '"99999999999999999999"'],
  'run --seed 99999999999999999999': ['--seed', '"99999999999999999999"'],
  'run --rate 99999999999999999999GB/s': ['--rate', '"99999999999999999999GB/s"'],
  'ab --a=engine=node --b= --token-file note.txt': ['--token-file is for another host'],
  'run --transport udp-datagram --size 2G': ['udp-datagram', '1,073,741,824 B', '--size'],
  'run --target nohost.invalid:5 --transport tcp': ['"nohost.invalid"', 'check the name'],
  'run --target :99 --transport tcp': ['":99"', 'HOST:PORT'],
  'run --pin 0': ['"0"', '0,1'],
  'run --pin 0,1,2': ['"0,1,2"', '0,1'],
  'run --pin 0,9999': ['--pin', process.platform === 'linux' ? '9999' : 'leave it out'],
  'run --no-engine': ['--no-engine is not a flag', 'leave --engine out'],
  'trend history -4': ['unknown flag -4'],
  'ab --a= --b=-6 --junit=': ['--junit needs --gate'],
  'ab --a=engine=node': ['--b is missing', 'bench ab --help'],
  send: ['an argument is missing', 'bench send --help'],
  'send note.txt': ['an argument is missing'],
  'send note.txt 127.0.0.1:9': ['--transport is missing'],
  'send note.txt ::1 --transport tcp -4': ['::1', 'leave out -4'],
  'send note.txt 127.0.0.1:x --transport tcp': ['"127.0.0.1:x"', 'HOST:PORT'],
  'send note.txt 127.0.0.1:9 --transport tcp --chunk 0': ['--chunk', '"0"'],
  'send note.txt 127.0.0.1:9 --transport tcp --sndbuf 3G': ['--sndbuf', '"3G"'],
  'send note.txt 192.0.2.7:9 --transport tcp --bind fd99::1': ['--bind fd99::1', 'of one IP version'],
  'send nothing 127.0.0.1:9 --transport tcp': ['nothing', 'does not exist'],
  receive: ['--transport is missing'],
  'receive --transport udp': ['"udp"', 'udp-header'],
  'receive --transport tcp --port 70000': ['"70000"', '65535'],
  'receive --transport tcp --count 0': ['--count', '"0"'],
  'receive --transport tcp --max-size 0': ['--max-size', '"0"'],
  'receive --transport tcp --drain 0s': ['--drain', '"0s"'],
  'receive --transport tcp --host ::1 -4': ['::1', 'leave out -4'],
  'receive --transport tcp --host=': ['the host is empty', 'give a name or an address'],
  'serve --listen=': ['""'],
  'check ci --json .': ['it is a folder', './verdict.json'],
  'check ci --junit .': ['./junit.xml'],
  'receive --transport tcp extra': ['unknown transport "extra"'],
}

const FILES = ['broken.yaml', 'buffer.yaml', 'idle.yaml', 'note.txt', 'there.yaml']

describe('the command line', () => {
  const home = process.cwd()
  let cwd = ''
  before(() => {
    cwd = mkdtempSync(join(tmpdir(), 'bench-command-line-'))
    process.chdir(cwd)
    writeFileSync('note.txt', 'hello')
    writeFileSync('buffer.yaml', 'size: 1\nrcvbuf: 99G\n')
    writeFileSync('there.yaml', 'size: 1\nhost: nohost.invalid\nreverse: true\n')
    writeFileSync('idle.yaml', 'size: 1\nreverse: true\n')
    writeFileSync('broken.yaml', 'size: [1k\nchunk: ]\n')
  })
  after(() => {
    process.chdir(home)
    rmSync(cwd, { recursive: true })
  })

  for (const [words, parts] of Object.entries(REFUSED)) {
    test(`refuses bench ${words}`, async () => {
      const said: string[] = []
      const error = await dispatch(words.split(' '), silentTerminal(said), new AbortController().signal).then(
        code => assert.fail(`ended with ${code}: ${said.join('')}`),
        thrown => thrown,
      )
      assert(error instanceof UsageError, String(error))
      assert.doesNotMatch(error.message, /\n/)
      for (const part of parts) assert(error.message.includes(part), `${part} in: ${error.message}`)
      assert.deepEqual(said, [])
      assert.deepEqual(readdirSync(cwd).sort(), FILES)
    })
  }
})

describe('the live line', () => {
  const each = {
    scenario: 'custom',
    transport: 'udp-header',
    sizeBytes: 813_611,
    chunkBytes: 1024,
    socket: {},
    ipFamily: 4,
    seed: 1,
  } as const
  const at = (round: number, width: number) => ({ each, round, width, catalog: BUILT_IN })

  test('says how far it is, what runs and how long it will take', () => {
    const line = progressLine(250, 1000, 60_000, at(3, 120))
    assert.equal(
      line,
      '━━━━━─────────────── 250 of 1,000 trials · round 3 · udp-header 813,611 B in chunks of 1 KiB · 3 min 00 s left',
    )
    assert.equal(
      progressLine(0, 1000, 0, at(0, 120)),
      '──────────────────── 0 of 1,000 trials · warm-up · udp-header 813,611 B in chunks of 1 KiB',
    )
  })

  test('counts pairs where two sides are measured in turn', () => {
    assert.equal(
      progressLine(251, 1000, 60_000, { ...at(3, 130), side: 'b' }),
      '━━━━━─────────────── 125 of 500 pairs · round 3 · B: udp-header 813,611 B in chunks of 1 KiB · 3 min 00 s left',
    )
  })

  test('always fits the terminal, and keeps what matters most', () => {
    for (let width = 1; width <= 130; width++) {
      const line = progressLine(999_999, 1_000_000, 1e9, at(999, width))
      assert(line.length < width || line.length === 0, `${line.length} of ${width}`)
    }
    assert.equal(progressLine(5, 10, 5000, at(3, 40)), '5 of 10 trials · 5 s left')
  })
})
