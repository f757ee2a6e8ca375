/** The commands that measure the cases of some rows again. Pure. */
import { groupBy } from '../../schema/cells.ts'
import type { CaseSummary } from '../../statistics/summary.ts'
import { bytesFlag, type CaseFlags, flagsOf, type Permitted } from './flags.ts'
import { roundWords, USUAL_ROUNDS } from './rounds.ts'
import { isPlain, quoted } from './shell.ts'

export interface Commands {
  /** A line for a shell each. */
  readonly lines: readonly string[]
  /** Why a case has none, or what to know before running them. */
  readonly notes: readonly string[]
}

export function commandsOf(summaries: readonly CaseSummary[]): Commands {
  const known = summaries.filter(({ cell }) => [cell.transport, cell.file ?? ''].every(isPlain))
  const cases = known.map(flagsOf)
  const sided = cases.filter(each => each.summary.cell.side !== undefined)
  const others = cases.filter(each => each.summary.cell.side === undefined)
  const lines = [...runCommands(others), ...sidesCommands(sided)]
  return {
    lines: [...new Set(lines)].filter(isPlain),
    notes: notesOf(cases, summaries.length - known.length),
  }
}

/** Cases that one command can measure, and its words; `without` are flags that are said elsewhere. */
interface Block {
  readonly cases: readonly CaseFlags[]
  readonly sockets: ReadonlyMap<string, Permitted>
}

function runCommands(cases: readonly CaseFlags[]): readonly string[] {
  return blocksOf(cases).map(block =>
    ['bench', 'run', ...wordsOf(block), ...roundWords(block.cases, USUAL_ROUNDS.run)].map(quoted).join(' '),
  )
}

/** The two sides of a run, each with all of its flags. */
function sidesCommands(cases: readonly CaseFlags[]): readonly string[] {
  const runs = groupBy(cases, each => each.summary.records[0]?.run_id ?? '')
  return [...runs.values()].flatMap(run => {
    const side = (name: 'a' | 'b') => blocksOf(run.filter(each => each.summary.cell.side === name))
    const [a, b] = [side('a'), side('b')]
    const pairs = a.flatMap((block, index) => {
      const other = b[index]
      return other ? [{ a: wordsOf(block, SHARED), b: wordsOf(other, SHARED), block }] : []
    })
    return pairs.map(({ a, b, block }) => {
      const [left, right] = [a, b].map(words => words.map(quoted).join(' '))
      const shared = [...seedWords(block.cases), ...roundWords(block.cases, USUAL_ROUNDS.pairs)]
      return left === right
        ? ['bench', 'aa', ...a, ...shared].map(quoted).join(' ')
        : ['bench', 'ab', '--a', left ?? '', '--b', right ?? '', ...shared].map(quoted).join(' ')
    })
  })
}

/** Flags that both sides of a run share. */
const SHARED: readonly string[] = ['seed']

/** Cases in as few commands as can say them: one for each run, variant and set of chunks, unless transports disagree. */
function blocksOf(cases: readonly CaseFlags[]): readonly Block[] {
  const plans = groupBy(cases, ({ run, summary: { cell, records } }) =>
    JSON.stringify([run, records[0]?.scenario, cell.variant, chunksKey(cases, cell)]),
  )
  return [...plans.values()].flatMap(plan => {
    const transports = groupBy(plan, ({ summary: { cell }, sockets }) =>
      JSON.stringify([cell.transport, [...sockets]]),
    )
    const blocks: Block[] = []
    for (const group of transports.values()) {
      const sockets = group[0]?.sockets ?? new Map()
      const index = blocks.findIndex(
        block => agreed(block.sockets, sockets) !== undefined && sameSweep(block.cases, group),
      )
      const block = blocks[index]
      const both = block && agreed(block.sockets, sockets)
      if (block && both) blocks[index] = { cases: [...block.cases, ...group], sockets: both }
      else blocks.push({ cases: group, sockets })
    }
    return blocks
  })
}

/** What both permit of each flag; undefined when they disagree on one. */
function agreed(
  a: ReadonlyMap<string, Permitted>,
  b: ReadonlyMap<string, Permitted>,
): ReadonlyMap<string, Permitted> | undefined {
  const all = new Map([...a, ...b])
  for (const [flag, permitted] of a) {
    const other = b.get(flag)
    if (!other) continue
    const both = permitted.filter(value => other.includes(value))
    if (both.length === 0) return undefined
    all.set(flag, both)
  }
  return all
}

