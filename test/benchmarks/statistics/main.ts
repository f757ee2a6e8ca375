/**
 * `npm run bench:statistics`: the tables of docs/statistics.md, as Markdown, from seeded simulation; some minutes.
 * `-- --experiments N` for a quick look, `-- --only rules,processes,sizes,intervals,until,loss,dip,changes,history` for single tables.
 */
import { parseArgs } from 'node:util'
import { BUSY, QUIET } from '../../simulation/noise.ts'
import { changesTable, historyTable } from './change-points.ts'
import { dipTable } from './dip.ts'
import { intervalTable, ratioTable } from './intervals.ts'
import { lossTable } from './loss.ts'
import { calibration, processesTable, rulesTable, sizesTable, storedTable } from './rules.ts'
import { untilTable } from './until.ts'

const { values } = parseArgs({
  options: { experiments: { type: 'string', default: '5000' }, only: { type: 'string' } },
})
const experiments = Number(values.experiments)
if (!(Number.isInteger(experiments) && experiments > 0))
  throw new Error(`--experiments: a whole number over 0, got ${values.experiments}`)

const TABLES: Readonly<Record<string, () => readonly string[]>> = {
  calibration: () => [calibration(QUIET, experiments)],
  rules: () => [rulesTable(QUIET, experiments), rulesTable(BUSY, experiments)],
  processes: () => [QUIET, BUSY].map(model => processesTable(model, experiments)),
  sizes: () => [sizesTable(experiments)],
  stored: () => [storedTable(experiments)],
  intervals: () => [intervalTable(experiments), ratioTable(experiments)],
  until: () => [untilTable(Math.ceil(experiments / 10))],
  loss: () => [lossTable(experiments)],
  dip: () => [dipTable(40 * experiments)],
  changes: () => [QUIET, BUSY].map(model => changesTable(model, Math.ceil(experiments / 10))),
  history: () => [historyTable(QUIET, Math.ceil(experiments / 50))],
}

const wanted = values.only?.split(',') ?? Object.keys(TABLES)
for (const name of wanted) {
  const make = TABLES[name]
  if (!make) throw new Error(`--only: ${name}: choose from ${Object.keys(TABLES).join(', ')}`)
  for (const text of make()) process.stdout.write(`${text}\n\n`)
}
