/** docs/compare.md: the columns of `bench compare --format csv`, made from their table. */
import { FORMULA_NOTE } from '../schema/formula.ts'
import { CSV_COLUMNS } from './csv.ts'

export function compareMarkdown(): string {
  return `<!-- Made from results/compare/csv.ts by results/compare/documentation.ts; do not edit. -->
# Columns of \`bench compare --format csv\`

One row per cell and set, as RFC 4180 CSV in UTF-8 with a header. Values that do not apply are empty, never 0; an infinite ratio is
\`Infinity\`. Figures are in the unit of the metric's column ([columns.md](columns.md)), intervals are 95 % intervals, ratios and losses are
shares of 1. A cell's fields are empty where they neither distinguish cells nor are the same in all of them. \`--format json\` has the
same, and what differs around it: [compare.schema.json](compare.schema.json).

${FORMULA_NOTE}

| column | meaning |
|---|---|
${CSV_COLUMNS.map(({ name, meaning }) => `| \`${name}\` | ${meaning.replaceAll('|', '\\|')} |`).join('\n')}
`
}
