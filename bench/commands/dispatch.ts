/** The command line: yargs reads the words, this file makes them typed arguments and calls the command. */
import yargs from 'yargs'
import { BENCH_VERSION } from '../environment.ts'
import { UsageError } from '../errors.ts'
import { nearest } from '../nearest.ts'
import { EXIT, type ExitCode, type Terminal } from '../terminal.ts'
import { doctor } from './doctor.ts'
import { DOCTOR_OPTIONS, describeDoctor, doctorArguments } from './doctor-flags.ts'
import { list } from './list.ts'
import { receive } from './receive.ts'
import { describeReceive, RECEIVE_OPTIONS, receiveArguments } from './receive-flags.ts'
import { run } from './run.ts'
import { describeRun, RUN_OPTIONS, runArguments } from './run-flags.ts'
import { send } from './send.ts'
import { describeSend, SEND_OPTIONS, sendArguments } from './send-flags.ts'
import { serve } from './serve.ts'
import { describeServe, SERVE_OPTIONS, serveArguments } from './serve-flags.ts'

const COMMANDS = ['run', 'serve', 'doctor', 'send', 'receive', 'list']
const OPTIONS = Object.entries({
  ...RUN_OPTIONS,
  ...SERVE_OPTIONS,
  ...DOCTOR_OPTIONS,
  ...SEND_OPTIONS,
  ...RECEIVE_OPTIONS,
})
const ALL_FLAGS = OPTIONS.map(([name]) => name)
const SWITCHES = new Set(OPTIONS.filter(([, { type }]) => type === 'boolean').map(([name]) => name))

/** Runs the command that `words` name. @throws UsageError, SetupError: one line each */
export async function dispatch(
  words: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  let result: ExitCode = EXIT.measured
  const parser = yargs()
    .scriptName('bench')
    .usage('$0 <command>\n\nMeasures what TCP and UDP really do with a file on this machine.')
    .command('run [scenario..]', 'measure scenarios, or what the flags describe', describeRun, async argv => {
      result = await run(terminal, runArguments(argv), signal)
    })
    .command('serve', 'be the other end of runs from other hosts', describeServe, async argv => {
      result = await serve(terminal, serveArguments(argv), signal)
    })
    .command('doctor [host]', 'what this machine and another one can do', describeDoctor, async argv => {
      result = await doctor(terminal, doctorArguments(argv), signal)
    })
    .command(
      'send <file> <target>',
      'send a file to a program that speaks one of the wire formats',
      describeSend,
      async argv => {
        result = await send(terminal, sendArguments(argv), signal)
      },
    )
    .command('receive', 'receive and save what such programs send', describeReceive, async argv => {
      result = await receive(terminal, receiveArguments(argv), signal)
    })
    .command('list', 'list transports, engines and scenarios', {}, () => {
      result = list(terminal)
    })
    .demandCommand(1, 'which command? try: bench run --size 800k --chunk 1024, or bench --help')
    .strict()
    .version(BENCH_VERSION)
    .alias('help', 'h')
    .locale('en')
    .wrap(Math.min(100, terminal.width))
    .parserConfiguration({
      'camel-case-expansion': false,
      'dot-notation': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    })
    .exitProcess(false)
    .showHelpOnFail(false)
    .fail((message, error) => {
      // yargs' own complaints are usage too; what a command threw is passed on.
      if (error && error.name !== 'YError') throw error
      throw new UsageError(plainer(message, words))
    })
    .epilogue(
      'Exit codes: 0 measured (loss and refusals included), 1 a trial failed, 2 usage, 130 interrupted.',
    )
  checkWords(words)
  await parser.parse(familyFlags(words), {}, (_error, _argv, output) => {
    if (output) terminal.out(`${output}\n`)
  })
  return result
}

/** What yargs would let pass: a switch with a value that is none, a number for a flag, and all that follows `--`. */
function checkWords(words: readonly string[]): void {
  if (words.includes('--'))
    throw new UsageError('-- is not known; write a name that begins with a dash as ./-name')
  words.forEach((word, at) => {
    const [, name = '', value = ''] = /^--(?:no-)?([^=]+)=(.*)$/s.exec(word) ?? []
    if (SWITCHES.has(name) && value !== 'true' && value !== 'false')
      throw new UsageError(`--${name} takes no value, got ${JSON.stringify(value)}; write --${name} alone`)
    if (/^-[0-35789]/.test(word) && !wantsValue(words[at - 1]))
      throw new UsageError(`unknown flag ${word}; bench --help lists what there is`)
  })
}

/** `-4` and `-6`, which yargs would take for numbers; what follows a flag that wants a value is left alone. */
function familyFlags(words: readonly string[]): string[] {
  return words.map((word, at) =>
    (word === '-4' || word === '-6') && !wantsValue(words[at - 1]) ? `--ip=${word.slice(1)}` : word,
  )
}

function wantsValue(word: string | undefined): boolean {
  return word?.startsWith('--') === true && ALL_FLAGS.includes(word.slice(2)) && !SWITCHES.has(word.slice(2))
}

/** yargs' messages on one line, in our words, with what was probably meant. */
function plainer(message: string, words: readonly string[]): string {
  const unknown = /^Unknown (?:argument|command)s?: (.+)$/s.exec(message)?.[1]?.split(', ')[0]
  if (unknown !== undefined) {
    const written = words.find(word => word.replace(/^-+(no-)?/, '').split('=')[0] === unknown) ?? unknown
    const isFlag = written.startsWith('-')
    const dashes = /^-*(?:no-)?/.exec(written)?.[0] ?? ''
    const meant = nearest(unknown, isFlag ? ALL_FLAGS : COMMANDS)
    const hint = meant
      ? `did you mean ${isFlag ? dashes.replace(/^-+/, '--') : ''}${meant}?`
      : 'bench --help lists what there is'
    return `unknown ${isFlag ? 'flag' : 'word'} ${written.split('=')[0]}; ${hint}`
  }
  const hungry = /^Not enough arguments following: (.+)$/.exec(message)?.[1]
  if (hungry !== undefined) return `--${hungry} wants a value; write --${hungry} VALUE`
  const choice = /Argument: (\S+), Given: "?([^"]*)"?, Choices: (.+)$/s.exec(message)
  if (choice)
    return `--${choice[1]}: ${JSON.stringify(choice[2])} is none of ${choice[3]?.replaceAll('"', '').trim()}`
  const missing = /^Missing required arguments?: (.+)$/s.exec(message)?.[1]
  if (missing !== undefined) return `--${missing.split(', ')[0]} is missing; see bench ${words[0]} --help`
  if (message.startsWith('Not enough non-option arguments'))
    return `something is missing; see bench ${words[0]} --help`
  return message.replaceAll(/\s*\n\s*/g, ' ')
}
