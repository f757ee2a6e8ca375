/** The rows of a fleet run that was broken off: those of its file, or of a stream. */
import { existsSync } from 'node:fs'
import { SetupError, UsageError } from '../../../base/errors.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import type { Manifest } from '../../../results/schema/manifest.ts'
import { type Plan, planSchema } from '../../../scenarios/plan.ts'
import type { Bus } from '../../fleet/bus/connection.ts'
import type { StoredRun } from '../../fleet/bus/rows.ts'
import { isRunId } from '../../measure/run-id.ts'
import type { Context } from '../command.ts'
import { readStored } from '../stored.ts'

export interface KnownRows {
  readonly records: readonly TrialRecord[]
  /** What the stream has of the run; undefined without a bus. */
  readonly stored: StoredRun | undefined
}

/** What is to be measured, and where. */
interface Asked {
  readonly plans: readonly Plan[]
  /** Their names. */
  readonly hosts: readonly string[]
  readonly bus: Bus | undefined
}

export const NOTHING_KNOWN: KnownRows = { records: [], stored: undefined }

/** @param resume a file, or a run in the stream @throws UsageError where they are not of a run of the same; SetupError */
export async function knownRows(resume: string, asked: Asked, context: Context): Promise<KnownRows> {
  const { bus } = asked
  if (bus && isRunId(resume)) {
    const stored = await storedRun(bus, resume, context)
    const { records, manifest } = stored
    checkSame(resume, records, manifest ? [manifest] : [], asked)
    return { records, stored }
  }
  if (isRunId(resume) && !existsSync(resume))
    throw new UsageError(
      `--resume ${resume}: a run is read from the stream of a NATS server; give --hosts nats://HOST, or the file of its rows`,
    )
  const { files, problems } = await readStored({ files: [resume], filter: undefined }, context)
  // What a crash has cut off is measured again.
  for (const problem of problems) context.terminal.err(`warning: ${problem}\n`)
  const records = files.flatMap(each => each.records)
  const manifests = files.flatMap(each => each.manifests)
  checkSame(resume, records, manifests, asked)
  const runId = records[0]?.run_id ?? ''
  if (!bus) return { records, stored: undefined }
  if (!isRunId(runId)) throw new UsageError(`--resume ${resume}: its rows have no usable run_id`)
  const { readRun, together } = await import('../../fleet/bus/rows.ts')
  const stored = await readRun(bus, runId, context.signal)
  return { records: together(records, stored.records), stored }
}

/** Names what cannot be used of it. @throws UsageError when nothing can; SetupError */
export async function storedRun(bus: Bus, runId: string, { terminal, signal }: Context): Promise<StoredRun> {
  const { readRun, ROWS_STREAM } = await import('../../fleet/bus/rows.ts')
  const stored = await readRun(bus, runId, signal)
  for (const problem of stored.problems) terminal.err(`warning: ${problem}\n`)
  if (stored.records.length === 0)
    throw new UsageError(
      `run ${runId}: the stream ${ROWS_STREAM} of ${bus.name} has no row of it; see bench fleet rows for those that it has`,
    )
  if (!stored.manifest)
    throw new SetupError(
      `run ${runId}: the stream ${ROWS_STREAM} of ${bus.name} has dropped its first rows, since they are old or it is full; use the file of its rows`,
    )
  return stored
}

/** @throws UsageError */
function checkSame(
  name: string,
  records: readonly TrialRecord[],
  [manifest, ...others]: readonly Manifest[],
  { plans, hosts }: Asked,
): void {
  const cases = (all: readonly { readonly plan: unknown }[]) =>
    JSON.stringify(all.map(({ plan }) => planSchema.safeParse(plan).data?.cases))
  if (!manifest || others.length > 0 || records.some(each => each.pair_from === undefined))
    throw new UsageError(`--resume ${name}: it is not of one bench fleet run, with its .run.json beside it`)
  if (cases(manifest.plans) !== cases(plans.map(plan => ({ plan: JSON.parse(JSON.stringify(plan)) }))))
    throw new UsageError(
      `--resume ${name}: it measured something else; give the same words as then: bench ${manifest.argv.join(' ')}`,
    )
  const [other] = records
    .flatMap(each => [each.pair_from ?? '', each.pair_to ?? ''])
    .filter(each => !hosts.includes(each))
  if (other !== undefined)
    throw new UsageError(
      `--resume ${name}: it has host ${other}, which --hosts has not; give the same hosts as then`,
    )
}
