/** Where it was measured; what differs stands first. */
import { formatBytes, formatCount } from '../../../base/units.ts'
import { formatValues, titleOf } from '../../compare/words.ts'
import type { Section, TableCell } from '../../document/model.ts'
import { type ColumnName, columnOf, ENVIRONMENT, type TrialRecord } from '../../schema/columns.ts'
import type { Manifest } from '../../schema/manifest.ts'
import type { Source } from './source.ts'

/** What the system gave, beside where it ran. */
const GIVEN: readonly ColumnName[] = ['rcvbuf_bytes', 'sndbuf_bytes', 'congestion', 'path_mtu_bytes']
type ManifestPlugin = NonNullable<Manifest['plugins']>[number]

const COLUMNS: readonly ColumnName[] = [...ENVIRONMENT, ...GIVEN]

export function environmentSection(sources: readonly Source[]): Section {
  const rows = COLUMNS.flatMap(column => {
    const values = sources.map(({ records }) => valuesOf(records, column))
    if (values.every(each => each.length === 0) || isRepeated(column, sources)) return []
    const texts = values.map(each => formatValues(each.map(value => textOf(column, value))))
    const differs = new Set(texts).size > 1 || values.some(each => each.length > 1)
    return [{ column, texts, differs }]
  })
  const sorted = [...rows.filter(row => row.differs), ...rows.filter(row => !row.differs)]
  const several = sources.length > 1
  return {
    id: 'environment',
    title: 'Environment',
    blocks: [
      {
        kind: 'table',
        table: {
          caption: several
            ? 'Where each file was measured; what differs stands first'
            : 'Where it was measured',
          columns: [
            { title: 'what', align: 'left' },
            ...sources.map(({ label }) => ({ title: several ? label : 'value', align: 'left' as const })),
            ...(several ? [{ title: 'differs', align: 'left' as const }] : []),
          ],
          rows: [
            ...runRows(sources),
            ...sorted.map(({ column, texts, differs }) => row(titleOf(column), texts, differs, several)),
          ],
        },
      },
    ],
  }
}

function runRows(sources: readonly Source[]): readonly (readonly TableCell[])[] {
  const several = sources.length > 1
  const dates = sources.map(({ records }) => {
    const times = records.map(each => each.started_at).sort()
    return `${moment(times[0])} to ${moment(times.at(-1))} UTC`
  })
  const counts = sources.map(
    ({ records }) =>
      `${formatCount(records.length)} in ${formatCount(new Set(records.map(each => each.run_id)).size)}`,
  )
  const scenarios = sources.map(({ records }) =>
    formatValues([...new Set(records.map(each => each.scenario))]),
  )
  const commits = sources.map(({ records }) =>
    formatValues([...new Set(records.flatMap(each => each.commit ?? []))]),
  )
  const plugins = sources.map(({ manifests }) =>
    formatValues([...new Set(manifests.flatMap(each => each.plugins ?? []).map(describePlugin))]),
  )
  return [
    row('measured', dates, false, several),
    row('trials, in runs', counts, false, several),
    row('scenario', scenarios, new Set(scenarios).size > 1, several),
    ...optionalRow('commit', commits, several),
    ...optionalRow('plug-ins', plugins, several),
  ]
}

/** `udp-sequence 1.0.0 (transport udp-sequence)` */
function describePlugin({ name, version, transports, engines, sinks }: ManifestPlugin): string {
  const provided = Object.entries({ transport: transports, engine: engines, sink: sinks })
  const parts = provided.flatMap(([what, names]) => (names.length > 0 ? [`${what} ${names.join(', ')}`] : []))
  return `${name} ${version}${parts.length > 0 ? ` (${parts.join('; ')})` : ''}`
}

/** None where no source has a value. */
function optionalRow(
  title: string,
  texts: readonly string[],
  several: boolean,
): readonly (readonly TableCell[])[] {
  if (texts.every(each => each === '–')) return []
  return [row(title, texts, new Set(texts).size > 1, several)]
}

function row(
  title: string,
  texts: readonly string[],
  differs: boolean,
  several: boolean,
): readonly TableCell[] {
  const last: readonly TableCell[] = several
    ? [differs ? { text: 'differs', tone: 'caution' } : { text: '' }]
    : []
  return [{ text: title }, ...texts.map(text => ({ text })), ...last]
}

/** Most frequent first. */
function valuesOf(records: readonly TrialRecord[], column: ColumnName): readonly (string | number)[] {
  const counts = new Map<string | number, number>()
  for (const record of records) {
    const value = record[column]
    if (typeof value === 'string' || typeof value === 'number')
      counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  return [...counts].sort((a, b) => b[1] - a[1]).map(([value]) => value)
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

function moment(time: string | undefined): string {
  return (time ?? '').slice(0, 19).replace('T', ' ')
}
