/** `bench query`: asks a store in SQL. */
import { harmlessJson } from '../../../base/foreign-text.ts'
import { formatCount } from '../../../base/units.ts'
import { type Answer, queryStore } from '../../../results/archive/query.ts'
import { blocksMarkdown } from '../../../results/document/markdown.ts'
import { renderBlocks } from '../../../results/document/terminal.ts'
import { csvLine } from '../../../results/store/csv.ts'
import type { Command } from '../command.ts'
import { choice, readFlags } from '../flags.ts'
import { plainTable } from '../plain-table.ts'
import { EXIT, type Terminal } from '../terminal.ts'

const FORMATS = { table, markdown, csv, json, jsonl }
const FLAGS = { format: choice('on standard output', ['table', 'markdown', 'csv', 'json', 'jsonl'], 'table') }

export const query: Command = {
  flags: FLAGS,
  examples: [
    [
      "$0 query 'select transport, median(goodput_bps) from trials group by all' results",
      'of all rows of a store',
    ],
    ["$0 query 'from runs order by started_at desc limit 10' results", 'the latest runs'],
    ["$0 query 'describe trials' results", 'the columns, as in docs/columns.md'],
  ],
  epilogue:
    'Tables: trials (a row of the files each), intervals (of streams), runs. The SQL is that of DuckDB, which npm install @duckdb/node-api adds. A query reads the store and nothing else, and changes nothing. See docs/store.md.',
  before: 'the whole answer was there',
  async run({ operands: [sql = '', folder = ''], flags }, { terminal, signal }) {
    const { format } = readFlags(FLAGS, flags)
    await queryStore(
      folder,
      sql,
      async answer => {
        for (const note of answer.notes) terminal.err(`${note}\n`)
        await FORMATS[format](answer, terminal)
      },
      { signal },
    )
    return EXIT.measured
  },
}

/** Nobody reads more of them, and each is held to know how wide columns are. */
const MOST_SHOWN = 1000

async function table({ columns, rows }: Answer, terminal: Terminal): Promise<void> {
  const { first, isCut } = await firstRows(rows)
  terminal.out(renderBlocks([plainTable(columns, first)], terminal))
  if (isCut) terminal.err(CUT)
}

async function markdown({ columns, rows }: Answer, terminal: Terminal): Promise<void> {
  const { first, isCut } = await firstRows(rows)
  terminal.data(blocksMarkdown([plainTable(columns, first)]))
  if (isCut) terminal.err(CUT)
}

const CUT = `these are the first ${formatCount(MOST_SHOWN)} rows; --format csv, json or jsonl writes all\n`

async function firstRows(rows: Answer['rows']) {
  const first: (readonly unknown[])[] = []
  for await (const piece of rows) {
    first.push(...piece)
    if (first.length > MOST_SHOWN) return { first: first.slice(0, MOST_SHOWN), isCut: true }
  }
  return { first, isCut: false }
}

async function csv({ columns, rows }: Answer, terminal: Terminal): Promise<void> {
  const lineOf = (row: readonly unknown[]) =>
    csvLine(row.map(value => (typeof value === 'object' ? JSON.stringify(value) : value)))
  terminal.data(csvLine(columns))
  await eachPiece(rows, terminal, piece => piece.map(lineOf).join(''))
}

async function jsonl({ columns, rows }: Answer, terminal: Terminal): Promise<void> {
  await eachPiece(rows, terminal, piece => piece.map(row => `${objectText(columns, row)}\n`).join(''))
}

async function json({ columns, rows }: Answer, terminal: Terminal): Promise<void> {
  let before = '['
  await eachPiece(rows, terminal, piece =>
    piece
      .map(row => {
        const text = `${before}\n${objectText(columns, row)}`
        before = ','
        return text
      })
      .join(''),
  )
  terminal.data(before === '[' ? '[]\n' : '\n]\n')
}

/** What is empty is absent, as in results. */
function objectText(columns: readonly string[], row: readonly unknown[]): string {
  return harmlessJson(JSON.stringify(Object.fromEntries(columns.map((name, at) => [name, row[at]]))))
}

/** Waits for whoever reads, so that no answer is too long. */
async function eachPiece(
  rows: Answer['rows'],
  terminal: Terminal,
  textOf: (piece: readonly (readonly unknown[])[]) => string,
): Promise<void> {
  for await (const piece of rows) {
    terminal.data(textOf(piece))
    await terminal.taken?.()
  }
}
