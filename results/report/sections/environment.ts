/** Where the results were measured; differences come first. */
import { bySize } from '../../../base/groups.ts'
import { formatBytes, formatCount } from '../../../base/units.ts'
import { formatValues, titleOf } from '../../compare/words.ts'
import { names } from '../../document/figures.ts'
import type { Section, TableCell } from '../../document/model.ts'
import { type ColumnName, columnOf, ENVIRONMENT, type TrialRecord } from '../../schema/columns.ts'
import type { Manifest } from '../../schema/manifest.ts'
import { type Source, trialsIn } from './source.ts'

/** What the system granted. */
const GIVEN: readonly ColumnName[] = ['rcvbuf_bytes', 'sndbuf_bytes', 'congestion', 'path_mtu_bytes']
const COLUMNS: readonly ColumnName[] = [...ENVIRONMENT, ...GIVEN]

type ManifestPlugin = NonNullable<Manifest['plugins']>[number]

export function environmentSection(sources: readonly Source[]): Section {
  const several = sources.length > 1
  const columns = COLUMNS.filter(column => !isRepeated(column, sources)).map(column =>
    factOf(column, sources),
  )
  const facts = [
    ...runFacts(sources),
    ...columns.filter(each => each.differs),
    ...columns.filter(each => !each.differs),
  ].filter(({ texts }) => texts.some(text => text !== UNKNOWN))
  const rows = facts.map(({ title, texts, differs }): readonly TableCell[] => [
    { text: title },
    ...texts.map(text => ({ text })),
    ...(several ? [differs ? ({ text: 'differs', tone: 'caution' } as const) : { text: '' }] : []),
  ])
  const table = {
    caption: several ? 'Where each file was measured; what differs stands first' : 'Where it was measured',
    columns: several
      ? names('what', ...sources.map(({ label }) => label), 'differs')
      : names('what', 'value'),
    rows,
  }
  return { id: 'environment', title: 'Environment', blocks: [{ kind: 'table', table }] }
}

interface Fact {
  readonly title: string
  /** For each source. */
  readonly texts: readonly string[]
  readonly differs: boolean
}

/** How formatValues shows that there is no value. */
const UNKNOWN = formatValues([])

function factOf(column: ColumnName, sources: readonly Source[]): Fact {
  const values = sources.map(({ records }) => valuesOf(records, column))
  const texts = values.map(each => formatValues(each.map(value => textOf(column, value))))
  // The same values may be of other numbers of trials, and so in another order.
  const differs = new Set(values.map(each => JSON.stringify(each.toSorted()))).size > 1
  return { title: titleOf(column), texts: differs ? texts : texts.map(() => texts[0] ?? UNKNOWN), differs }
}

function runFacts(sources: readonly Source[]): readonly Fact[] {
  const fact = (title: string, text: (source: Source) => string, mayDiffer = true): Fact => {
    const texts = sources.map(text)
    return { title, texts, differs: mayDiffer && new Set(texts).size > 1 }
  }
  const distinct = ({ records }: Source, column: 'run_id' | 'scenario' | 'commit') => [
    ...new Set(records.flatMap(each => each[column] ?? [])),
  ]
  const countOf = (source: Source) =>
    `${formatCount(trialsIn(source))} in ${formatCount(distinct(source, 'run_id').length)}`
  const pluginsOf = ({ manifests }: Source) =>
    new Set(manifests.flatMap(each => each.plugins ?? []).map(describePlugin))
  return [
    fact('measured', spanOf, false),
    fact('trials, in runs', countOf, false),
    fact('scenario', source => formatValues(distinct(source, 'scenario'))),
    fact('commit', source => formatValues(distinct(source, 'commit'))),
    fact('plug-ins', source => formatValues([...pluginsOf(source)])),
  ]
}

/** `udp-sequence 1.0.0 (transport udp-sequence)` */
function describePlugin({ name, version, transports, workloads, engines, sinks }: ManifestPlugin): string {
  const provided = Object.entries({
    transport: transports,
    workload: workloads,
    engine: engines,
    sink: sinks,
  })
  const parts = provided.flatMap(([what, names]) => (names.length > 0 ? [`${what} ${names.join(', ')}`] : []))
  return `${name} ${version}${parts.length > 0 ? ` (${parts.join('; ')})` : ''}`
}

/** `2026-03-01 12:00:00 to 2026-03-01 12:01:30 UTC` */
function spanOf({ records }: Source): string {
  const times = records.map(each => each.started_at.slice(0, 19).replace('T', ' ')).sort()
  return `${times[0]} to ${times.at(-1)} UTC`
}

/** Most frequent first. */
function valuesOf(records: readonly TrialRecord[], column: ColumnName): readonly (string | number)[] {
  return bySize(records, record => record[column]).flatMap(([value]) =>
    typeof value === 'string' || typeof value === 'number' ? [value] : [],
  )
}

/** Both ends are this host where nothing else is said: they need no rows of their own. */
function isRepeated(column: ColumnName, sources: readonly Source[]): boolean {
  const end = columnOf(column).end
  const name = end && column.slice(end.length + 1)
  const whole = COLUMNS.find(each => each === name) ?? (name === 'engine' ? 'engine' : undefined)
  return (
    whole !== undefined &&
    sources.every(({ records }) =>
      records.every(each => each[column] === undefined || each[column] === each[whole]),
    )
  )
}

function textOf(column: ColumnName, value: string | number): string {
  if (typeof value === 'string') return value
  return column.endsWith('_bytes') ? formatBytes(value) : formatCount(value)
}
