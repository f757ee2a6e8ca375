/** The flags of `bench report`, and the arguments that they become. */
import { extname, resolve } from 'node:path'
import type { Argv, Options } from 'yargs'
import { UsageError } from '../../../base/errors.ts'
import { CHART_KINDS } from '../../../results/document/model.ts'
import { parseSelector, type Selector } from '../../../results/select/selector.ts'
import { expandFileNames } from '../file-names.ts'
import { type Flags, flag, text, yes } from '../options.ts'

/** What a report can be written as, by the extension of the file. */
const REPORT_KINDS = {
  '.html': 'page',
  '.htm': 'page',
  '.md': 'markdown',
  '.svg': 'svg',
  '.png': 'png',
} as const satisfies Record<string, string>
export type ReportKind = (typeof REPORT_KINDS)[keyof typeof REPORT_KINDS]

export interface ReportArguments {
  readonly files: readonly string[]
  readonly outputs: readonly ReportOutput[]
  readonly title: string | undefined
  readonly filter: Selector | undefined
  /** A folder of runs, whose course is shown too. */
  readonly history: string | undefined
  /** The one chart of an SVG or PNG. */
  readonly chart: (typeof CHART_KINDS)[number] | undefined
  readonly force: boolean
}

interface ReportOutput {
  readonly path: string
  readonly kind: ReportKind
}

export const REPORT_OPTIONS = {
  out: {
    ...text('where to: report.html, summary.md, chart.svg or chart.png; may be given several times'),
    alias: 'o',
  },
  title: text('its title', 'the names of the files'),
  filter: text('only these rows: "transport=udp-* chunk<=9216 size=800k,1M engine!=node"'),
  history: text('a folder of runs, as bench check --history keeps them: adds their course over commits'),
  chart: { ...text('the chart of an SVG or PNG', 'goodput'), choices: CHART_KINDS },
  force: yes('overwrite the files of --out'),
} as const satisfies Record<string, Options>

export function describeReport(builder: Argv) {
  return builder
    .positional('files', {
      type: 'string',
      array: true,
      default: [],
      describe: 'results as bench wrote them: .csv, .json, .jsonl; - is standard input',
    })
    .options(REPORT_OPTIONS)
    .example('$0 report results.csv -o report.html', 'one page: words, charts, tables')
    .example('$0 report before.csv after.csv -o report.html', 'and how they compare')
    .example('$0 report results.csv --chart loss -o loss.png', 'one chart as a picture')
}

/** @throws UsageError */
export function reportArguments(flags: Flags): ReportArguments {
  const files = expandFileNames([flags['files'] ?? []].flat().map(String))
  if (files.length === 0)
    throw new UsageError('bench report wants results; name files, as bench report results.csv -o report.html')
  const outputs = [flags['out'] ?? []].flat().map(each => outputOf(String(each)))
  if (outputs.length === 0)
    throw new UsageError('-o is missing; say where to, as -o report.html (or .md, .svg, .png)')
  const places = outputs.map(({ path }) => resolve(path))
  const twice = outputs.find((_, index) => places.indexOf(places[index] ?? '') < index)
  if (twice) throw new UsageError(`-o ${twice.path} is given twice; give it once`)
  const chart = flag('chart', flags['chart'], parseChart)
  const pictures = outputs.some(({ kind }) => kind === 'svg' || kind === 'png')
  if (chart !== undefined && !pictures)
    throw new UsageError(
      `--chart ${chart} is for one picture; add -o ${chart}.svg or -o ${chart}.png, or leave it out`,
    )
  return {
    files,
    outputs,
    chart,
    title: flag('title', flags['title'], String),
    filter: flag('filter', flags['filter'], each => parseSelector(each)),
    history: flag('history', flags['history'], String),
    force: flags['force'] === true,
  }
}

function outputOf(path: string): ReportOutput {
  const extension = extname(path).toLowerCase()
  const kind = Object.entries(REPORT_KINDS).find(([known]) => known === extension)?.[1]
  if (!kind) {
    const known = Object.keys(REPORT_KINDS).join(', ')
    throw new UsageError(
      `-o ${path || '""'}: ${extension ? `${extension} is no kind of report` : 'it has no extension'}; name a file that ends with one of ${known}`,
    )
  }
  return { path, kind }
}

function parseChart(value: string) {
  const kind = CHART_KINDS.find(each => each === value)
  if (!kind)
    throw new UsageError(`unknown chart ${JSON.stringify(value)}; choose one of ${CHART_KINDS.join(', ')}`)
  return kind
}
