/** `bench fleet run`: once, or in turns, with figures for whoever scrapes them. */
import { monotonic } from '../../../base/clock.ts'
import { UsageError } from '../../../base/errors.ts'
import type { Context } from '../command.ts'
import { openMetricsEndpoint } from '../metrics-endpoint.ts'
import type { RunArguments } from '../run-flags.ts'
import { seriesOf } from '../series/flags.ts'
import { measureSeries } from '../series/series.ts'
import { EXIT, type ExitCode } from '../terminal.ts'
import type { FleetFlags } from './flags.ts'
import { measureHosts } from './measure.ts'

export async function runFleet(own: FleetFlags, args: RunArguments, context: Context): Promise<ExitCode> {
  const series = seriesOf(own, args)
  if (series && own.resume !== undefined)
    throw new UsageError('--resume is of one run, and --every measures many; leave one out')
  const place = own['metrics-listen']
  const watch = place && (await figuresOf(series?.everyMs))
  await using _endpoint =
    place && watch && (await openMetricsEndpoint(place, watch.registry, context.terminal))
  if (series)
    return await measureSeries(
      series,
      context,
      turn => measureHosts(own, args, context, { turn, watch }),
      watch,
    )
  const begunMs = monotonic()
  const code = await measureHosts(own, args, context, { watch })
  watch?.end(code === EXIT.measured ? 'complete' : 'incomplete', monotonic() - begunMs)
  return code
}

/** Who does not ask for figures does not wait for their package. */
async function figuresOf(everyMs: number | undefined) {
  const { FleetFigures } = await import('../../watch/fleet-figures.ts')
  return new FleetFigures(everyMs)
}
