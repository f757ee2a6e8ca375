/** A gate on the screen: the verdict first, then what failed, then what is doubtful. Pure: a gate in, text out. */
import picocolors from 'picocolors'
import { counted, formatCount } from '../../base/units.ts'
import type { RenderOptions } from '../document/model.ts'
import { wrapWords } from '../document/text.ts'
import { type Check, countStatuses, type Gate, type Status } from './check.ts'
import { shortNames } from './names.ts'

/** More findings of a kind than anybody reads on a screen; files have them all. */
const MOST = 40

export function renderGate(gate: Gate, { width, color }: RenderOptions): string {
  const colors = picocolors.createColors(color)
  const nameOf = shortNames(gate.checks)
  const verdict = verdictLine(gate)
  const head = [
    colors.bold(gate.verdict === 'passed' ? colors.green(verdict) : colors.red(verdict)),
    ...gate.heading.flatMap(line => wrapFigures(`  ${line}`, width, '    ')),
  ]
  const sections = LISTED.map(status => {
    const checks = gate.checks.filter(each => each.status === status)
    const lines = checks.slice(0, MOST).flatMap(check => linesOf(check, nameOf(check), width))
    const left = checks.length - MOST
    const more = left > 0 ? [`  and ${formatCount(left)} more; --json FILE has them all`] : []
    return [...lines.map(line => COLORS[status](colors)(line)), ...more]
  })
  const notes = gate.notes.flatMap(({ message, remedy }) => [
    ...wrapFigures(`! ${message}`, width).map(line => colors.yellow(line)),
    ...(remedy === undefined ? [] : wrapFigures(`  → ${remedy}`, width, '    ')),
  ])
  const parts = [head, ...sections, notes].filter(lines => lines.length > 0)
  return `${parts.map(lines => lines.join('\n')).join('\n\n')}\n`
}

/** `failed: 2 of 24 checks failed, 3 are inconclusive, 19 passed` */
export function verdictLine({ verdict, checks, strict }: Gate): string {
  const counts = countStatuses(checks)
  const all = (what: string) =>
    checks.length === 1 ? `the only check ${what}` : `all ${formatCount(checks.length)} checks ${what}`
  const parts = [
    ...(counts.failed > 0
      ? [
          counts.failed === checks.length
            ? all('failed')
            : `${formatCount(counts.failed)} of ${counted(checks.length, 'check')} failed`,
        ]
      : []),
    ...(counts.inconclusive > 0 ? [`${formatCount(counts.inconclusive)} inconclusive`] : []),
    ...(counts.skipped > 0 ? [`${formatCount(counts.skipped)} not judged`] : []),
    ...(counts.passed === checks.length ? [all('passed')] : []),
    ...(counts.passed > 0 && counts.passed < checks.length ? [`${formatCount(counts.passed)} passed`] : []),
  ]
  const why = verdict === 'failed' && counts.failed === 0 && strict ? ' (--strict)' : ''
  return `${verdict}: ${parts.join(', ')}${why}`
}

/** What was found, and what came of measuring it again. */
export function findingText({ sentence, again }: Check): string {
  if (!again) return sentence
  if ('notMeasured' in again) return `${sentence}; not measured again: ${again.notMeasured}`
  const outcome = again.status === 'failed' ? 'failed' : 'not confirmed'
  return `${sentence}; measured again, ${outcome}: ${again.sentence}`
}

/** `udp-header, chunk 1,024 B: goodput fell by …`; a threshold is named as it was written. */
export function checkText(check: Check, name: string): string {
  const subject = check.kind === 'threshold' ? check.subject : ''
  const parts = [name, subject].filter(part => part !== '')
  return `${parts.join(': ')}${parts.length > 0 ? ': ' : ''}${findingText(check)}`
}

const LISTED = ['failed', 'inconclusive', 'skipped'] as const satisfies readonly Status[]
const MARKS = { failed: '✗', inconclusive: '?', skipped: '-' } as const
const COLORS = {
  failed: colors => colors.red,
  inconclusive: colors => colors.yellow,
  skipped: colors => colors.dim,
} as const satisfies Record<keyof typeof MARKS, (colors: Colors) => (text: string) => string>

type Colors = ReturnType<typeof picocolors.createColors>

function linesOf(check: Check, name: string, width: number): readonly string[] {
  const mark = check.status === 'passed' ? ' ' : MARKS[check.status]
  return wrapFigures(`${mark} ${checkText(check, name)}`, width)
}

/** Lines in which a figure stands with its unit. */
function wrapFigures(text: string, width: number, indent = '  '): readonly string[] {
  const joined = text.replaceAll(/(?<=\d) (?=%|[kMGT]?bit\/s|[mµ]?s\b|[KMGT]?i?B\b)/g, NO_BREAK)
  return wrapWords(joined, width, indent).map(line => line.replaceAll(NO_BREAK, ' '))
}

const NO_BREAK = '\u00a0'
