/** `bench store`: a folder of results of any number of runs, which can be asked in SQL. */
import { UsageError } from '../../../base/errors.ts'
import { counted, formatCount } from '../../../base/units.ts'
import { compact } from '../../../results/archive/compact.ts'
import { addFile, makeStore } from '../../../results/archive/folder.ts'
import { listRuns } from '../../../results/archive/list.ts'
import type { StoredRun } from '../../../results/archive/runs.ts'
import { renderBlocks } from '../../../results/document/terminal.ts'
import { checkReadable } from '../../../results/read/feed.ts'
import { oneOf } from '../../../scenarios/settings/grammar.ts'
import type { Command, Context } from '../command.ts'
import { expandResultNames } from '../file-names.ts'
import { readFlags, yes } from '../flags.ts'
import { plainTable } from '../plain-table.ts'
import { EXIT, type ExitCode } from '../terminal.ts'

const FLAGS = { anew: yes('store compact: make all tables again, of all files') }

/** What it does, by the first word. */
const ACTIONS = { add, list, compact: compactStore }
const ACTION = oneOf(['add', 'list', 'compact'])

export const store: Command = {
  flags: FLAGS,
  examples: [
    ['$0 store add results bench-results/*.csv', 'copy files into the store; a file is there once'],
    ['$0 store list results', 'the runs: when, where, what'],
    ['$0 store compact results', 'make tables (Parquet by day) of the files, for bench query'],
  ],
  epilogue:
    'The files are the truth, and are only added; tables can always be made again. bench query asks a store; trend, compare, check, show and report take it where they take a folder or files. See docs/store.md.',
  before: 'all was done',
  async run({ operands: [action = '', folder = '', ...files], flags }, context) {
    const { anew } = readFlags(FLAGS, flags)
    const act = ACTION.parse(action)
    if (anew && act !== 'compact') throw new UsageError(`--anew is for bench store compact; leave it out`)
    if (act !== 'add' && files.length > 0)
      throw new UsageError(`bench store ${act} takes one folder, and ${files[0]} is one more; leave it out`)
    return ACTIONS[act](folder, { files, anew }, context)
  },
}

interface Asked {
  readonly files: readonly string[]
  readonly anew: boolean
}

async function add(folder: string, { files }: Asked, { terminal, signal }: Context): Promise<ExitCode> {
  const paths = expandResultNames(files)
  if (paths.length === 0)
    throw new UsageError(
      `bench store add needs files; name them, such as bench store add ${folder} bench-results/*.csv`,
    )
  for (const path of paths) checkReadable(path)
  makeStore(folder)
  for (const path of paths) {
    const { added, rows, problems } = await addFile(folder, path, signal)
    for (const { message } of problems) terminal.err(`${message}\n`)
    const name = path === '-' ? 'standard input' : path
    terminal.out(added ? `added ${name}: ${counted(rows, 'row')}\n` : `${folder} has ${name} already\n`)
  }
  return EXIT.measured
}

async function list(folder: string, _: Asked, { terminal, signal }: Context): Promise<ExitCode> {
  const runs = await listRuns(folder, signal)
  if (runs.length === 0) terminal.out(`no runs in ${folder}; bench store add ${folder} FILE adds some\n`)
  else terminal.out(renderBlocks([plainTable(HEADS, runs.map(cellsOf))], terminal))
  return EXIT.measured
}

const HEADS = ['run', 'began (UTC)', 'host', 'scenario', 'cases', 'rows', 'note'] as const

function cellsOf(run: StoredRun): readonly (string | number)[] {
  const began = run.started_at.slice(0, 19).replace('T', ' ')
  const { run_id, host = '', scenarios, cases, rows, note = '' } = run
  return [run_id, began, host, scenarios.join(', '), cases, rows, note]
}

async function compactStore(
  folder: string,
  { anew }: Asked,
  { terminal, signal }: Context,
): Promise<ExitCode> {
  const { files, days, problems } = await compact(folder, { anew, signal })
  for (const { message } of problems) terminal.err(`${message}\n`)
  terminal.out(
    files === undefined
      ? `another bench store compact was quicker; ${folder} has its tables\n`
      : files === 0
        ? `every file is in the tables of ${folder} already\n`
        : `${counted(files, 'file')} brought into the tables of ${folder}, which are of ${formatCount(days)} ${days === 1 ? 'day' : 'days'}\n`,
  )
  return EXIT.measured
}
