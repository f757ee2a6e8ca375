/** Rows -> what a report says of them. Pure: whatever renders it has no more to find out. */
import { given } from '../../base/given.ts'
import { groupBy, sumOf } from '../../base/groups.ts'
import { counted, formatCount } from '../../base/units.ts'
import { chartsOf } from '../charts/all.ts'
import { answerBlock, answersOf, bestOf } from '../compare/answer.ts'
import type { Comparison } from '../compare/comparison.ts'
import { comparisonBlocks } from '../compare/document.ts'
import { pathAnswers } from '../compare/path-answers.ts'
import { systemsBlocks } from '../compare/systems-blocks.ts'
import { underLoadBlocks } from '../compare/under-load.ts'
import {
  compareFiles,
  compareSides,
  compareSystems,
  compareTransports,
  MOST_COMPARED,
} from '../compare/within.ts'
import { formatValues, titleOf } from '../compare/words.ts'
import { ratesThatHold } from '../document/frames-table.ts'
import { describeRun } from '../document/heading.ts'
import { hostMatrixBlocks } from '../document/host-matrix.ts'
import type { Document, Note, PageBlock, Section, Text } from '../document/model.ts'
import { pathBlocks } from '../document/path-table.ts'
import { probeBlocks } from '../document/probe-table.ts'
import { boundMarks, searchBlocks } from '../document/search-table.ts'
import { saysNothing } from '../document/text.ts'
import { shorten } from '../schema/cells.ts'
import { againSection } from './sections/again.ts'
import { casesSection } from './sections/cases.ts'
import { environmentSection } from './sections/environment.ts'
import { lossWords } from './sections/loss-words.ts'
import { METHOD } from './sections/method.ts'
import { receiversSection } from './sections/receivers.ts'
import { isRefusal, refusalWords } from './sections/refusal-words.ts'
import { casesOf, type ReportFile, type Source, sourceOf, trialsIn } from './sections/source.ts'
import { streamsSection } from './sections/streams.ts'
import { tilesOf, transportAnswers } from './sections/tiles.ts'

export interface ReportInput {
  /** Default: what the files are called. */
  readonly title?: string | undefined
  /** A line of whoever makes the report. */
  readonly note?: string | undefined
  /** In the order in which they are shown; others are compared with the first. At least one with rows. */
  readonly files: readonly ReportFile[]
  /** Rows and files that were left out, a line each. */
  readonly problems?: readonly string[]
  /** Further sections, such as the trend over commits; they stand before the table of all cases. */
  readonly sections?: readonly Section[]
  /** Version of this program. */
  readonly version: string
}

export function buildReport(input: ReportInput): Document {
  const sources = input.files.map(sourceOf)
  const cases = casesOf(sources)
  const comparisons = comparisonsOf(sources)
  const [only] = sources
  const bounds = only && sources.length === 1 ? boundMarks(only.summaries, only.manifests) : []
  const systems = systemsSection(sources, comparisons)
  const [first, ...charts] = chartsOf(cases, bounds).map((chart): PageBlock => ({ kind: 'chart', chart }))
  // It stands before the tables of its figures.
  const isOfHosts = first?.kind === 'chart' && first.chart.kind === 'hosts'
  const warnings = warningsSection(sources, input.problems ?? [])
  return {
    title: input.title ?? nameOfFiles(sources),
    subtitle: subtitleOf(sources),
    sections: [
      summarySection(sources, comparisons, notesOf(sources, input.note), isOfHosts ? [first] : [], [
        ...leadTo(systems),
        ...doubtBlocks(warnings),
        ...(isSearch(sources[0]) ? [] : tilesOf(cases)),
        ...ratesThatHold(cases),
        ...(first && !isOfHosts ? [first] : []),
      ]),
      systems,
      warnings,
      { id: 'charts', title: 'More charts', blocks: charts },
      ...comparisons.map(({ comparison, id, title }) => ({
        id,
        title,
        blocks: comparisonBlocks(comparison),
      })),
      ...(input.sections ?? []),
      streamsSection(cases),
      receiversSection(cases),
      underLoadSection(sources),
      casesSection(cases),
      pathsSection(sources),
      environmentSection(sources),
      METHOD,
      againSection(sources),
    ].filter(({ blocks }) => !blocks.every(saysNothing)),
    footer: [
      `Made by tcp-udp-bench ${input.version} (bench report). Charts: Apache ECharts, Apache License 2.0.`,
    ],
  }
}

