/** `bench export`: rows into a database. */
import { UsageError } from '../../../base/errors.ts'
import { counted, formatCount } from '../../../base/units.ts'
import { addressOf } from '../../../results/postgres/address.ts'
import { exportRows } from '../../../results/postgres/export.ts'
import type { Command } from '../command.ts'
import { expandResultNames } from '../file-names.ts'
import { readFlags, usually } from '../flags.ts'
import { FILTER } from '../options.ts'
import { EXIT } from '../terminal.ts'

const FLAGS = {
  table: usually('table that rows go to; it is made if it is missing', parseTable, 'trials'),
  filter: FILTER,
}

export const exportCommand: Command = {
  flags: FLAGS,
  examples: [
    ['$0 export postgres://db.example/bench results.csv', 'into the table trials, as the user of this name'],
    ['PGPASSWORD=… $0 export postgres://me@db.example/bench results', 'all rows of a store'],
  ],
  epilogue:
    'Rows go by COPY through psql (the client of PostgreSQL), in one transaction. A row that is there already is not added again. The password is that of PGPASSWORD, ~/.pgpass or a service file.',
  before: 'any row was there',
  async run({ operands: [url = '', ...names], flags }, { terminal, signal }) {
    const { table, filter } = readFlags(FLAGS, flags)
    // Before any file is looked for.
    addressOf(url)
    const files = expandResultNames(names)
    if (files.length === 0)
      throw new UsageError('bench export needs results; name files, or a store: bench export URL results.csv')
    const { rows, added, problems } = await exportRows(url, files, { table, filter, signal })
    for (const { message } of problems) terminal.err(`${message}\n`)
    const before = rows === added ? '' : `; ${formatCount(rows - added)} were there already`
    terminal.out(`${counted(added, 'row')} added to ${table}${before}\n`)
    return EXIT.measured
  },
}

function parseTable(name: string): string {
  if (/^[A-Za-z_][\w$]{0,62}$/.test(name)) return name
  throw new UsageError(`not the name of a table: ${JSON.stringify(name)}; letters, digits and _ make one`)
}
