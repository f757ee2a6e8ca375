/** Opens the file for the rows of a run. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { errorCode } from '../../base/errors.ts'
import type { Manifest } from '../../results/schema/manifest.ts'
import { type FileSink, openWriter, type SinkKind } from '../../results/store/writers.ts'
import type { Plan } from '../../scenarios/plan.ts'
import { utcStamp } from '../measure/run-id.ts'
import type { RunArguments } from './run-flags.ts'

/**
 * Opens the file of `--out`, or `bench-results/<UTC time>-<scenario><suffix>.csv`; runs that begin in the same second get -2, -3 …
 * @throws UsageError, SetupError
 */
export function openOutput(
  { out, force, dialect, columns }: Pick<RunArguments, 'out' | 'force' | 'dialect' | 'columns'>,
  manifest: Manifest,
  plans: readonly Plan[],
  sinks: readonly SinkKind[],
  suffix = '',
): FileSink {
  if (out !== undefined) return openWriter(out, { overwrite: force, dialect, columns }, manifest, sinks)
  const names = [...new Set(plans.map(plan => plan.scenario))].join('+')
  const base = join('bench-results', `${utcStamp(new Date(manifest.started_at))}-${names}${suffix}`)
  for (let copy = 1; ; copy++) {
    const path = `${base}${copy === 1 ? '' : `-${copy}`}.csv`
    try {
      return openWriter(path, { overwrite: false, makeFolder: true, dialect }, manifest)
    } catch (error) {
      const taken = error instanceof Error && errorCode(error.cause) === 'EEXIST' && existsSync(path)
      if (!taken) throw error
    }
  }
}
