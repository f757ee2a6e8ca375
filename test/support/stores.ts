/** Stores in folders of their own, and what is asked of them. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { addFile, makeStore } from '../../results/archive/folder.ts'
import { type Answer, queryStore } from '../../results/archive/query.ts'
import { readRecords } from '../../results/read/read.ts'
import { COLUMNS } from '../../results/schema/columns.ts'

export function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'bench-store-'))
  context.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** A store in a folder of its own, and a function that writes a file beside it and adds that. */
export function emptyStore(context: TestContext) {
  const path = folder(context)
  const store = join(path, 'store')
  makeStore(store)
  const write = (name: string, text: string) => {
    writeFileSync(join(path, name), text)
    return join(path, name)
  }
  const add = (name: string, text: string) => addFile(store, write(name, text))
  return { path, store, write, add }
}

interface Asked extends Pick<Answer, 'columns' | 'notes'> {
  readonly rows: readonly (readonly unknown[])[]
}

export async function ask(store: string, sql: string, options = {}): Promise<Asked> {
  let asked: Asked | undefined
  await queryStore(
    store,
    sql,
    async ({ columns, rows, notes }) => {
      const all = []
      for await (const piece of rows) all.push(...piece)
      asked = { columns, rows: all, notes }
    },
    options,
  )
  assert(asked)
  return asked
}

/** Rows as records are written, without empty values. */
export async function recordsIn(store: string): Promise<readonly string[]> {
  const { columns, rows } = await ask(store, 'from trials')
  return rows
    .map(row => {
      const entries = columns.map((name, at) => [name, row[at]] as const)
      return JSON.stringify(
        Object.fromEntries(entries.filter(([, value]) => value !== undefined).map(comparable)),
      )
    })
    .sort()
}

/** A query gives moments with milliseconds at least. */
function comparable([name, value]: readonly [string, unknown]): readonly [string, unknown] {
  return name === 'started_at' ? [name, new Date(String(value)).toISOString()] : [name, value]
}

export async function recordsOf(paths: readonly string[]): Promise<readonly string[]> {
  const { records } = await readRecords(paths)
  return records
    .map(each => {
      const values = each as Readonly<Record<string, unknown>>
      const entries = COLUMNS.map(({ name, whenEmpty }) => [name, values[name] ?? whenEmpty] as const)
      return JSON.stringify(
        Object.fromEntries(entries.filter(([, value]) => value !== undefined).map(comparable)),
      )
    })
    .sort()
}
