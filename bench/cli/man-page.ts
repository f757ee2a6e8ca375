/** The manual page, from the same tables as the help. Pure: commands in, roff out. */
import { BENCH_VERSION } from '../fleet/facts/environment.ts'
import type { Command, Entry } from './command.ts'
import { EXIT_CODES, SUMMARY, usageOf } from './command-line.ts'
import type { Flag, FlagTable } from './flags.ts'

/** With more flags in common with the first command, only the others are listed. */
const MANY = 20

/** @param commands in the order of help; those that share the flags of the first one refer to it */
export function manPage(commands: readonly (readonly [Entry, Command])[]): string {
  const [first] = commands
  const parts = commands.flatMap(([entry, command]) => {
    const shared = first && first[1] !== command ? Object.keys(first[1].flags) : []
    return commandPart(entry, command, shared)
  })
  return `${[
    `.TH BENCH 1 "" "tcp\\-udp\\-bench ${BENCH_VERSION}" "User Commands"`,
    ...['.SH NAME', `bench \\- ${roff(SUMMARY)}`],
    ...['.SH SYNOPSIS', '.B bench', '.I command', roff('[argument ...] [flag ...]')],
    '.SH COMMANDS',
    ...parts,
    ...['.SH EXIT STATUS', roff(EXIT_CODES)],
  ].join('\n')}\n`
}

function commandPart(
  entry: Entry,
  { flags, examples = [], epilogue }: Command,
  shared: readonly string[],
): readonly string[] {
  const common = shared.filter(name => Object.hasOwn(flags, name))
  const refers = common.length > MANY
  const lacking = shared.filter(name => !Object.hasOwn(flags, name))
  const except = lacking.length > 0 ? `, except ${lacking.map(name => `--${name}`).join(', ')}` : ''
  return [
    `.SS ${roff(`bench ${usageOf(entry)}`)}`,
    roff(sentence(entry.summary)),
    ...(entry.operands ?? []).flatMap(({ name, describe }) => [
      '.TP',
      `.I ${roff(name)}`,
      roff(sentence(describe)),
    ]),
    ...flagParts(refers ? without(flags, common) : flags),
    ...(refers ? ['.PP', roff(`Takes the flags of bench run, too${except}.`)] : []),
    ...(epilogue === undefined ? [] : ['.PP', roff(epilogue)]),
    ...examples.flatMap(([words, what]) => [
      '.PP',
      roff(`${sentence(what).slice(0, -1)}:`),
      ...['.br', `.B ${roff(words.replaceAll('$0', 'bench'))}`],
    ]),
  ]
}

function without(flags: FlagTable, names: readonly string[]): FlagTable {
  return Object.fromEntries(Object.entries(flags).filter(([name]) => !names.includes(name)))
}

/** By part of the help. */
function flagParts(flags: FlagTable): readonly string[] {
  let group: string | undefined
  return Object.entries(flags).flatMap(([name, flag]) => {
    const begins = flag.group !== undefined && flag.group !== group
    group = flag.group
    return [
      ...(begins ? ['.PP', `.B ${roff(flag.group ?? '')}`] : []),
      ...['.TP', headOf(name, flag), roff(describe(flag))],
    ]
  })
}

function headOf(name: string, { alias, type }: Flag<unknown>): string {
  const names = [...(alias === undefined ? [] : [alias]), name].map(
    each => `${each.length > 1 ? '--' : '-'}${each}`,
  )
  return `.B ${roff(names.join(', '))}${type === 'string' ? ' \\fIVALUE\\fR' : ''}`
}

function describe({ describe, choices, defaultDescription: usual }: Flag<unknown>): string {
  const parts = [
    describe,
    ...(choices ? [`one of ${choices.join(', ')}`] : []),
    ...(usual === undefined ? [] : [`default: ${usual}`]),
  ]
  return parts.map(sentence).join(' ')
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.:]$/.test(text) ? '' : '.'}`
}

/** Escapes what roff would take for its own, and all but ASCII. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(
      /[^\x20-\x7e]/gu,
      sign => `\\[u${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    )
    .replaceAll('"', '\\(dq')
    .replace(/^[.']/, '\\&$&')
}
