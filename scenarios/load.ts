/** Finds a scenario by name or file, and reads it. */
import { readFileSync, statSync } from 'node:fs'
import { basename, dirname, extname, isAbsolute, join } from 'node:path'
import type { z } from 'zod'
import { decodeText } from '../base/encoded-text.ts'
import { UsageError } from '../base/errors.ts'
import { nearest } from '../base/nearest.ts'
import { fileError } from '../base/system-errors.ts'
import { builtInNames, builtInPath } from './built-in.ts'
import type { CheckThreshold } from './fields.ts'
import { type Scenario, type Settings, scenarioSchema } from './schema.ts'
import { shown } from './values.ts'
import { type KeyPath, readYaml, type YamlFile } from './yaml.ts'

/**
 * Reads a built-in scenario by name, or a file if the argument contains a slash or ends in .yaml or .yml. File paths in it are relative
 * to it; they are returned relative to the working directory.
 * @param checkThreshold throws a UsageError for an invalid threshold
 * @throws UsageError in one line: no such scenario; or the file, line, column and key at fault, and what to do
 */
export function loadScenario(
  nameOrPath: string,
  knownTransports: readonly string[],
  checkThreshold?: CheckThreshold,
): Scenario {
  if (/[/\\]|\.ya?ml$/i.test(nameOrPath))
    return readScenario(nameOrPath, nameOrPath, knownTransports, checkThreshold)
  const builtIn = builtInNames()
  if (builtIn.includes(nameOrPath)) return readBuiltIn(nameOrPath, knownTransports, checkThreshold)
  const near = nearest(nameOrPath, builtIn)
  throw new UsageError(
    `unknown scenario: ${JSON.stringify(nameOrPath)}; ${near === undefined ? '' : `did you mean ${near}? `}` +
      `built in are ${builtIn.join(', ')}; a file of your own is given by its path, ending in .yaml`,
  )
}

/**
 * Parses a scenario given as a value, with the keys of a scenario file: `{ size: '800k', chunk: 1024 }`.
 * @throws UsageError in one line: the key, what is wrong, and what to do
 */
export function parseScenario(
  value: unknown,
  knownTransports: readonly string[],
  checkThreshold?: CheckThreshold,
): Scenario {
  const parsed = scenarioSchema('custom', knownTransports, checkThreshold).safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new UsageError(`scenario: ${issue?.path.join('.') || 'value'}: ${issue?.message}`)
}

/** Name and summary of every built-in scenario, sorted by name. */
export function builtInScenarios(): readonly { readonly name: string; readonly summary: string }[] {
  return builtInNames().map(name => ({
    name,
    summary: readBuiltIn(name, undefined, undefined).summary ?? '',
  }))
}

function readBuiltIn(
  name: string,
  knownTransports: readonly string[] | undefined,
  checkThreshold: CheckThreshold | undefined,
): Scenario {
  return readScenario(builtInPath(name), `${name}.yaml`, knownTransports, checkThreshold)
}

/** @param called the file's name in error messages */
function readScenario(
  path: string,
  called: string,
  knownTransports: readonly string[] | undefined,
  checkThreshold: CheckThreshold | undefined,
): Scenario {
  const file = readYaml(called, readText(path, called))
  const parsed = scenarioSchema(nameOf(path), knownTransports, checkThreshold).safeParse(file.content)
  if (!parsed.success) throw new UsageError(firstIssue(parsed.error.issues, file))
  const scenario = parsed.data
  const variants = scenario.variants.map(variant => ({ ...variant, ...locate(variant, path) }))
  return { ...scenario, ...locate(scenario, path), variants }
}

function locate(settings: Settings, scenarioPath: string): Pick<Settings, 'files'> {
  const files = settings.files?.map(file => (isAbsolute(file) ? file : join(dirname(scenarioPath), file)))
  return { files }
}

/** A scenario fits on a page; a larger file was given by mistake and would take long to parse. */
const MAX_FILE_BYTES = 1024 * 1024

function readText(path: string, called: string): string {
  const refuse = (what: string, todo: string) =>
    new UsageError(`cannot read scenario ${called}: ${what}; ${todo}`)
  try {
    const stat = statSync(path)
    if (stat.isDirectory()) throw refuse('a directory', 'give the path of a .yaml file')
    if (!stat.isFile() && !stat.isFIFO()) throw refuse('not a file', 'give the path of a .yaml file')
    if (stat.size > MAX_FILE_BYTES) throw refuse('larger than 1 MiB', 'give a scenario, not its payload')
    return decodeText(readFileSync(path))
  } catch (thrown) {
    if (thrown instanceof UsageError) throw thrown
    const missing = [
      'no such file',
      'check the path, or give the name of a built-in scenario (bench list)',
    ] as const
    const forbidden = 'make it readable, as with chmod +r'
    throw fileError(`cannot read scenario ${called}`, thrown, {
      ENOENT: missing,
      ENOTDIR: missing,
      EACCES: forbidden,
      EPERM: forbidden,
      otherwise: 'check the path',
    })
  }
}

/** Turns a file name into a scenario name: `my scenario.yaml` -> `my-scenario`. */
function nameOf(path: string): string {
  const name = basename(path, extname(path)).replaceAll(/[^A-Za-z0-9._-]+/g, '-')
  return name.replace(/^[^A-Za-z0-9]+/, '').slice(0, 64) || 'scenario'
}

interface Located {
  readonly path: KeyPath
  readonly message: string
  readonly atKey: boolean
}

/** The first issue in zod's report, which follows the order of the schema's keys: one line is enough to act on. */
function firstIssue(issues: readonly z.core.$ZodIssue[], file: YamlFile): string {
  const [issue] = issues
  if (issue === undefined) throw new Error('a failed parse without an issue')
  const { path, message, atKey } = innermost(issue, [])
  const key = keyName(path)
  return `${file.place(path, atKey)}: ${key === '' ? '' : `${key}: `}${message}`
}

/** The deepest issue inside a union: points at the third element of a list rather than the list. */
function innermost(issue: z.core.$ZodIssue, above: KeyPath): Located {
  const path = [...above, ...issue.path]
  if (issue.code === 'unrecognized_keys')
    return { path: [...path, ...issue.keys.slice(0, 1)], message: issue.message, atKey: true }
  if (issue.code === 'invalid_union') {
    const inner = issue.errors.flat().map(each => innermost(each, path))
    const deeper = inner.find(each => each.path.length > path.length)
    if (deeper) return deeper
  }
  return { path, message: issue.message, atKey: false }
}

/** `variants[1].size`, without the index in a list of values, which the column shows. */
function keyName(path: KeyPath): string {
  const last = path.at(-1)
  const keys = typeof last === 'number' && path.at(-2) !== 'variants' ? path.slice(0, -1) : path
  return keys
    .map((key, index) =>
      typeof key === 'number' ? `[${key}]` : `${index > 0 ? '.' : ''}${plain(String(key))}`,
    )
    .join('')
}

/** The key as it is, or quoted if it would break the line. */
function plain(key: string): string {
  return /^[\x21-\x7e]{1,64}$/.test(key) ? key : shown(key)
}
