/** Figures in Prometheus' text format, for the textfile collector of node_exporter: one file, replaced at once when the run ends. */
import { closeSync, renameSync, rmSync } from 'node:fs'
import { Gauge, Registry } from 'prom-client'
import { systemError } from '../../base/system-errors.ts'
import type { TrialRecord } from '../schema/columns.ts'
import { beginsWith, kindOf, type OpenOptions, openFile, placeOf, writeWhole } from '../store/open-file.ts'
import { casesOf, GAUGES, samplesOf } from './gauges.ts'

const BEGINS = '# HELP bench_'

/** Replaces what an earlier run wrote, and anything else only if `overwrite`. @throws UsageError, SetupError when it cannot be written there */
export function openPrometheus(name: string, { overwrite }: OpenOptions) {
  const [path, kind] = [placeOf(name), kindOf(name)]
  // It says what is in the way.
  if (kind === 'folder' || (kind === 'file' && !overwrite && !beginsWith(path, BEGINS)))
    openFile(path, { overwrite: false })
  const isReplaced = kind !== 'special'
  // Each run has its own, and the collector reads no file of such a name.
  const opened = isReplaced ? `${path}.${process.pid}.tmp` : path
  const descriptor = openFile(opened, { overwrite: isReplaced })
  let isOpen = true
  const close = () => {
    if (isOpen) closeSync(descriptor)
    isOpen = false
  }
  return {
    async end(records: readonly TrialRecord[]): Promise<void> {
      const text = await prometheusText(records)
      try {
        writeWhole(descriptor, Buffer.from(text))
        close()
        if (isReplaced) renameSync(opened, path)
      } catch (thrown) {
        const remedies = { otherwise: 'name another place with --out' }
        throw systemError(`cannot write the metrics to ${name}`, thrown, remedies, 'the rows are kept')
      }
    },
    [Symbol.dispose](): void {
      close()
      if (isReplaced) rmSync(opened, { force: true })
    },
  }
}

async function prometheusText(records: readonly TrialRecord[]): Promise<string> {
  const registry = new Registry()
  const cases = casesOf(records)
  for (const each of GAUGES) {
    const samples = samplesOf(each, cases)
    if (samples.length === 0) continue
    const labelNames = [...new Set(samples.flatMap(({ labels }) => Object.keys(labels)))]
    const gauge = new Gauge({ name: each.name, help: each.help, labelNames, registers: [registry] })
    for (const { labels, value } of samples) gauge.set(labels, value)
  }
  return registry.metrics()
}
