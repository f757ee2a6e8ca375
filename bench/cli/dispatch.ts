/** The command line: yargs reads the words, this file makes them typed arguments and calls the command. */
import yargs, { type Argv } from 'yargs'
import { UsageError } from '../../base/errors.ts'
import { BENCH_VERSION } from '../fleet/facts/environment.ts'
import { unlessCalledOff, unlessInterrupted } from './called-off.ts'
import { AB_OPTIONS, aaArguments, abArguments, describeAa, describeAb } from './commands/ab-flags.ts'
import { CHECK_OPTIONS, checkArguments, describeCheck } from './commands/check-flags.ts'
import { COMPARE_OPTIONS, compareArguments, describeCompare } from './commands/compare-flags.ts'
import { DOCTOR_OPTIONS, describeDoctor, doctorArguments } from './commands/doctor-flags.ts'
import { describeReceive, RECEIVE_OPTIONS, receiveArguments } from './commands/receive-flags.ts'
import { describeReport, REPORT_OPTIONS, reportArguments } from './commands/report-flags.ts'
import { describeRun, RUN_OPTIONS, runArguments } from './commands/run-flags.ts'
import { describeSend, SEND_OPTIONS, sendArguments } from './commands/send-flags.ts'
import { describeServe, SERVE_OPTIONS, serveArguments } from './commands/serve-flags.ts'
import { describeTrend, TREND_OPTIONS, trendArguments } from './commands/trend-flags.ts'
import { EXIT, type ExitCode, type Terminal } from './terminal.ts'
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

type Describe = (builder: Argv) => Argv
const HELP = /^(--help\b|-\w*h)/
const asItIs = (describe: Describe): Describe => describe
/** yargs lays out the help of each command before it runs it; flags that are in no list spare it a tenth of a second. */
const unlisted =
  (describe: Describe): Describe =>
  builder =>
    Object.keys({ ...OPTIONS, ...REPORT_OPTIONS }).reduce(
      (described, name) => described.hide(name),
      describe(builder),
    )

/** Runs the command that `words` name. @throws UsageError, SetupError: one line each */
export async function dispatch(
  words: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  const joined = joinValues(words, ['a', 'b'])
  const vocabulary = words[0] === 'report' ? REPORT_VOCABULARY : VOCABULARY
  let result: ExitCode = EXIT.measured
  const described = words.some(word => HELP.test(word)) ? asItIs : unlisted
  const parser = yargs()
    .scriptName('bench')
    .usage('$0 <command>\n\nMeasures what TCP and UDP really do with a file on this machine.')
    .command(
      'run [scenario..]',
      'measure scenarios, or what the flags describe',
      described(describeRun),
      async argv => {
        const args = runArguments(argv)
        const { run } = await import('./commands/run.ts')
        result = await unlessCalledOff(terminal, signal, () => run(terminal, args, signal))
      },
    )
    .command(
      'ab [scenario..]',
      'two variants as pairs in one run, and what B is against A',
      described(describeAb),
      async argv => {
        const args = abArguments(argv)
        const { ab } = await import('./commands/ab.ts')
        result = await ab(terminal, args, signal)
      },
    )
    .command(
      'aa [scenario..]',
      'the same twice: the noise here, and what could be told',
      described(describeAa),
      async argv => {
        const args = aaArguments(argv)
        const { aa } = await import('./commands/aa.ts')
        result = await aa(terminal, args, signal)
      },
    )
    .command(
      'check [input..]',
      'hold results to thresholds and to earlier runs',
      described(describeCheck),
      async argv => {
        const args = checkArguments(argv)
        const { check } = await import('./commands/check.ts')
        result = await unlessCalledOff(terminal, signal, () => check(terminal, args, signal))
      },
    )
    .command(
      'compare <files..>',
      'files, or values of a column, beside each other',
      described(describeCompare),
      async argv => {
        const args = compareArguments(argv)
        const { compare } = await import('./commands/compare.ts')
        result = await unlessInterrupted(terminal, signal, () => compare(terminal, args, signal))
      },
    )
    .command(
      'trend <folder>',
      'the course over kept runs, and where it changed',
      described(describeTrend),
      async argv => {
        const args = trendArguments(argv)
        const { trend } = await import('./commands/trend.ts')
        result = await unlessInterrupted(terminal, signal, () => trend(terminal, args, signal))
      },
    )
    .command(
      'report [files..]',
      'results as a page, as Markdown, or a chart as a picture',
      described(describeReport),
      async argv => {
        const args = reportArguments(argv)
        const { report } = await import('./commands/report.ts')
        result = await unlessInterrupted(terminal, signal, () => report(terminal, args, signal))
      },
    )
    .command('serve', 'be the other end of runs from other hosts', described(describeServe), async argv => {
      const args = serveArguments(argv)
      const { serve } = await import('./commands/serve.ts')
      result = await serve(terminal, args, signal)
    })
    .command(
      'doctor [host]',
      'what this machine and another one can do',
      described(describeDoctor),
      async argv => {
        const args = doctorArguments(argv)
        const { doctor } = await import('./commands/doctor.ts')
        result = await doctor(terminal, args, signal)
      },
    )
    .command(
      'send <file> <target>',
      'send a file to a program that speaks one of the wire formats',
      described(describeSend),
      async argv => {
        const args = sendArguments(argv)
        const { send } = await import('./commands/send.ts')
        result = await send(terminal, args, signal)
      },
    )
    .command(
      'receive',
      'receive and save what such programs send',
      described(describeReceive),
      async argv => {
        const args = receiveArguments(argv)
        const { receive } = await import('./commands/receive.ts')
        result = await receive(terminal, args, signal)
      },
    )
    .command('list', 'list transports, engines and scenarios', {}, async () => {
      const { list } = await import('./commands/list.ts')
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
