/** Figures in Prometheus' text format, for the textfile collector of node_exporter: one file, replaced at once when the run ends. */
import { renameSync, rmSync } from 'node:fs'
import { Gauge, Registry } from 'prom-client'
import type { CaseSummary } from '../statistics/summary.ts'
import { beginsWith, kindOf, type OpenOptions, openFile } from '../store/open-file.ts'
import { TextFile } from '../store/text-file.ts'
import { GAUGES, type Sample, samplesOf } from './gauges.ts'

const BEGINS = '# HELP bench_'

/** Replaces what an earlier run wrote, and anything else only if `overwrite`. @throws UsageError, SetupError when it cannot be written there */
export function openPrometheus(path: string, { overwrite }: OpenOptions) {
  const kind = kindOf(path)
  // It says what is in the way.
  if (kind === 'folder' || (kind === 'file' && !overwrite && !beginsWith(path, BEGINS)))
    openFile(path, { overwrite: false })
  const isReplaced = kind !== 'special'
  // The collector reads no file of this name.
  const opened = isReplaced ? `${path}.tmp` : path
  const file = new TextFile(opened, openFile(opened, { overwrite: isReplaced }))
  return {
    async end(summaries: readonly CaseSummary[], startedAt: Date): Promise<void> {
      file.append(await prometheusText(summaries, startedAt))
      file.end('')
      if (isReplaced) renameSync(opened, path)
    },
    [Symbol.dispose](): void {
      file[Symbol.dispose]()
      if (isReplaced) rmSync(opened, { force: true })
    },
  }
}

export async function prometheusText(summaries: readonly CaseSummary[], startedAt: Date): Promise<string> {
  const registry = new Registry()
  const add = (name: string, help: string, samples: readonly Sample[]) => {
    if (samples.length === 0) return
    const labelNames = [...new Set(samples.flatMap(({ labels }) => Object.keys(labels)))]
    const gauge = new Gauge({ name, help, labelNames, registers: [registry] })
    for (const { labels, value } of samples) gauge.set(labels, value)
  }
  for (const each of GAUGES) add(each.name, each.help, samplesOf(each, summaries))
  const started = [{ labels: {}, value: startedAt.getTime() / 1000 }]
  add('bench_run_start_timestamp_seconds', 'When the run began, in seconds since 1970', started)
  return registry.metrics()
}
