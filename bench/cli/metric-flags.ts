/** The flags for what to compare and what counts, shared by several commands. */
import { UsageError } from '../../base/errors.ts'
import { suggestion } from '../../base/nearest.ts'
import { METRICS, type Metric } from '../../results/compare/metrics.ts'
import { SHARE } from '../../scenarios/settings/units.ts'
import { text } from './flags.ts'

export const METRIC_NAMES = METRICS.map(each => each.name)

/** In words. */
export const USUAL_METRIC = 'goodput; rtt of requests; total with --target'

export const METRIC_FLAGS = {
  metric: text(`what to compare: ${METRIC_NAMES.join(', ')}`, parseMetric, USUAL_METRIC),
  delta: text('smallest difference that counts, such as 5%', SHARE.parse, '5%'),
}

/** Where a gate writes its results. */
export const GATE_FILES = {
  junit: text('file to write as JUnit XML', String),
  json: text('file to write all checks to as JSON (docs/check.schema.json)', String),
}

/** @throws UsageError */
export function parseMetric(value: string): Metric {
  const metric = METRICS.find(each => each.name === value)
  if (!metric)
    throw new UsageError(`unknown metric ${JSON.stringify(value)}${suggestion(value, METRIC_NAMES)}`)
  return metric
}
