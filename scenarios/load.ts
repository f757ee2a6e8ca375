/** Finds a scenario by name or file, and reads it. */
import { readFileSync, statSync } from 'node:fs'
import { basename, dirname, extname, isAbsolute, join } from 'node:path'
import { decodeText } from '../base/encoded-text.ts'
import { Mistakes, UsageError } from '../base/errors.ts'
import { nearest } from '../base/nearest.ts'
import { readError } from '../base/system-errors.ts'
import { builtInNames, builtInPath } from './built-in.ts'
import { type Issue, type KeyPath, type Rules, readScenario, shown } from './read.ts'
import type { Scenario } from './schema.ts'
import { isFileName } from './settings/words.ts'
import { readYaml, type YamlFile } from './yaml.ts'

/**
 * Reads a built-in scenario by name, or a file if the argument contains a slash or ends in .yaml or .yml. File paths in it are relative
 * to it; they are returned relative to the working directory.
 * @throws UsageError no such scenario; or all that is wrong with it in order, a line each: file, line, column, key, and what to do
 */
export function loadScenario(nameOrPath: string, rules: Rules): Scenario {
  if (isFileName(nameOrPath)) return readFile(nameOrPath, nameOrPath, rules)
  const builtIn = builtInNames()
  if (builtIn.includes(nameOrPath)) return readBuiltIn(nameOrPath, rules)
  const near = nearest(nameOrPath, builtIn)
  throw new UsageError(
    `unknown scenario: ${JSON.stringify(nameOrPath)}; ${near === undefined ? '' : `did you mean ${near}? `}` +
      `built in are ${builtIn.join(', ')}; name a file of your own by its path, ending in .yaml`,
  )
}

/**
 * Parses a scenario given as a value, with the keys of a scenario file: `{ size: '800k', chunk: 1024 }`.
 * @throws UsageError all that is wrong with it, a line each: the key, what is wrong, and what to do
 */
export function parseScenario(value: unknown, rules: Rules): Scenario {
  const { scenario, issues } = readScenario(value, 'custom', rules)
  throwIssues(
    issues.map(({ path, message, ofSeveral }) =>
      ofSeveral ? `scenario: ${message}` : `scenario: ${path.join('.') || 'value'}: ${message}`,
    ),
  )
  return scenario
}

/** Name and summary of every built-in scenario, sorted by name. */
export function builtInScenarios(): readonly { readonly name: string; readonly summary: string }[] {
  return builtInNames().map(name => ({ name, summary: readBuiltIn(name, {}).summary ?? '' }))
}

function readBuiltIn(name: string, rules: Rules): Scenario {
  return readFile(builtInPath(name), `${name}.yaml`, rules)
}

/** @param called the file's name in error messages */
function readFile(path: string, called: string, rules: Rules): Scenario {
  const file = readYaml(called, readText(path, called))
  const { scenario, issues } = readScenario(file.content, nameOf(path), { ...rules, typed: file.typed })
  throwIssues(inOrder(issues, file))
  const located = (name: string) => (isAbsolute(name) ? name : join(dirname(path), name))
  const locate = <Block extends Pick<Scenario, 'files' | 'osProfile' | 'trace'>>({
    osProfile,
    trace,
    ...block
  }: Block) => ({
    ...block,
    files: block.files?.map(located),
    trace: trace === undefined ? undefined : located(trace),
    osProfile: osProfile !== undefined && isFileName(osProfile) ? located(osProfile) : osProfile,
  })
  return {
    ...locate(scenario),
    keep: scenario.keep === 'none' ? 'none' : scenario.keep && located(scenario.keep),
    variants: scenario.variants.map(locate),
  }
}

/** Enough to begin with. */
const MOST_LINES = 20

function throwIssues(lines: readonly string[]): void {
  if (lines.length === 0) return
  const more = lines.length > MOST_LINES ? [`… and ${lines.length - MOST_LINES} more`] : []
  throw new Mistakes([...lines.slice(0, MOST_LINES), ...more])
}

/** A scenario fits on a page; a larger file was given by mistake and would take long to parse. */
const MAX_FILE_BYTES = 1024 * 1024

/** Of a scenario, or something else that a scenario needs. @throws UsageError */
export function readText(path: string, called: string, kind = 'scenario'): string {
  const refuse = (what: string, todo: string) =>
    new UsageError(`cannot read ${kind} ${called}: ${what}; ${todo}`)
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
      kind === 'scenario'
        ? 'check the path, or give the name of a built-in scenario (bench list)'
        : 'check the path',
    ] as const
    throw readError(`cannot read ${kind} ${called}`, thrown, {
      ENOENT: missing,
      ENOTDIR: missing,
      otherwise: 'check the path',
    })
  }
}

/** Turns a file name into a scenario name: `my scenario.yaml` -> `my-scenario`. */
function nameOf(path: string): string {
  const name = basename(path, extname(path)).replaceAll(/[^A-Za-z0-9._-]+/g, '-')
  return name.replace(/^[^A-Za-z0-9]+/, '').slice(0, 64) || 'scenario'
}

/** `my.yaml:4:8: size: not a size: …`, by position. */
function inOrder(issues: readonly Issue[], { problems, offset, place }: YamlFile): string[] {
  const located = issues.map(({ path, message, atKey, ofSeveral }) => {
    const key = ofSeveral ? '' : keyName(path)
    return { offset: offset(path, atKey), message: key === '' ? message : `${key}: ${message}` }
  })
  const ordered = [...problems, ...located].toSorted((a, b) => a.offset - b.offset)
  return ordered.map(({ offset, message }) => `${place(offset)}: ${message}`)
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
