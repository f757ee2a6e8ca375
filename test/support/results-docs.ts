/** What is published about the results, made from the column table and from schemas. */
import * as z from 'zod'
import { FIGURES } from '../../results/compare/csv.ts'
import { figuresSchema } from '../../results/compare/json.ts'
import { CELL_FIELDS } from '../../results/schema/cells.ts'
import type { Over } from '../../results/schema/columns/column.ts'
import { COLUMNS, type Column } from '../../results/schema/columns.ts'
import { findingsSchema } from '../../results/schema/findings.ts'
import { overOf } from '../../results/schema/fold.ts'
import { manifestSchema } from '../../results/schema/manifest.ts'
import { cellSchema, recordSchema } from '../../results/schema/record.ts'
import { SCHEMA_VERSION } from '../../results/store/encoding.ts'
import { WARNING_CODES } from '../../results/warnings/warning.ts'

/** docs/columns.md */
export function columnsMarkdown(): string {
  return `<!-- Made from results/schema/columns.ts by npm run update-golden; do not edit. -->
# Columns

One row is one flow of a trial: one transfer of one case. A trial has one flow, two with \`--bidir\`, and with \`--streams\`
as many as that says in each direction, with \`--receivers\` one for each receiver: those of a direction are one sample in tables, comparisons, gates and reports. Its value of a column is made of
theirs as the column \`streams\` below says (for receivers of a group rates are those of the slowest, not the sum); empty, if it is for one of them (except in the first and the worst). The CSV is RFC 4180 in UTF-8, with a header; JSON and JSON Lines carry
the same fields (\`results.schema.json\`). What was measured and how (the command, every case, the programs) is beside a CSV in
\`NAME.run.json\`, in JSON under \`run\`, in JSON Lines in a line with \`"record":"run"\`. What is unknown or does not apply is empty in CSV and absent in JSON, never 0.
Booleans are \`true\` or \`false\`, ratios go from 0 to 1, times are milliseconds, rates bits per second, sizes bytes.
Times are written to the nanosecond, rates to a thousandth of a bit per second, ratios to nine decimals.

${FORMULA_NOTE} It is read with a byte order mark and with \`TRUE\` and \`FALSE\`, too.

| column | type | unit | always | streams | meaning |
|---|---|---|---|---|---|
${COLUMNS.map(markdownRow).join('\n')}
`
}

/** docs/results.schema.json: the document that \`--format json\` and a \`.json\` file hold; JSON Lines hold its records. */
export function resultsJsonSchema(): string {
  const document = z.object({
    schema_version: z.literal(SCHEMA_VERSION),
    run: manifestSchema.describe('What was measured and how.').optional(),
    records: z.array(recordSchema).describe('One a flow of a trial, in the order in which they ran.'),
    warnings: z
      .array(warning)
      .describe('What to know before trusting the figures; empty until the run ends.'),
    findings: findingsSchema
      .optional()
      .describe('What a search or a probe found; absent in other runs, and until it ends.'),
  })
  return jsonSchema('results', 'Results of tcp-udp-bench', document)
}

/** What a trial of several streams has of it. */
function streamsOf(column: Column): string {
  const over = overOf(column)
  if (typeof over === 'object') return `\`${over.part}\` / \`${over.of}\``
  return column.role === 'measured' ? OVER[over] : ''
}

const OVER: Readonly<Record<Extract<Over, string>, string>> = {
  sum: 'sum',
  mean: 'mean',
  most: 'largest',
  least: 'smallest',
  first: 'of the first',
  worst: 'of the one that ended worst',
  merged: 'added up',
  none: '',
}

function markdownRow(column: Column): string {
  const values = column.values ? ` One of ${column.values.map(value => `\`${value}\``).join(', ')}.` : ''
  const told = column.values?.every(value => column.meaning.includes(`\`${value}\``))
  const meaning = `${column.meaning}${told ? '' : values}`.replaceAll('|', '\\|')
  return `| \`${column.name}\` | ${column.type} | ${column.unit ?? ''} | ${column.required ? 'yes' : ''} | ${streamsOf(column)} | ${meaning} |`
}

const warning = z.object({
  code: z.enum(WARNING_CODES).describe('What kind of warning it is; at most one of a kind.'),
  message: z.string().describe('What is wrong, in one line.'),
  remedy: z.string().describe('What to do about it, in one line.'),
  cells: z.array(cellSchema).describe('The cases that it concerns.'),
})

/** A schema as docs/NAME.schema.json has it. */
export function jsonSchema(name: string, title: string, schema: z.ZodType): string {
  return `${JSON.stringify({ $id: `urn:tcp-udp-bench:${name}`, title, ...z.toJSONSchema(schema, { io: 'input' }) }, null, 2)}\n`
}

/** docs/compare.md: the columns of `bench compare --format csv`; their meanings are those of the JSON. */
export function compareMarkdown(): string {
  const schema = z.toJSONSchema(figuresSchema, { io: 'input' })
  const meanings: readonly (readonly [string, string])[] = [
    ...CELL_FIELDS.map(
      field => [field, COLUMNS.find(column => column.name === field)?.meaning ?? ''] as const,
    ),
    ['metric', 'The compared column of the results, with its unit in its name.'],
    ['set', 'File, or value of the `--by` column.'],
    ['is_base', '`true` for the set that the others are compared with.'],
    ...Object.entries(FIGURES).map(([name, path]) => [name, meaningAt(schema, path)] as const),
  ]
  return `<!-- Made from results/compare/csv.ts by npm run update-golden; do not edit. -->
# Columns of \`bench compare --format csv\`

One row per cell and set, as RFC 4180 CSV in UTF-8 with a header. Values that do not apply are empty, never 0; an infinite ratio is
\`Infinity\`. Figures are in the unit of the metric's column ([columns.md](columns.md)), intervals are 95 % intervals, ratios and losses are
shares of 1. A cell's fields are empty where they neither distinguish cells nor are the same in all of them. \`--format json\` has the
same, and what differs around it: [compare.schema.json](compare.schema.json).

${FORMULA_NOTE}

| column | meaning |
|---|---|
${meanings.map(([name, meaning]) => `| \`${name}\` | ${meaning.replaceAll('|', '\\|')} |`).join('\n')}
`
}

type JsonSchema = z.core.JSONSchema.BaseSchema

function meaningAt(schema: JsonSchema, path: readonly string[]): string {
  const end = path.at(-1)
  if (end === 'low') return 'Lower end of its 95 % interval.'
  if (end === 'high') return 'Upper end.'
  const found = path.reduce<JsonSchema | undefined>((node, key) => {
    const next = node?.properties?.[key]
    return typeof next === 'object' ? next : undefined
  }, schema)
  if (!found?.description) throw new Error(`no meaning of ${path.join('.')}`)
  return found.description
}

/** At the top of docs/columns.md and docs/compare.md. */
const FORMULA_NOTE = `A text that a spreadsheet would take for a formula (it begins with \`=\`, \`+\`, \`-\`, \`@\`, a tab or a line break) is prefixed with an
apostrophe, which \`bench\` removes again when it reads the file; other programs should, too.`
