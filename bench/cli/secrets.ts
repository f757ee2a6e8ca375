/** Tokens and certificates, from files and the environment. */
import { readFileSync } from 'node:fs'
import { decodeText } from '../../base/encoded-text.ts'
import { UsageError } from '../../base/errors.ts'
import { reasonOf } from '../../base/system-errors.ts'

/** A token that can be guessed is none. */
const SHORTEST_TOKEN = 16

/** The token of a file, or of the environment; undefined when there is neither. @throws UsageError */
export function readToken(path: string | undefined, fromEnvironment: string | undefined): string | undefined {
  // BENCH_TOKEN= is how a shell takes a variable away for one command.
  if (path === undefined && !fromEnvironment) return undefined
  const token = (path === undefined ? (fromEnvironment ?? '') : readPem('token-file', path)).trim()
  const source = path === undefined ? 'BENCH_TOKEN' : `--token-file ${path}`
  if (token === '')
    throw new UsageError(
      `${source}: there is nothing but blanks; give a token such as openssl rand -hex 32 makes`,
    )
  if (token.length < SHORTEST_TOKEN)
    throw new UsageError(
      `${source}: a token of ${token.length} characters; give ${SHORTEST_TOKEN} or more, such as openssl rand -hex 32 makes`,
    )
  if (!/^[\x20-\x7e]+$/.test(token))
    throw new UsageError(`${source}: a token is one line of plain letters, digits and signs; this is none`)
  return token
}

/** @param flag that named the file @throws UsageError when it cannot be read */
export function readPem(flag: string, path: string): string {
  try {
    return decodeText(readFileSync(path))
  } catch (error) {
    throw new UsageError(`--${flag}: cannot read ${path}: ${reasonOf(error)}`)
  }
}
