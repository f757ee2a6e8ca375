/** All commands: finds the one that the words name, and runs it. Help and the version load neither a command nor what one runs with. */
import type { Entry } from './command.ts'
import { readCommandLine, renderAsked } from './command-line.ts'
import type { Underway } from './plugins.ts'
import { EXIT, type ExitCode, type Terminal } from './terminal.ts'

const SCENARIOS = { name: 'scenario', describe: 'built-in names or .yaml files', several: true } as const
const RESULTS = {
  name: 'files',
  describe: 'result files written by bench: .csv, .json, .jsonl; - is standard input',
  several: true,
} as const

/** In the order of help. */
export const COMMANDS: readonly Entry[] = [
  {
    name: 'run',
    summary: 'measure scenarios, or what the flags describe',
    operands: [SCENARIOS],
    load: async () => (await import('./commands/run.ts')).run,
  },
  {
    name: 'ab',
    summary: 'compare two variants as pairs in one run',
    operands: [SCENARIOS],
    load: async () => (await import('./commands/ab.ts')).ab,
  },
  {
    name: 'aa',
    summary: "A/A run: measure this machine's noise, and the differences it could detect",
    operands: [SCENARIOS],
    load: async () => (await import('./commands/aa.ts')).aa,
  },
  {
    name: 'check',
    summary: 'check results against thresholds and earlier runs',
    operands: [
      {
        name: 'input',
        describe: 'result files; or scenarios to measure (built-in names, .yaml files)',
        several: true,
      },
    ],
    load: async () => (await import('./commands/check.ts')).check,
  },
  {
    name: 'fleet',
    summary: 'measure between all hosts of a list, say how long that takes, or start servers there',
    operands: [
      { name: 'action', describe: 'run, plan, hosts, deploy ssh or remove ssh', needed: true },
      SCENARIOS,
    ],
    load: async () => (await import('./commands/fleet.ts')).fleet,
  },
  {
    name: 'show',
    summary: 'show stored results here: table, charts and warnings, as after the run',
    operands: [RESULTS],
    load: async () => (await import('./commands/show.ts')).show,
  },
  {
    name: 'compare',
    summary: 'compare files, or the values of a column',
    operands: [{ ...RESULTS, needed: true }],
    load: async () => (await import('./commands/compare.ts')).compare,
  },
  {
    name: 'trend',
    summary: 'show how results developed over kept runs, and where they changed',
    operands: [
      {
        name: 'folder',
        describe: 'folder of kept runs: that of bench check --history, or bench-results',
        needed: true,
      },
    ],
    load: async () => (await import('./commands/trend.ts')).trend,
  },
  {
    name: 'report',
    summary: 'write results as a page or Markdown, or a chart as a picture',
    operands: [RESULTS],
    load: async () => (await import('./commands/report.ts')).report,
  },
  {
    name: 'store',
    summary: 'keep results of any number of runs in a folder that can be asked',
    operands: [
      { name: 'action', describe: 'add, list, or compact', needed: true },
      { name: 'folder', describe: 'folder of the store', needed: true },
      { ...RESULTS, describe: `store add: ${RESULTS.describe}` },
    ],
    load: async () => (await import('./commands/store.ts')).store,
  },
  {
    name: 'query',
    summary: 'ask a store in SQL',
    operands: [
      { name: 'sql', describe: 'one SELECT, from trials, intervals and runs', needed: true },
      { name: 'store', describe: 'folder of the store', needed: true },
    ],
    load: async () => (await import('./commands/query.ts')).query,
  },
  {
    name: 'export',
    summary: 'write rows to a table of PostgreSQL',
    operands: [
      { name: 'url', describe: 'postgres://[USER@]HOST[:PORT]/DATABASE', needed: true },
      { ...RESULTS, describe: `${RESULTS.describe}; or a store` },
    ],
    load: async () => (await import('./commands/export.ts')).exportCommand,
  },
  {
    name: 'serve',
    summary: 'serve as the other end for runs from other hosts',
    load: async () => (await import('./commands/serve.ts')).serve,
  },
  {
    name: 'doctor',
    summary: 'check what this machine and another one can do',
    operands: [{ name: 'host', describe: 'another host, where bench serve runs: HOST[:PORT]' }],
    load: async () => (await import('./commands/doctor.ts')).doctor,
  },
  {
    name: 'responsiveness',
    summary: 'measure round trips per minute under load, to another host and back',
    operands: [{ name: 'host', describe: 'another host, where bench serve runs: HOST[:PORT]' }],
    load: async () => (await import('./commands/responsiveness.ts')).responsiveness,
  },
  {
    name: 'search',
    summary: 'find the highest rate within a loss',
    operands: [SCENARIOS],
    load: async () => (await import('./commands/search.ts')).search,
  },
  {
    name: 'probe',
    summary: 'find the limits of datagrams here, or on the path to another host',
    operands: [{ name: 'host', describe: 'another host, where bench serve runs: HOST[:PORT]' }],
    load: async () => (await import('./commands/probe.ts')).probe,
  },
  {
    name: 'send',
    summary: 'send files to another program that speaks one of the wire formats',
    operands: [
      { name: 'files', describe: 'files to send, or folders of them', needed: true },
      { name: 'target', describe: 'HOST:PORT, or HOST for the usual port', needed: true, several: true },
    ],
    load: async () => (await import('./commands/send.ts')).send,
  },
  {
    name: 'receive',
    summary: 'receive and save files that other programs send, or answer their messages',
    operands: [
      {
        name: 'services',
        describe: 'what to listen for, all at once: TRANSPORT:PORT, or TRANSPORT for its usual port',
        several: true,
      },
    ],
    load: async () => (await import('./commands/receive.ts')).receive,
  },
  {
    name: 'init',
    summary: 'write a scenario file to begin with',
    load: async () => (await import('./commands/init.ts')).init,
  },
  {
    name: 'list',
    summary: 'list transports, workloads, engines, scenarios and paths',
    operands: [
      {
        name: 'kind',
        describe: 'only these: transports, workloads, engines, scenarios, sinks, plug-ins, paths',
      },
    ],
    load: async () => (await import('./commands/list.ts')).list,
  },
]

/** Runs the command that `words` name. @param underway says whose code runs @throws UsageError, SetupError: one line each */
export async function dispatch(
  words: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
  underway: Underway = {},
): Promise<ExitCode> {
  const asked = await readCommandLine(words, COMMANDS)
  if (!asked) {
    terminal.out(await renderAsked(words, COMMANDS, terminal.width))
    return EXIT.measured
  }
  const { runWithPlugins } = await import('./running.ts')
  return runWithPlugins(asked, terminal, signal, underway)
}
