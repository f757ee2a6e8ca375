/** docs/compare.md: the columns of `bench compare --format csv`, made from their table. */
import { FORMULA_NOTE } from '../schema/formula.ts'
import { CSV_COLUMNS } from './csv.ts'

export function compareMarkdown(): string {
  return `<!-- Made from results/compare/csv.ts by results/compare/documentation.ts; do not edit. -->
# Columns of \`bench compare --format csv\`

A row for each cell and set, CSV of RFC 4180 in UTF-8 with a header. What does not apply is empty, never 0; an infinite ratio is
\`Infinity\`. Figures are in the unit of the metric's column ([columns.md](columns.md)), intervals are of 95 %, ratios and losses are
shares of 1. Fields of a cell are empty where they neither tell cells apart nor are the same in all of them. \`--format json\` tells the
same and what differs around it: [compare.schema.json](compare.schema.json).

${FORMULA_NOTE}

| column | meaning |
|---|---|
${CSV_COLUMNS.map(({ name, meaning }) => `| \`${name}\` | ${meaning.replaceAll('|', '\\|')} |`).join('\n')}
`
}
