/** The rows of a fleet run that was broken off: those of its file, or of a stream. */
import { existsSync } from 'node:fs'
import { SetupError, UsageError } from '../../../base/errors.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import type { Manifest } from '../../../results/schema/manifest.ts'
import { type Plan, planSchema } from '../../../scenarios/plan.ts'
import type { Bus } from '../../fleet/bus/connection.ts'
import type { StoredRun } from '../../fleet/bus/rows.ts'
import type { FleetHost } from '../../fleet/planning/hosts-file.ts'
import { isRunId } from '../../measure/run-id.ts'
import type { Context } from '../command.ts'
import { readStored } from '../stored.ts'

export interface KnownRows {
  readonly records: readonly TrialRecord[]
  /** Hosts and rounds that were planned; undefined for a run that begins. */
  readonly fleet: Manifest['fleet']
  /** What was planned of each pair, for the IP version of then: by now other hosts may be there. */
  readonly plans: readonly Plan[] | undefined
  /** What the stream has of the run; undefined without a bus. */
  readonly stored: StoredRun | undefined
}

/** What is to be measured, and where. */
type Fleet = NonNullable<Manifest['fleet']>
type Rounds = NonNullable<Fleet['rounds']>

interface Asked {
  readonly plansOf: (family: 4 | 6) => Promise<readonly Plan[]>
  readonly rounds: Rounds
  readonly bus: Bus | undefined
}

export const NOTHING_KNOWN: KnownRows = {
  ...{ records: [], fleet: undefined, plans: undefined, stored: undefined },
}

/** @param resume a file, or a run in the stream @throws UsageError where they are not of a run of the same; SetupError */
export async function knownRows(resume: string, asked: Asked, context: Context): Promise<KnownRows> {
  const { bus } = asked
  if (bus && isRunId(resume)) {
    const stored = await storedRun(bus, resume, context)
    const { records, manifest } = stored
    return { records, stored, ...(await checkSame(resume, records, manifest ? [manifest] : [], asked)) }
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
  const planned = await checkSame(resume, records, manifests, asked)
  const runId = records[0]?.run_id ?? ''
  if (!bus) return { records, stored: undefined, ...planned }
  if (!isRunId(runId)) throw new UsageError(`--resume ${resume}: its rows have no usable run_id`)
  const { readRun, together } = await import('../../fleet/bus/rows.ts')
  const stored = await readRun(bus, runId, context.signal)
  return { records: together(records, stored.records), stored, ...planned }
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

/** Returns what was planned then. @throws UsageError where that is not what is asked for */
async function checkSame(
  name: string,
  records: readonly TrialRecord[],
  [manifest, ...others]: readonly Manifest[],
  { plansOf, rounds }: Asked,
): Promise<Pick<KnownRows, 'fleet' | 'plans'>> {
  const casesOf = (all: readonly unknown[]) => all.map(plan => planSchema.safeParse(plan).data?.cases)
  const fleet = manifest?.fleet
  if (!manifest || !fleet || others.length > 0 || records.some(each => each.pair_from === undefined))
    throw new UsageError(`--resume ${name}: it is not of one bench fleet run, with its .run.json beside it`)
  const then = casesOf(manifest.plans.map(({ plan }) => plan))
  const plans = await plansOf(then[0]?.[0]?.ipFamily ?? 4)
  if (JSON.stringify(then) !== JSON.stringify(casesOf(JSON.parse(JSON.stringify(plans)))))
    throw new UsageError(
      `--resume ${name}: it measured something else; give the same words as then: bench ${manifest.argv.join(' ')}`,
    )
  const differing = fleet.rounds && ROUNDS.find(each => wordsOf(fleet.rounds, each) !== wordsOf(rounds, each))
  if (differing)
    throw new UsageError(
      `--resume ${name}: it was measured ${wordsOf(fleet.rounds, differing)}, not ${wordsOf(rounds, differing)}, so its rounds were others; give the same words as then: bench ${manifest.argv.join(' ')}`,
    )
  return { fleet, plans }
}

/** Flags that rounds follow from; the seed is in the cases, too. */
const ROUNDS = ['pairs', 'sample', 'serial'] as const

function wordsOf(rounds: Rounds | undefined, name: (typeof ROUNDS)[number]): string {
  const value = rounds?.[name]
  return value === undefined ? `without --${name}` : `with --${name} ${value}`
}

/**
 * The hosts of a run that goes on: those that it began with, in their order, with the labels that they had then, since pairs and rounds
 * follow from these.
 * @param isAround they come and go: one that is away may be there again when its turn comes @throws UsageError
 */
export function hostsOfRun(
  name: string,
  { hosts: planned }: Fleet,
  now: readonly FleetHost[],
  isAround: boolean,
): { readonly hosts: readonly FleetHost[]; readonly notes: readonly string[] } {
  const known = new Map(now.map(each => [each.name, each]))
  const away = Object.keys(planned).filter(each => !known.has(each))
  if (away.length > 0 && !isAround)
    throw new UsageError(
      `--resume ${name}: it has host ${away[0]}, which --hosts has not; give the same hosts as then`,
    )
  const others = now.filter(each => !Object.hasOwn(planned, each.name))
  return {
    hosts: Object.entries(planned).map(([name, labels]) => ({
      ...(known.get(name) ?? { name, address: { host: name, port: undefined } }),
      labels,
    })),
    notes: [
      ...(away.length > 0 ? [`note: not there now, and of the run: ${away.join(', ')}\n`] : []),
      ...(others.length > 0
        ? [`note: not of the run, and left out: ${others.map(each => each.name).join(', ')}\n`]
        : []),
    ],
  }
}