/** Equal for sizes (or files) that were measured with the same chunks. */
function chunksKey(cases: readonly CaseFlags[], cell: CaseSummary['cell']): string {
  const alike = cases.filter(
    ({ summary: { cell: each } }) =>
      each.size_bytes === cell.size_bytes &&
      each.file === cell.file &&
      each.variant === cell.variant &&
      each.side === cell.side,
  )
  return chunksOf(alike).join(',')
}

function sameSweep(a: readonly CaseFlags[], b: readonly CaseFlags[]): boolean {
  const whole = (cases: readonly CaseFlags[]) => cases.every(each => each.summary.cell.transport === WHOLE)
  const same = (key: (cases: readonly CaseFlags[]) => readonly (string | number)[]) =>
    key(a).join() === key(b).join()
  return same(payloadsOf) && (whole(a) || whole(b) || same(chunksOf))
}

/** It has one datagram, and is measured with the first chunk only. */
const WHOLE = 'udp-datagram'

function chunksOf(cases: readonly CaseFlags[]): readonly number[] {
  const cells = cases.map(each => each.summary.cell)
  const chunked = cells.filter(cell => cell.transport !== WHOLE)
  const first = cells.find(cell => cell.transport === WHOLE)?.chunk_bytes
  const chunks = (chunked.length > 0 ? chunked : cells).map(cell => cell.chunk_bytes).sort((x, y) => x - y)
  return [...new Set(first !== undefined && chunks.includes(first) ? [first, ...chunks] : chunks)]
}

function payloadsOf(cases: readonly CaseFlags[]): readonly (string | number)[] {
  const cells = cases.map(each => each.summary.cell)
  const files = cells.flatMap(cell => cell.file ?? [])
  return files.length > 0
    ? [...new Set(files)].sort()
    : [...new Set(cells.map(cell => cell.size_bytes))].sort((x, y) => x - y)
}

function wordsOf({ cases, sockets }: Block, without: readonly string[] = []): readonly string[] {
  const payloads = payloadsOf(cases)
  const run = Object.entries(cases[0]?.run ?? {}).filter(([name]) => !without.includes(name))
  return [
    ...payloads.flatMap(each =>
      typeof each === 'string' ? ['--file', each.startsWith('-') ? `./${each}` : each] : [],
    ),
    ...(payloads.every(each => typeof each === 'number')
      ? ['--size', payloads.map(bytesFlag).join(',')]
      : []),
    '--chunk',
    chunksOf(cases).map(String).join(','),
    '--transport',
    [...new Set(cases.map(each => each.summary.cell.transport))].join(','),
    ...[...run, ...[...sockets].map(([name, permitted]) => [name, permitted[0]] as const)].flatMap(
      ([name, value]) => flagWords(name, value),
    ),
  ]
}

function seedWords(cases: readonly CaseFlags[]): readonly string[] {
  return flagWords('seed', cases[0]?.run['seed'])
}

function flagWords(name: string, value: string | undefined): readonly string[] {
  if (value === undefined) return []
  return value === '' ? [`--${name}`] : [`--${name}`, value]
}

function notesOf(cases: readonly CaseFlags[], unspeakable: number): readonly string[] {
  const cells = cases.map(each => each.summary.cell)
  const elsewhere = cells.some(cell => cell.direction !== 'local')
  const versions = new Set(
    cases.filter(each => each.summary.cell.side).map(each => each.summary.records[0]?.sender_node_version),
  )
  return [
    'Rows do not tell the rounds of warm-up, --drain and --timeout: they are as by default.',
    ...(cells.some(cell => cell.file !== undefined)
      ? ['Rows know the names of files, not their folders: run it where they are.']
      : []),
    ...(elsewhere
      ? [
          'Words in capitals are for you to fill in: the token is a secret of the servers, and a row has no port.',
        ]
      : []),
    ...(versions.size > 1 ? ['The sides ran on different Nodes: add node=PATH to each.'] : []),
    ...(unspeakable > 0 ? ['Cases whose names hold control characters have no command.'] : []),
  ]
}
