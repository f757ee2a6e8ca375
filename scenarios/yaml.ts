/** A YAML document with the position of every node, so that an error can name its line. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type YAMLError,
} from 'yaml'
import { errorMessage, UsageError } from '../base/errors.ts'
import type { KeyPath } from './read.ts'

interface Problem {
  readonly offset: number
  readonly message: string
}

export interface YamlFile {
  /** The content as plain values. */
  readonly content: unknown
  /** Keys that are given twice, and unknown tags, each with its position. */
  readonly problems: readonly Problem[]
  /** Where the value at `path` (with `atKey`, its key) begins, or the nearest existing node around it. */
  offset(path: KeyPath, atKey: boolean): number
  /** The text of the plain value at `path` as it stands in the file. */
  typed(path: KeyPath): string | undefined
  /** `my.yaml:4:8` */
  place(offset: number): string
}

/**
 * Parses one YAML document; `file` is its name in error messages.
 * @throws UsageError in one line with file, line and column: bad syntax, an empty file, too many aliases
 */
export function readYaml(file: string, text: string): YamlFile {
  const lines = new LineCounter()
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset)
    return `${file}:${Math.max(1, line)}:${Math.max(1, col)}`
  }
  try {
    // Warnings (such as an unknown tag) are errors here; the log level only keeps the library from printing them too.
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' })
    // What follows a syntax error is guesswork.
    const broken = document.errors.find(({ code }) => code !== 'DUPLICATE_KEY')
    if (broken) throw new UsageError(`${at(broken.pos[0])}: ${syntaxMessage(broken, text)}`)
    const content: unknown = document.toJS({ maxAliasCount: MAX_ALIASES })
    if (content === null || content === undefined)
      throw new UsageError(`${at(0)}: empty; a scenario needs at least a line such as size: 800k`)
    const problems = [...document.errors, ...document.warnings].map(problem => ({
      offset: problem.pos[0],
      message: syntaxMessage(problem, text),
    }))
    return {
      content,
      problems,
      offset: (path, atKey) => nodeAt(document, path, atKey).offset,
      typed(path) {
        const { node } = nodeAt(document, path, false)
        return isScalar(node) ? node.source : undefined
      },
      place: at,
    }
  } catch (thrown) {
    if (thrown instanceof UsageError) throw thrown
    // Aliases without an anchor or beyond the limit, and nesting deeper than the stack.
    throw new UsageError(`${at(0)}: cannot be read as YAML: ${errorMessage(thrown)}; write it more simply`)
  }
}

/** More alias expansions than any sensible scenario needs: aliases of aliases would fill the memory. */
const MAX_ALIASES = 100

function syntaxMessage(problem: YAMLError, text: string): string {
  if (problem.code === 'DUPLICATE_KEY') {
    const key = /^[^\s:]*/.exec(text.slice(problem.pos[0]))?.[0] ?? ''
    return `${key}: given twice; keep one`
  }
  if (problem.code === 'MULTIPLE_DOCS') return 'a second document; keep one scenario in a file, without ---'
  const message = problem.message.replaceAll(/\s+/g, ' ').trim()
  return `not valid YAML: ${message}; look at the indentation, quotes and colons here`
}

/** The value at `path` (with `atKey`, its key), or the nearest existing node around it; and where it begins. */
function nodeAt(
  document: Document.Parsed,
  path: KeyPath,
  atKey: boolean,
): { readonly node: unknown; readonly offset: number } {
  let node: unknown = document.contents
  let offset = startOf(node) ?? 0
  for (const [depth, segment] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = node.items.find(item => String(isScalar(item.key) ? item.key.value : item.key) === segment)
      if (pair === undefined) return { node: undefined, offset }
      offset = startOf(pair.key) ?? offset
      if (atKey && depth === path.length - 1) return { node: pair.key, offset }
      node = pair.value
    } else if (isSeq(node) && typeof segment === 'number') {
      node = node.items[segment]
    } else return { node: undefined, offset }
    offset = startOf(node) ?? offset
  }
  return { node: isAlias(node) ? node.resolve(document) : node, offset }
}

function startOf(node: unknown): number | undefined {
  const ranged = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range : undefined
  return ranged?.[0]
}