/** Its trials are at rates that it chose; what it found is the rates. */
function isSearch(source: Source | undefined): boolean {
  return source?.manifests.some(({ search, probe }) => search ?? probe) ?? false
}

/** What to take where: the end of a run over paths. */
function pathsSection(sources: readonly Source[]): Section {
  return {
    id: 'paths',
    title: 'What to take on each path',
    blocks: sources.flatMap(({ records, summaries }) => [...pathBlocks(summaries), ...pathAnswers(records)]),
  }
}

interface Compared {
  readonly id: string
  readonly title: string
  readonly comparison: Comparison
  /** The same with another base. */
  readonly against: (base: number) => Comparison | undefined
}

/** Files with each other; the sides of a run; the transports of a single file, for each of its workloads. */
function comparisonsOf(sources: readonly Source[]): readonly Compared[] {
  const [only, ...others] = sources
  const sides = sources.flatMap((source, index) =>
    compared(
      `sides-${index + 1}`,
      others.length > 0 ? `Sides of ${shorten(source.label)}` : 'Side by side',
      base => compareSides(source, base),
    ),
  )
  const known = [...compared('files', 'File against file', base => compareFiles(sources, base)), ...sides]
  if (!only || others.length > 0 || known.length > 0 || isSearch(only)) return known
  const workloads = [...groupBy(only.records, each => each.workload).values()]
  return workloads.flatMap((records, index) =>
    compared(index === 0 ? 'transports' : `transports-${index + 1}`, 'Transport against transport', base =>
      compareTransports({ records }, base),
    ),
  )
}

function compared(id: string, title: string, against: Compared['against']): readonly Compared[] {
  const comparison = against(0)
  return comparison ? [{ id, title, comparison, against }] : []
}

/** Files of several systems, or the systems of one file. */
function systemsSection(sources: readonly Source[], comparisons: readonly Compared[]): Section {
  const [only] = sources
  const ofFiles = comparisons.find(({ id }) => id === 'files')?.comparison
  const comparison = only && sources.length === 1 ? compareSystems(only) : ofFiles
  return { id: 'systems', title: 'Systems', blocks: comparison ? systemsBlocks(comparison) : [] }
}

function leadTo({ id, blocks }: Section): readonly PageBlock[] {
  if (blocks.length === 0) return []
  return [
    { kind: 'text', text: ['Several systems: ', { link: 'what may be concluded, and what not', to: id }] },
  ]
}

function underLoadSection(sources: readonly Source[]): Section {
  const alone: Text = ['Requests beside a stream, and alone (idle)']
  return {
    id: 'under-load',
    title: 'Latency under load',
    blocks: sources.flatMap(({ label, records }) =>
      underLoadBlocks(records, sources.length > 1 ? [{ name: label }] : alone),
    ),
  }
}

/** More files than this are summed up in the tables alone. */
const MOST_SUMMARIZED = 4

