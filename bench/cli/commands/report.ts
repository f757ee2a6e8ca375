/** `bench report` on the command line. */
import { extname, resolve } from 'node:path'
import { UsageError } from '../../../base/errors.ts'
import { CHART_KINDS } from '../../../results/document/model.ts'
import type { ReportArguments, ReportOutput } from '../actions/report.ts'
import { unlessInterrupted } from '../called-off.ts'
import type { Command, Given } from '../command.ts'
import { expandResultNames } from '../file-names.ts'
import { choice, readFlags, repeated, text, yes } from '../flags.ts'
import { FILTER, RESULTS } from '../options.ts'

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
  filter: FILTER,
  history: text('folder of runs kept by bench check --history: adds their trend over commits', String),
  chart: choice('chart to draw in an SVG or PNG', CHART_KINDS, 'goodput'),
  force: yes('overwrite existing files of --out'),
}

export const report: Command = {
  name: 'report',
  summary: 'write results as a page or Markdown, or a chart as a picture',
  operands: [RESULTS],
  flags: FLAGS,
  examples: [
    ['$0 report results.csv -o report.html', 'write one page: text, charts, tables'],
    ['$0 report before.csv after.csv -o report.html', 'add how they compare'],
    ['$0 report results.csv --chart loss -o loss.png', 'draw one chart as a picture'],
  ],
  async run(given, terminal, signal) {
    const args = reportArguments(given)
    const { report } = await import('../actions/report.ts')
    return unlessInterrupted(terminal, signal, () => report(terminal, args, signal))
  },
}

/** @throws UsageError */
export function reportArguments({ operands, flags }: Given): ReportArguments {
  const files = expandResultNames(operands)
  if (files.length === 0)
    throw new UsageError(
      'bench report needs results; name files, such as bench report results.csv -o report.html',
    )
  const { out, chart, ...given } = readFlags(FLAGS, flags)
  const outputs = out.map(outputOf)
  if (outputs.length === 0)
    throw new UsageError('-o is missing; name a file to write, such as -o report.html (or .md, .svg, .png)')
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

function outputOf(path: string): ReportOutput {
  const extension = extname(path).toLowerCase()
  const kind = Object.entries(REPORT_KINDS).find(([known]) => known === extension)?.[1]
  if (!kind) {
    const known = Object.keys(REPORT_KINDS).join(', ')
    throw new UsageError(
      `-o ${path || '""'}: ${extension ? `${extension} is not a kind of report` : 'it has no extension'}; name a file that ends with one of ${known}`,
    )
  }
  return { path, kind }
}
