/** A gate for GitHub Actions: annotations, which are workflow commands on standard output. Pure. */

import { given } from '../../base/given.ts'
import type { Check, Gate, Status } from './check.ts'
import { checkText } from './document.ts'
import { shortNames } from './names.ts'

/** GitHub shows no more annotations of a kind for a step. */
const MOST_ANNOTATIONS = 10

/** `::error title=…::…` for what fails the gate, `::warning` for what is doubtful; a line each. */
export function githubAnnotations(gate: Gate): string {
  const nameOf = shortNames(gate.checks)
  const statuses = given<Status>('failed', 'inconclusive', gate.strict && 'skipped')
  const lines = statuses.flatMap(status => {
    const checks = gate.checks.filter(each => each.status === status)
    const command = status === 'failed' || gate.strict ? 'error' : 'warning'
    const shown = checks.slice(0, checks.length > MOST_ANNOTATIONS ? MOST_ANNOTATIONS - 1 : MOST_ANNOTATIONS)
    const left = checks.length - shown.length
    return given(
      ...shown.map(check => annotation(command, titleOf(check), checkText(check, nameOf(check)))),
      left > 0 && annotation(command, 'bench check', `${left} more ${status}; the summary has them`),
    )
  })
  return lines.map(line => `${line}\n`).join('')
}

/** A workflow command: what is special in it, or in its properties, is written as %XX. */
function annotation(command: 'error' | 'warning', title: string, message: string): string {
  const data = (text: string) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
  const property = (text: string) => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
  return `::${command} title=${property(title)}::${data(message)}`
}

function titleOf({ cell, subject }: Check): string {
  return `bench check: ${given(cell?.transport, subject).join(' ')}`
}
