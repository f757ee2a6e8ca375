/** DuckDB, which whoever wants to ask a store installs: opened for one command, with a bound of memory, and a folder for what does not fit. */
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import { errorMessage, SetupError, UsageError } from '../../base/errors.ts'
import { harmless } from '../../base/foreign-text.ts'
import { packageRemedy } from '../../base/packages.ts'
import { literal } from './tables.ts'

/** What is not in a folder of its own does not take more memory. */
const MEMORY = '1GB'

/** How folders for what is not kept begin. */
export const TEMPORARY = 'bench-working-'

export interface Database extends Disposable {
  readonly connection: DuckDBConnection
  /** A folder for what is not kept. */
  readonly temporary: string
  /** Runs a statement of our own. @throws SetupError */
  run(sql: string): Promise<void>
  /** The rows of one. @throws SetupError */
  rows(sql: string): Promise<readonly (readonly unknown[])[]>
}

/**
 * @param within folder in which that for what is not kept is made, and removed when this is disposed of
 * @param memory in words of DuckDB @throws SetupError when DuckDB is not there
 */
export async function openDatabase(within: string, signal?: AbortSignal, memory = MEMORY): Promise<Database> {
  const { DuckDBInstance } = await load()
  const temporary = mkdtempSync(join(within, TEMPORARY))
  const remove = () => rmSync(temporary, { recursive: true, force: true })
  // A second signal ends the process at once.
  process.once('exit', remove)
  const dispose = (connection?: DuckDBConnection, instance?: DuckDBInstance) => {
    connection?.closeSync()
    instance?.closeSync()
    process.off('exit', remove)
    remove()
  }
  try {
    const instance = await DuckDBInstance.create(':memory:', {
      memory_limit: memory,
      temp_directory: join(temporary, 'spilled'),
      // Nothing is fetched.
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    })
    const connection = await instance.connect()
    // `now()` is as `started_at` is, whatever the machine's zone.
    await connection.run("SET TimeZone = 'UTC'")
    const interrupt = () => connection.interrupt()
    signal?.addEventListener('abort', interrupt)
    const doing = async <T>(work: () => Promise<T>) => {
      signal?.throwIfAborted()
      try {
        return await work()
      } catch (thrown) {
        signal?.throwIfAborted()
        const message = duckdbMessage(thrown)
        const help = /space left|out of memory/i.test(message)
          ? `make room in ${within}`
          : 'bench store compact DIR --anew makes all tables again'
        throw new SetupError(`DuckDB failed: ${message}; ${help}`, { cause: thrown })
      }
    }
    return {
      connection,
      temporary,
      run: sql => doing(async () => void (await connection.run(sql))),
      rows: sql => doing(async () => (await connection.runAndReadAll(sql)).getRows()),
      [Symbol.dispose]() {
        signal?.removeEventListener('abort', interrupt)
        dispose(connection, instance)
      },
    }
  } catch (thrown) {
    dispose()
    throw thrown
  }
}

/** What DuckDB says, in one line, without the picture of where in the statement. */
function duckdbMessage(thrown: unknown): string {
  const said = thrown instanceof Error ? thrown.message : String(thrown)
  const text = said
    .replace(/^Failed to extract statements: /, '')
    .replace(/\n+(?:LINE \d+:|Possible solutions:).*$/s, '')
  return harmless(text.replaceAll(/\s*\n\s*/g, ' ').trim())
}

/** The error of a query: what is wrong with it, or what the machine is out of. */
export function queryError(thrown: unknown): Error {
  if (thrown instanceof UsageError || thrown instanceof SetupError) return thrown
  const message = duckdbMessage(thrown)
  return /^(?:Out of Memory|IO|Internal|FATAL)/i.test(message)
    ? new SetupError(`the query failed: ${message}; ask for less, or make room`, { cause: thrown })
    : new UsageError(`the query cannot be run: ${message}`, { cause: thrown })
}

/** A list of texts in SQL. */
export function literals(texts: readonly string[]): string {
  return `[${texts.map(literal).join(', ')}]`
}

async function load() {
  try {
    return await import('@duckdb/node-api')
  } catch (thrown) {
    throw new SetupError(
      `cannot load @duckdb/node-api with Node ${process.versions.node} (${errorMessage(thrown).split('\n')[0]}); ${packageRemedy('@duckdb/node-api')}`,
      { cause: thrown },
    )
  }
}
