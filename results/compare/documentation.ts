/** docs/compare.md: the columns of `bench compare --format csv`; their meanings are those of the JSON. */
import * as z from 'zod'
import { CELL_FIELDS } from '../schema/cells.ts'
import { COLUMNS } from '../schema/columns.ts'
import { FORMULA_NOTE } from '../schema/formula.ts'
import { FIGURES } from './csv.ts'
import { figuresSchema } from './json.ts'

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
  return `<!-- Made from results/compare/csv.ts by results/compare/documentation.ts; do not edit. -->
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
