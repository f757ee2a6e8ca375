/** A gate for GitHub Actions: annotations (workflow commands on standard output) and a step summary in Markdown. Pure. */

import { harmless } from '../../base/foreign-text.ts'
import { escaped } from '../document/markdown.ts'
import { type Check, type Gate, STATUSES } from './check.ts'
import { shortNames } from './names.ts'
import { checkText, findingText, verdictLine } from './render.ts'

/** GitHub shows no more annotations of a kind for a step. */
const MOST_ANNOTATIONS = 10
/** A summary of a step may have 1 MiB. */
const MOST_ROWS = 1000

/** `::error title=…::…` for what fails the gate, `::warning` for what is doubtful; a line each. */
export function githubAnnotations(gate: Gate): string {
  const nameOf = shortNames(gate.checks)
  const told = ['failed', 'inconclusive', ...(gate.strict ? (['skipped'] as const) : [])] as const
  const lines = told.flatMap(status => {
    const checks = gate.checks.filter(each => each.status === status)
    const command = status === 'failed' || gate.strict ? 'error' : 'warning'
    const shown = checks.slice(0, checks.length > MOST_ANNOTATIONS ? MOST_ANNOTATIONS - 1 : MOST_ANNOTATIONS)
    const left = checks.length - shown.length
    return [
      ...shown.map(check => annotation(command, titleOf(check), checkText(check, nameOf(check)))),
      ...(left > 0
        ? [annotation(command, 'bench check', `${left} more ${status}; the summary has them`)]
        : []),
    ]
  })
  return lines.map(line => `${line}\n`).join('')
}

/** Markdown: the verdict, what did not pass, and all checks folded away. */
export function githubSummary(gate: Gate): string {
  const nameOf = shortNames(gate.checks)
  const row = (check: Check) =>
    `| ${[check.status, nameOf(check), check.subject, findingText(check)].map(inline).join(' | ')} |`
  const sorted = STATUSES.flatMap(status => gate.checks.filter(each => each.status === status))
  const bad = sorted.filter(each => each.status !== 'passed')
  const notes = gate.notes.map(
    ({ message, remedy }) => `- ${inline(message)}${remedy ? `: ${inline(remedy)}` : ''}`,
  )
  return [
    `### bench check ${inline(verdictLine(gate))}`,
    gate.heading.map(inline).join('<br>'),
    ...(bad.length > 0 ? [table(bad.slice(0, MOST_ROWS).map(row), bad.length)] : []),
    ...(notes.length > 0 ? [notes.join('\n')] : []),
    `<details><summary>${gate.checks.length === 1 ? 'The check' : `All ${gate.checks.length} checks`}</summary>\n\n${table(sorted.slice(0, MOST_ROWS).map(row), sorted.length)}\n\n</details>`,
  ]
    .filter(part => part !== '')
    .map(part => `${part}\n\n`)
    .join('')
}

/** A workflow command: what is special in it, or in its properties, is written as %XX. */
function annotation(command: 'error' | 'warning', title: string, message: string): string {
  const data = (text: string) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
  const property = (text: string) => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
  return `::${command} title=${property(title)}::${data(message)}`
}

function titleOf({ cell, subject }: Check): string {
  return `bench check: ${[...(cell ? [cell.transport] : []), subject].join(' ')}`
}

function table(rows: readonly string[], total: number): string {
  const left = total - rows.length
  const more = left > 0 ? [`\n${left} more ${left === 1 ? 'is' : 'are'} left out.`] : []
  return ['| status | cell | check | finding |', '|---|---|---|---|', ...rows, ...more].join('\n')
}

/** Text that stays text and on its line, whatever a file was called. */
function inline(text: string): string {
  return escaped(harmless(text))
}
