/** `bench fleet rows`: the runs whose rows a stream has, or the rows of one in a file. */
import { UsageError } from '../../../base/errors.ts'
import { counted } from '../../../base/units.ts'
import { findingsOf } from '../../../results/statistics/findings.ts'
import { summarize } from '../../../results/statistics/summary.ts'
import { openWriter } from '../../../results/store/writers.ts'
import { findWarnings } from '../../../results/warnings/warnings.ts'
import type { Bus } from '../../fleet/bus/connection.ts'
import { isRunId } from '../../measure/run-id.ts'
import type { Context } from '../command.ts'
import type { RunArguments } from '../run-flags.ts'
import { EXIT, type ExitCode } from '../terminal.ts'
import type { FleetFlags } from './flags.ts'
import { openHosts } from './hosts.ts'
import { storedRun } from './resume.ts'

/** @throws UsageError, SetupError */
export async function writeRows(
  { hosts: named, ...identity }: FleetFlags,
  args: RunArguments,
  context: Context,
): Promise<ExitCode> {
  const { out, force, dialect, columns, metrics } = args
  const [runId, ...others] = args.scenarios
  const { terminal, catalog } = context
  const [place] = metrics
  if (place)
    throw new UsageError(
      `--out ${place.kind}:${place.place}: bench fleet rows writes rows to a file; name one, such as f.csv`,
    )
  if (runId === undefined && out !== undefined)
    throw new UsageError(`--out ${out}: name the run whose rows to write; bench fleet rows lists them`)
  await using fleet = await openHosts(named, identity, args, context)
  const { bus } = fleet
  if (!bus)
    throw new UsageError(`--hosts ${named}: rows are read from the stream of a NATS server; give nats://HOST`)
  if (runId === undefined) {
    terminal.out(await listRuns(bus))
    return EXIT.measured
  }
  if (!isRunId(runId) || others.length > 0)
    throw new UsageError(
      `bench fleet rows ${[runId, ...others].join(' ')}: name one run, such as 20261121T094512Z-kqzv; without one, those that there are are listed`,
    )
  const { records, manifest } = await storedRun(bus, runId, context)
  const path = out ?? `bench-results/${runId}.csv`
  const options = { overwrite: force, makeFolder: out === undefined, dialect, columns }
  await using file = openWriter(path, options, manifest, catalog.sinks)
  for (const each of records) await file.write(each)
  const summaries = summarize(records)
  await file.end(findWarnings(summaries), manifest && findingsOf(records, summaries, manifest))
  terminal.err(`${counted(records.length, 'row')} in ${file.path}\n`)
  return EXIT.measured
}

/** The latest last. */
async function listRuns(bus: Bus): Promise<string> {
  const { storedRuns } = await import('../../fleet/bus/rows.ts')
  const runs = [...(await storedRuns(bus))].filter(([run]) => isRunId(run)).sort()
  // A message of each says what was measured.
  const lines = runs.map(([run, messages]) => `${run}  ${counted(messages - 1, 'row')}\n`)
  return lines.join('') || `no run has rows in the stream of ${bus.name}\n`
}
