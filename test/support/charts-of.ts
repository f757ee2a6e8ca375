/** Charts of files of records. */
import assert from 'node:assert/strict'
import { chartsOf } from '../../results/charts/all.ts'
import type { Chart } from '../../results/document/model.ts'
import { casesOf, sourceOf } from '../../results/report/sections/source.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'

export const charts = (...files: (readonly TrialRecord[])[]) =>
  chartsOf(casesOf(files.map((records, index) => sourceOf({ label: `${index + 1}.csv`, records }))))

export function one(all: readonly Chart[], kind: Chart['kind']): Chart {
  const chart = all.find(each => each.kind === kind)
  assert(chart, `there is a chart of ${kind}`)
  return chart
}
