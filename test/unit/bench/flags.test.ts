/** Typed flags: what the words say becomes values; what is wrong with them is one line. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Command, Entry } from '../../../bench/cli/command.ts'
import { readCommandLine, readWords } from '../../../bench/cli/command-line.ts'
import { choice, list, needed, noFlag, readFlags, repeated, text, yes } from '../../../bench/cli/flags.ts'
import { settingFlag } from '../../../bench/cli/setting-flags.ts'
import { integer } from '../../../scenarios/settings/grammar.ts'

const FLAGS = {
  count: text('how many', integer(0, 9).parse, '1'),
  size: list('how large', integer(0, 9).parse),
  kind: choice('of what kind', ['round', 'square'], 'round'),
  file: repeated('what', String),
  input: { ...repeated('more', String), array: true } as const,
  loud: { ...yes('with noise'), alias: 'l' },
  chart: noFlag('with a chart'),
  ip: settingFlag('ip'),
}
const MAKE: Command = { flags: { ...FLAGS, to: needed(text('where to', String)) }, run: async () => 0 }
const COMMANDS: readonly Entry[] = [
  {
    name: 'make',
    summary: 'makes things',
    operands: [{ name: 'thing', describe: 'what', needed: true }],
    load: async () => MAKE,
  },
  {
    name: 'unmake',
    summary: 'unmakes them',
    operands: [{ name: 'things', describe: 'which', several: true }],
    load: async () => ({ flags: { gently: yes('with care') }, run: async () => 0 }),
  },
]

const valuesOf = (line: string) => readFlags(FLAGS, readWords(line.split(' ').filter(Boolean), FLAGS).flags)

describe('typed flags', () => {
  test('have a value each, or what holds without them', () => {
    assert.deepEqual(valuesOf(''), {
      count: undefined,
      size: undefined,
      kind: 'round',
      file: [],
      input: [],
      loud: false,
      chart: true,
      ip: undefined,
    })
    // Each has a type of its own, or this would not compile.
    const given = valuesOf('--count 3 --size 1,2 --size 2,3 --kind square -l')
    const count: number | undefined = given.count
    const kind: 'round' | 'square' = given.kind
    assert.deepEqual(
      [count, given.size?.map(each => each + 1), kind, given.loud],
      [3, [2, 3, 4], 'square', true],
    )
    assert.deepEqual(valuesOf('--no-chart --file a --file a --input x y -6'), {
      ...valuesOf(''),
      ...{ chart: false, file: ['a', 'a'], input: ['x', 'y'], ip: 6 },
    })
  })

  for (const [line, message] of Object.entries({
    '--count 3 --count 4': '--count is given more than once; give it once',
    '--count -1': '--count: not a whole number from 0 to 9: "-1"',
    '--size 1,x': '--size: not a whole number from 0 to 9: "x"',
    '--kind flat': '--kind: "flat" is not one of round, square',
    '-4 -6': 'only one IP version can be asked for, got -4 -6; give one of -4 and -6',
    '--no-kind': '--no-kind is not a flag; leave --kind out',
    '--no-file': '--no-file is not a flag; leave --file out',
    '--loud=very': '--loud takes no value, got "very"; write --loud alone',
    '-l=very': '-l takes no value, got "very"; write -l alone',
    '-7': 'unknown flag -7; bench --help lists what there is',
  }))
    test(`refuse ${line}`, () => assert.throws(() => valuesOf(line), { name: 'UsageError', message }))
})

describe('a command line', () => {
  const read = (line: string) => readCommandLine(line.split(' ').filter(Boolean), COMMANDS)

  test('names a command, and gives it words and flags', async () => {
    const asked = await read('make --count 2 ball --to - -4')
    assert.equal(asked?.command, MAKE)
    assert.deepEqual(asked?.given, {
      operands: ['ball'],
      flags: { count: '2', to: '-', ip: '4' },
    })
    assert.deepEqual((await read('unmake a - -'))?.given.operands, ['a', '-', '-'])
  })

  test('may ask for help, or the version, whatever else it says', async () => {
    for (const line of [
      '--help',
      '-h',
      'help',
      '--version',
      'make --help',
      'make -lh',
      'make help',
      'nothing --help',
      'make --to --help',
      'unmake --bogus -h',
    ])
      assert.equal(await read(line), undefined, line)
  })

  for (const [line, message] of Object.entries({
    '': 'which command? try: bench run --size 800k --chunk 1024, or bench --help',
    mak: 'unknown word mak; did you mean make?',
    'make --to x': 'an argument is missing; see bench make --help',
    'make ball': '--to is missing; see bench make --help',
    'make ball --to': '--to needs a value; write --to VALUE',
    'make ball bat --to x': 'unknown word bat; bench --help lists what there is',
    'make ball --to x --knd flat': 'unknown flag --knd; did you mean --kind?',
    'make ball --to x --no-chrt': 'unknown flag --no-chrt; did you mean --no-chart?',
    'make ball --to x -lx': 'unknown flag -x; bench make --help lists its flags',
    'make ball --to x -s': 'unknown flag -s; here that is the command bench serve',
    'make ball --to x -t 10': 'unknown flag -t; bench make --help lists its flags',
    'make ball --to x -u': 'unknown flag -u; bench make --help lists its flags',
    'unmake ball --count 3': 'bench unmake has no flag --count; bench unmake --help lists its flags',
    'unmake -4': 'unknown flag -4; bench unmake --help lists its flags',
    'unmake -- x': '-- is not supported; write a name that begins with a dash as ./-name',
    'unmake --constructor x': 'unknown flag --constructor; bench unmake --help lists its flags',
  }))
    test(`is refused: ${line}`, () => assert.rejects(read(line), { name: 'UsageError', message }))
})

test('a flag that takes one value says where several go', () => {
  for (const [name, value] of [
    ['rate', '100M,1G'],
    ['rcvbuf', '4k,8k'],
  ] as const)
    assert.throws(() => settingFlag(name).read(name, [value]), {
      name: 'UsageError',
      message: `--${name}: one value, not ${value}; several are variants of a scenario file, which bench init writes`,
    })
  assert.throws(() => settingFlag('rate').read('rate', ['100M,x']), /not a rate: "100M,x"/)
  assert.deepEqual(settingFlag('chunk').read('chunk', ['512,1024']), [512, 1024])
})
