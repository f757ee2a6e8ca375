/** The command line: yargs reads the words, this file makes them typed arguments and calls the command. */
import yargs from 'yargs'
import { BENCH_VERSION } from '../environment.ts'
import { UsageError } from '../errors.ts'
import { EXIT, type ExitCode, type Terminal } from '../terminal.ts'
import { aa } from './aa.ts'
import { ab } from './ab.ts'
import { AB_OPTIONS, aaArguments, abArguments, describeAa, describeAb } from './ab-flags.ts'
import { check } from './check.ts'
import { CHECK_OPTIONS, checkArguments, describeCheck } from './check-flags.ts'
import { compare } from './compare.ts'
import { COMPARE_OPTIONS, compareArguments, describeCompare } from './compare-flags.ts'
import { doctor } from './doctor.ts'
import { DOCTOR_OPTIONS, describeDoctor, doctorArguments } from './doctor-flags.ts'
import { list } from './list.ts'
import { unlessCalledOff } from './paired-run.ts'
import { receive } from './receive.ts'
import { describeReceive, RECEIVE_OPTIONS, receiveArguments } from './receive-flags.ts'
import { report } from './report.ts'
import { describeReport, REPORT_OPTIONS, reportArguments } from './report-flags.ts'
import { run } from './run.ts'
import { describeRun, RUN_OPTIONS, runArguments } from './run-flags.ts'
import { send } from './send.ts'
import { describeSend, SEND_OPTIONS, sendArguments } from './send-flags.ts'
import { serve } from './serve.ts'
import { describeServe, SERVE_OPTIONS, serveArguments } from './serve-flags.ts'
import { trend } from './trend.ts'
import { describeTrend, TREND_OPTIONS, trendArguments } from './trend-flags.ts'
import { inputAgain, joinValues, PARSER_CONFIGURATION, Vocabulary, withInput } from './words.ts'

const COMMANDS = [
  'run',
  'ab',
  'aa',
  'compare',
  'check',
  'trend',
  'report',
  'serve',
  'doctor',
  'send',
  'receive',
  'list',
]
const OPTIONS = {
  ...RUN_OPTIONS,
  ...AB_OPTIONS,
  ...COMPARE_OPTIONS,
  ...CHECK_OPTIONS,
  ...TREND_OPTIONS,
  ...SERVE_OPTIONS,
  ...DOCTOR_OPTIONS,
  ...SEND_OPTIONS,
  ...RECEIVE_OPTIONS,
}
const VOCABULARY = new Vocabulary(OPTIONS, COMMANDS)
/** Its --chart has a value, and elsewhere --chart is a switch. */
const REPORT_VOCABULARY = new Vocabulary(REPORT_OPTIONS, COMMANDS)

/** Of commands that only read: whatever ends one that was called off, that is why. */
async function unlessInterrupted(
  terminal: Terminal,
  signal: AbortSignal,
  work: () => Promise<ExitCode>,
): Promise<ExitCode> {
  try {
    return await work()
  } catch (error) {
    if (!signal.aborted) throw error
    terminal.err('interrupted before everything was read\n')
    return EXIT.interrupted
  }
}

/** Runs the command that `words` name. @throws UsageError, SetupError: one line each */
export async function dispatch(
  words: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const joined = joinValues(words, ['a', 'b'])
  const vocabulary = words[0] === 'report' ? REPORT_VOCABULARY : VOCABULARY
  let result: ExitCode = EXIT.measured
  const parser = yargs()
    .scriptName('bench')
    .usage('$0 <command>\n\nMeasures what TCP and UDP really do with a file on this machine.')
    .command('run [scenario..]', 'measure scenarios, or what the flags describe', describeRun, async argv => {
      result = await unlessCalledOff(terminal, signal, () => run(terminal, runArguments(argv), signal))
    })
    .command(
      'ab [scenario..]',
      'two variants as pairs in one run, and what B is against A',
      describeAb,
      async argv => {
        result = await ab(terminal, abArguments(argv), signal)
      },
    )
    .command(
      'aa [scenario..]',
      'the same twice: the noise here, and what could be told',
      describeAa,
      async argv => {
        result = await aa(terminal, aaArguments(argv), signal)
      },
    )
    .command(
      'check [input..]',
      'hold results to thresholds and to earlier runs',
      describeCheck,
      async argv => {
        result = await unlessCalledOff(terminal, signal, () => check(terminal, checkArguments(argv), signal))
      },
    )
    .command(
      'compare <files..>',
      'files, or values of a column, beside each other',
      describeCompare,
      async argv => {
        result = await unlessInterrupted(terminal, signal, () =>
          compare(terminal, compareArguments(argv), signal),
        )
      },
    )
    .command(
      'trend <folder>',
      'the course over kept runs, and where it changed',
      describeTrend,
      async argv => {
        result = await unlessInterrupted(terminal, signal, () =>
          trend(terminal, trendArguments(argv), signal),
        )
      },
    )
    .command(
      'report [files..]',
      'results as a page, as Markdown, or a chart as a picture',
      describeReport,
      async argv => {
        result = await unlessInterrupted(terminal, signal, () =>
          report(terminal, reportArguments(argv), signal),
        )
      },
    )
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
    .parserConfiguration(PARSER_CONFIGURATION)
    .middleware(inputAgain)
    .exitProcess(false)
    .showHelpOnFail(false)
    .fail((message, error) => {
      // yargs' own complaints are usage too; what a command threw is passed on.
      if (error && error.name !== 'YError') throw error
      throw new UsageError(vocabulary.plainer(message, joined))
    })
    .epilogue(
      'Exit codes: 0 measured (loss and refusals included), 1 a trial failed, 2 usage, 3 a threshold is broken, or a regression (ab, check) or a difference (aa) is proven, 130 interrupted.',
    )
  vocabulary.check(joined)
  await parser.parse(withInput(vocabulary.familyFlags(joined)), {}, (_error, _argv, output) => {
    if (output) terminal.out(`${output}\n`)
  })
  return result
}
