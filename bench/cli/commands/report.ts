/** `bench report`: writes results as a page, as Markdown, or one of their charts as a picture. */
import { randomUUID } from 'node:crypto'
import { extname, resolve } from 'node:path'
import { UsageError } from '../../../base/errors.ts'
import { formatSize } from '../../../base/units.ts'
import { renderMarkdown } from '../../../results/document/markdown.ts'
import { CHART_KINDS, type Chart, type Document, type Section } from '../../../results/document/model.ts'
import { loadChartEngine, loadPage } from '../../../results/report/assets.ts'
import { buildReport } from '../../../results/report/build-report.ts'
import { renderHtml } from '../../../results/report/html/page.ts'
import { renderPicture } from '../../../results/report/picture.ts'
import { toPng } from '../../../results/report/png.ts'
import { trendSection } from '../../../results/report/sections/trend.ts'
import { oneOf } from '../../../scenarios/settings/grammar.ts'
import { BENCH_VERSION } from '../../fleet/facts/environment.ts'
import type { Command, Context, Given } from '../command.ts'
import { expandResultNames } from '../file-names.ts'
import { readFlags, repeated, text, yes } from '../flags.ts'
import { picturesSection } from '../kept-pictures.ts'
import { FILTER } from '../options.ts'
import { openFiles } from '../output-files.ts'
import { parseNote } from '../run-flags.ts'
import { isSealed, sealed } from '../seal.ts'
import { readStored } from '../stored.ts'
import { EXIT, type Terminal } from '../terminal.ts'
import { readTrend } from './trend.ts'

/** The kinds of report, by the extension of the file. */
const REPORT_KINDS = {
  '.html': 'page',
  '.htm': 'page',
  '.md': 'markdown',
  '.svg': 'svg',
  '.png': 'png',
} as const

const FLAGS = {
  out: {
    ...repeated(
      'file to write: report.html, summary.md, chart.svg or chart.png; may be given several times',
      String,
    ),
    alias: 'o',
  },
  title: text('title', String, 'the names of the files'),
  note: text('a line at the top, beside the notes of the runs', parseNote),
  filter: FILTER,
  history: text('folder of runs kept by bench check --history: adds their trend over commits', String),
  kept: text('folder of bench run --keep: shows pictures as they were sent and as they arrived', String),
  chart: {
    ...text('chart to draw in an SVG or PNG', oneOf(CHART_KINDS).parse, 'goodput'),
    choices: CHART_KINDS,
  },
  force: yes('overwrite existing files of --out that are not a report of the same results'),
}

type ReportKind = (typeof REPORT_KINDS)[keyof typeof REPORT_KINDS]

export const report: Command = {
  flags: FLAGS,
  examples: [
    ['$0 report results.csv -o report.html', 'write one page: text, charts, tables'],
    ['$0 report before.csv after.csv -o report.html', 'add how they compare'],
    ['$0 report results.csv --kept DIR -o report.html', 'add the pictures that arrived'],
    ['$0 report results.csv --chart loss -o loss.png', 'draw one chart as a picture'],
  ],
  before: 'everything was read',
  async run(given, context) {
    const args = reportArguments(given)
    const { terminal } = context
    // Before anything is read, so that nobody waits for a large file in vain.
    // Rows from a pipe cannot be read again.
    const of = args.files.includes('-') ? randomUUID() : JSON.stringify(args.files.map(each => resolve(each)))
    const asked = args.outputs.map(each => ({ ...each, replaces: isSealed(each.path, of) }))
    using targets = openFiles(asked, args.force)
    const { files, problems } = await readStored(args, context)
    const sections = await sectionsOf(args, context)
    if (args.kept !== undefined) {
      const records = files.flatMap(each => each.records)
      const section = await picturesSection(args.kept, records, context.catalog)
      if (section) sections.push(section)
      else problems.push(`--kept ${args.kept}: no picture that these results could show is in it`)
    }
    for (const problem of problems) terminal.err(`${problem}\n`)
    const { title, note } = args
    const report = buildReport({ title, note, files, problems, sections, version: BENCH_VERSION })
    for (const { file, path, kind } of targets.files) {
      const made = await render(kind, report, args, terminal)
      const content = typeof made === 'string' ? sealed(made, of) : made
      file.write(content)
      terminal.err(`${path}: ${KINDS[kind]}, ${formatSize(Buffer.byteLength(content))}\n`)
    }
    return EXIT.measured
  },
}

type ReportArguments = ReturnType<typeof reportArguments>

/** @throws UsageError */
export function reportArguments({ operands, flags }: Given) {
  const files = expandResultNames(operands)
  if (files.length === 0)
    throw new UsageError(
      'bench report needs results; name files, such as bench report results.csv -o report.html',
    )
  const { out, chart, ...given } = readFlags(FLAGS, flags)
  const outputs = out.map(outputOf)
  if (outputs.length === 0)
    throw new UsageError(
      '-o is missing; name a file to write, such as -o report.html (or .md, .svg, .png), or show them here with bench show',
    )
  const places = outputs.map(({ path }) => resolve(path))
  const twice = outputs.find((_, index) => places.indexOf(places[index] ?? '') < index)
  if (twice) throw new UsageError(`-o ${twice.path} is given twice; give it once`)
  const pictures = outputs.some(({ kind }) => kind === 'svg' || kind === 'png')
  if (chart !== undefined && !pictures)
    throw new UsageError(
      `--chart ${chart} is for a picture; add -o ${chart}.svg or -o ${chart}.png, or leave it out`,
    )
  return { ...given, files, outputs, chart }
}

function outputOf(path: string) {
  const extension = extname(path).toLowerCase()
  const kind = Object.entries(REPORT_KINDS).find(([known]) => known === extension)?.[1]
  if (!kind) {
    const known = Object.keys(REPORT_KINDS).join(', ')
    throw new UsageError(
      `-o ${path || '""'}: ${extension ? `${extension} is not a kind of report` : 'it has no extension'}; name a file that ends with one of ${known}`,
    )
  }
  return { path, kind, flag: 'out' }
}

/** The trend over the runs of a history. */
async function sectionsOf({ history, filter }: ReportArguments, context: Context): Promise<Section[]> {
  if (history === undefined) return []
  const section = trendSection(await readTrend(history, { filter }, context))
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
  if (kind === 'markdown') return renderMarkdown(report)
  const engine = await loadChartEngine()
  if (kind === 'page') return renderHtml(report, { ...loadPage(), engine })
  const picture = renderPicture(chosenChart(report, args, terminal), engine)
  return kind === 'svg' ? picture : toPng(picture)
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
