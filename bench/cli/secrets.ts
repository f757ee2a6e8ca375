/** Reads tokens and certificates from files and the environment. */
import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { decodeText } from '../../base/encoded-text.ts'
import { errorMessage, UsageError } from '../../base/errors.ts'
import { readError } from '../../base/system-errors.ts'

/** A shorter token could be guessed. */
const SHORTEST_TOKEN = 16

/** Reads the token from a file, or from the environment; undefined when there is neither. @throws UsageError */
export function readToken(path: string | undefined, fromEnvironment: string | undefined): string | undefined {
  // BENCH_TOKEN= is how a shell unsets a variable for one command.
  if (path === undefined && !fromEnvironment) return undefined
  const token = (path === undefined ? (fromEnvironment ?? '') : readPem('token-file', path)).trim()
  const source = path === undefined ? 'BENCH_TOKEN' : `--token-file ${path}`
  if (token === '')
    throw new UsageError(`${source} is blank; give a token such as openssl rand -hex 32 makes`)
  if (token.length < SHORTEST_TOKEN)
    throw new UsageError(
      `${source}: a token of ${token.length} characters is too short; give ${SHORTEST_TOKEN} or more, such as openssl rand -hex 32 makes`,
    )
  if (!/^[\x20-\x7e]+$/.test(token))
    throw new UsageError(
      `${source}: not a token; it must be one line of ASCII letters, digits and punctuation`,
    )
  return token
}

/**
 * Reads the files of `tls-ca`, `tls-cert` and `tls-key`; of `ca` … with another prefix of flags.
 * @throws UsageError also when they are no certificates, or the key is not that of the certificate
 */
export function readPems<Paths extends { readonly [Name in 'ca' | 'cert' | 'key']?: string | undefined }>(
  paths: Paths,
  prefix = 'tls-',
): Paths {
  const texts = Object.entries(paths).map(([name, path]) => {
    if (!path) return [name, path]
    const pem = readPem(`${prefix}${name}`, path)
    const what = name === 'key' ? 'private key' : 'certificate'
    if (!pem.includes(`${what.toUpperCase()}-----`))
      throw new UsageError(`--${prefix}${name} ${path}: not a ${what} in PEM`)
    return [name, pem]
  })
  // A text in the place of each path.
  const pems = Object.fromEntries(texts) as Paths
  try {
    createSecureContext(pems)
  } catch (error) {
    const flags = Object.keys(pems)
      .filter(name => paths[name as keyof Paths])
      .map(name => `--${prefix}${name}`)
    throw new UsageError(
      `${flags.join(' and ')}: ${reasonOf(error)}; give a certificate and its own key, without a passphrase`,
      { cause: error },
    )
  }
  return pems
}

/** `error:05800074:x509 certificate routines::key values mismatch` ends with the reason. */
function reasonOf(error: unknown): string {
  return errorMessage(error).split('::').at(-1) ?? ''
}

/** Reads a PEM file. @param flag that named the file @throws UsageError when it cannot be read */
function readPem(flag: string, path: string): string {
  try {
    return decodeText(readFileSync(path))
  } catch (error) {
    throw readError(`--${flag}: cannot read ${path}`, error)
  }
}
