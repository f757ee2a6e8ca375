/** `bench report`: writes results as a page, as Markdown, or one of their charts as a picture. */
import { closeSync, fstatSync, ftruncateSync, openSync, rmSync, statSync } from 'node:fs'
import { errorCode, errorMessage, SetupError, UsageError } from '../../../base/errors.ts'
import { formatSize } from '../../../base/units.ts'
import { renderMarkdown } from '../../../results/document/markdown.ts'
import type { Chart, Document, Section } from '../../../results/document/model.ts'
import { labelsOf } from '../../../results/read/labels.ts'
import { readRecords } from '../../../results/read/read.ts'
import { loadChartEngine, loadPage } from '../../../results/report/assets.ts'
import { buildReport } from '../../../results/report/build-report.ts'
import { renderHtml } from '../../../results/report/html/page.ts'
import { renderPicture } from '../../../results/report/picture.ts'
import { toPng } from '../../../results/report/png.ts'
import { trendSection } from '../../../results/report/sections/trend.ts'
import type { Selector } from '../../../results/select/selector.ts'
import { openFile, writeWhole } from '../../../results/store/open-file.ts'
import { BENCH_VERSION } from '../../fleet/facts/environment.ts'
import { parseMetric } from '../metric-flags.ts'
import { EXIT, type ExitCode, type Terminal } from '../terminal.ts'
import { readTrend } from './trend.ts'

type ReportKind = 'page' | 'markdown' | 'svg' | 'png'

export interface ReportArguments {
  readonly files: readonly string[]
  readonly outputs: readonly ReportOutput[]
  readonly title: string | undefined
  readonly filter: Selector | undefined
  /** A folder of runs, whose trend is shown too. */
  readonly history: string | undefined
  /** The one chart of an SVG or PNG. */
  readonly chart: Chart['kind'] | undefined
  readonly force: boolean
}

export interface ReportOutput {
  readonly path: string
  readonly kind: ReportKind
}

/** Rows of all files together; a report holds them as whole records. */
const MOST_ROWS = 200_000

export async function report(
  terminal: Terminal,
  args: ReportArguments,
  signal: AbortSignal,
): Promise<ExitCode> {
  // Before anything is read, so that nobody waits for a large file in vain.
  using targets = openTargets(args)
  const { files, problems } = await readFiles(args, signal)
  const sections = await sectionsOf(args, terminal, signal)
  for (const problem of problems) terminal.err(`${problem}\n`)
  const report = buildReport({ title: args.title, files, problems, sections, version: BENCH_VERSION })
  for (const { path, kind } of args.outputs) {
    const content = await render(kind, report, args, terminal)
    targets.write(path, content)
    terminal.err(`${path}: ${KINDS[kind]}, ${formatSize(Buffer.byteLength(content))}\n`)
  }
  return EXIT.measured
}

/** The trend over the runs of a history. */
async function sectionsOf(
  { history, filter }: ReportArguments,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Section[]> {
  if (history === undefined) return []
  const asked = { folder: history, filter, metric: parseMetric('goodput') }
  const section = trendSection(await readTrend(asked, terminal, signal))
  return section ? [section] : []
}

const KINDS: Readonly<Record<ReportKind, string>> = {
  page: 'a page',
  markdown: 'Markdown',
  svg: 'a chart',
  png: 'a chart',
}

async function render(
  kind: ReportKind,
  report: Document,
  args: ReportArguments,
  terminal: Terminal,
): Promise<string | Uint8Array> {
  switch (kind) {
    case 'page':
      return renderHtml(report, { ...loadPage(), engine: await loadChartEngine() })
    case 'markdown':
      return renderMarkdown(report)
    case 'svg':
      return renderPicture(chosenChart(report, args, terminal), await loadChartEngine())
    case 'png':
      return toPng(renderPicture(chosenChart(report, args, terminal), await loadChartEngine()))
  }
}

/** Chooses the first chart of the kind asked for, and notes if there are more. */
function chosenChart({ sections }: Document, { chart: asked }: ReportArguments, terminal: Terminal): Chart {
  const charts = sections.flatMap(({ blocks }) =>
    blocks.flatMap(each => (each.kind === 'chart' ? [each.chart] : [])),
  )
  const kind = asked ?? charts[0]?.kind ?? 'goodput'
  const fitting = charts.filter(each => each.kind === kind)
  const [first] = fitting
  if (!first) {
    const kinds = [...new Set(charts.flatMap(each => each.kind ?? []))].join(', ')
    throw new UsageError(
      `--chart ${kind}: these results have no such chart; ${kinds ? `choose from ${kinds}` : 'they have none at all'}`,
    )
  }
  if (fitting.length > 1)
    terminal.err(
      `the picture shows “${first.title}”, the first of ${fitting.length}; choose with --filter size=SIZE\n`,
    )
  return first
}

async function readFiles({ files, filter }: ReportArguments, signal: AbortSignal) {
  const labels = labelsOf(files)
  const result = await readRecords(files, { most: MOST_ROWS, signal, ...(filter ? { filter } : {}) })
  return {
    files: result.files.flatMap((records, index) =>
      records.length > 0
        ? [{ label: labels[index] ?? '', records, manifests: result.manifests[index] ?? [] }]
        : [],
    ),
    problems: result.problems.map(each => each.message),
  }
}

/** Opens all files to write. A new one that is not written is removed; an existing one stays as it was until it is written. */
function openTargets({ outputs, force }: ReportArguments) {
  const open = new Map<string, { readonly descriptor: number; readonly isNew: boolean }>()
  const dispose = () => {
    process.off('exit', dispose)
    for (const [path, { descriptor, isNew }] of open) {
      const isFile = fstatSync(descriptor).isFile()
      closeSync(descriptor)
      if (isNew && isFile) rmSync(path, { force: true })
    }
    open.clear()
  }
  // A second signal ends the process at once.
  process.once('exit', dispose)
  try {
    for (const { path } of outputs) open.set(path, openTarget(path, force))
  } catch (thrown) {
    dispose()
    throw thrown
  }
  return {
    [Symbol.dispose]: dispose,
    write(path: string, content: string | Uint8Array): void {
      const target = open.get(path)
      if (!target) throw new Error(`${path} is not open`)
      try {
        if (!target.isNew) ftruncateSync(target.descriptor)
        writeWhole(target.descriptor, Buffer.from(content))
      } catch (thrown) {
        throw new SetupError(
          `cannot write to ${path}: ${errorCode(thrown) ?? errorMessage(thrown)}; make room, or name another place with -o`,
          { cause: thrown },
        )
      }
      open.delete(path)
      closeSync(target.descriptor)
    },
  }
}

function openTarget(path: string, force: boolean) {
  if (force && statSync(path, { throwIfNoEntry: false })?.isFile()) {
    try {
      return { descriptor: openSync(path, 'r+'), isNew: false }
    } catch {
      // The attempt below says why.
    }
  }
  return { descriptor: openFile(path, { overwrite: force }), isNew: true }
}
