/** The rows of a fleet run that was broken off. */
import { UsageError } from '../../../base/errors.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { type Plan, planSchema } from '../../../scenarios/plan.ts'
import type { Context } from '../command.ts'
import { readStored } from '../stored.ts'

/** @throws UsageError where they are not of a run of the same */
export async function knownRows(
  path: string,
  plans: readonly Plan[],
  hosts: readonly string[],
  context: Context,
): Promise<readonly TrialRecord[]> {
  const { files, problems } = await readStored({ files: [path], filter: undefined }, context)
  const [problem] = problems
  if (problem !== undefined) throw new UsageError(`--resume ${path}: ${problem}`)
  const records = files.flatMap(each => each.records)
  const [manifest, ...others] = files.flatMap(each => each.manifests)
  const asked = (all: readonly { readonly plan: unknown }[]) =>
    JSON.stringify(all.map(({ plan }) => planSchema.safeParse(plan).data?.cases))
  if (!manifest || others.length > 0 || records.some(each => each.pair_from === undefined))
    throw new UsageError(`--resume ${path}: it is not of one bench fleet run, with its .run.json beside it`)
  if (asked(manifest.plans) !== asked(plans.map(plan => ({ plan: JSON.parse(JSON.stringify(plan)) }))))
    throw new UsageError(
      `--resume ${path}: it measured something else; give the same words as then: bench ${manifest.argv.join(' ')}`,
    )
  const [other] = records
    .flatMap(each => [each.pair_from ?? '', each.pair_to ?? ''])
    .filter(name => !hosts.includes(name))
  if (other !== undefined)
    throw new UsageError(
      `--resume ${path}: it has host ${other}, which --hosts has not; give the same hosts as then`,
    )
  return records
}