/** @param before what is to be seen before the answer @param shown and beside it */
function summarySection(
  sources: readonly Source[],
  comparisons: readonly Compared[],
  notes: readonly Text[],
  before: readonly PageBlock[],
  shown: readonly PageBlock[],
): Section {
  const several = sources.length > 1
  const answers = comparisons.filter(({ comparison }) => comparison.by !== 'transport')
  const [only] = sources
  const searched = sources.flatMap(({ label, records, summaries, manifests }) => {
    const [heading, ...found] = [
      ...searchBlocks(summaries, manifests),
      ...probeBlocks(records, manifests),
      ...hostMatrixBlocks(summaries, manifests),
    ]
    return given(heading && several ? { ...heading, text: [{ name: label }] } : heading, ...found)
  })
  const ofTransports = answers.length === 0 && only && searched.length === 0 ? transportAnswers(only) : []
  const ofFiles = sources.slice(0, MOST_SUMMARIZED).flatMap((source): readonly PageBlock[] => {
    const fastest = several ? answersOf(source.records).map(([text]): Text => [...text, '.']) : []
    const items = [...fastest, ...lossWords(source), ...refusalWords(source)]
    const heading = { kind: 'heading', text: [{ name: source.label }] } as const
    return [...(several && items.length > 0 ? [heading] : []), { kind: 'list', items }]
  })
  return {
    id: 'summary',
    title: 'Summary',
    blocks: [
      { kind: 'list', items: notes },
      ...before,
      ...searched,
      ...[...ofTransports, ...given(...answers.map(each => bestOf(each.against)))].map(answerBlock),
      { kind: 'list', items: answers.flatMap(differenceWords) },
      ...shown,
      ...ofFiles,
      { kind: 'list', items: restWords(sources) },
    ],
  }
}

/** What was said of the report, and of each run when it was measured. */
function notesOf(sources: readonly Source[], note: string | undefined): readonly Text[] {
  const ofRuns = sources.flatMap(({ label, manifests }) => {
    const about = sources.length > 1 ? ` on ${shorten(label)}` : ''
    return [...new Set(manifests.flatMap(each => each.note ?? []))].map(text => ({ about, text }))
  })
  return [...(note === undefined ? [] : [{ about: '', text: note }]), ...ofRuns].map(({ about, text }) => [
    { strong: `Note${about}` },
    ': ',
    { name: text },
  ])
}

/** Folds the warnings into a line that leads to them. */
function doubtBlocks({ id, title, blocks }: Section): readonly PageBlock[] {
  const count = sumOf(blocks, block => ('items' in block ? block.items.length : 0))
  if (count === 0) return []
  return [{ kind: 'text', text: [`${title}: `, { link: counted(count, 'warning'), to: id }] }]
}

/** Says what is missing here if there are many files. */
function restWords(sources: readonly Source[]): readonly Text[] {
  const rest = sources.length - MOST_SUMMARIZED
  if (rest <= 0) return []
  return [
    [`The charts and tables have the other ${formatCount(rest)} ${rest === 1 ? 'file' : 'files'}.`],
    ...(sources.length > MOST_COMPARED
      ? [['So many files are not compared here; ', { code: 'bench compare' }, ' does that.']]
      : []),
  ]
}

/** Unintended differences that may be the cause; between transports they are expected. */
function differenceWords({ comparison: { differences } }: Compared): readonly Text[] {
  if (differences.length === 0) return []
  const columns = differences.map(
    ({ column, values }) => `${titleOf(column)} (${values.map(formatValues).join(' | ')})`,
  )
  return [[{ strong: 'They differ' }, ` in ${columns.join(', ')}.`]]
}

/** Refusals are in the summary, with their remedies. */
function warningsSection(sources: readonly Source[], problems: readonly string[]): Section {
  const several = sources.length > 1
  const items: readonly Note[] = [
    ...problems.map(message => ({ message })),
    ...sources.flatMap(({ label, warnings }) =>
      warnings
        .filter(warning => !isRefusal(warning))
        .map(({ message, remedy }) => ({
          message: several ? `${shorten(label)}: ${message}` : message,
          remedy,
        })),
    ),
  ]
  return { id: 'warnings', title: 'Before you believe it', blocks: [{ kind: 'notes', items }] }
}

function nameOfFiles(sources: readonly Source[]): string {
  const labels = sources.map(each => shorten(each.label))
  return labels.length > 3 ? `${labels[0]} and ${labels.length - 1} more files` : labels.join(', ')
}

/** Describes a single file, or counts the trials of several. */
function subtitleOf(sources: readonly Source[]): Text {
  const [only] = sources
  if (only && sources.length === 1) return [`${describeRun(only.summaries)}.`]
  const trials = sumOf(sources, trialsIn)
  return [`${counted(trials, 'trial')} in ${counted(sources.length, 'file')}.`]
}
