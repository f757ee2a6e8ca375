/** What is published about the results, made from the column table: docs/columns.md and docs/results.schema.json. */
import * as z from 'zod'
import type { Over } from '../schema/columns/column.ts'
import { COLUMNS, type Column } from '../schema/columns.ts'
import { overOf } from '../schema/fold.ts'
import { FORMULA_NOTE } from '../schema/formula.ts'
import { manifestSchema } from '../schema/manifest.ts'
import { recordSchema } from '../schema/record.ts'
import { warningSchema } from '../warnings/warning.ts'
import { SCHEMA_VERSION } from './encoding.ts'

/** docs/columns.md */
export function columnsMarkdown(): string {
  return `<!-- Made from results/schema/columns.ts by results/store/documentation.ts; do not edit. -->
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
      .array(warningSchema)
      .describe('What to know before trusting the figures; empty until the run ends.'),
  })
  const schema = z.toJSONSchema(document, { io: 'input' })
  return `${JSON.stringify({ title: 'Results of tcp-udp-bench', ...schema }, null, 2)}\n`
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
