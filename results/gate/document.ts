/** A gate as blocks: the verdict first, then what failed, then what is doubtful. Pure: a gate in, text out. */
import { given } from '../../base/given.ts'
import { counted, formatCount } from '../../base/units.ts'
import { blocksMarkdown } from '../document/markdown.ts'
import type { Block, Finding, RenderOptions, Table, Text, Tone } from '../document/model.ts'
import { renderBlocks } from '../document/terminal.ts'
import { cellKey } from '../schema/cells.ts'
import { type Check, countStatuses, type Gate, STATUSES, type Status } from './check.ts'
import { shortNames } from './names.ts'

/** More findings of a kind than anybody reads on a screen; files have them all. */
const MOST = 40
/** A summary of a step on GitHub may have 1 MiB. */
const MOST_ROWS = 1000

/** On a terminal. */
export function renderGate(gate: Gate, options: RenderOptions): string {
  const nameOf = shortNames(gate.checks)
  const findings = LISTED.map(([status, mark, tone]): Block => {
    const checks = gate.checks.filter(each => each.status === status)
    const left = checks.length - MOST
    const items = checks
      .slice(0, MOST)
      .map(check => ({ text: [`${mark} ${checkText(check, nameOf(check))}`], tone }))
    const more: Finding = { text: [`  and ${formatCount(left)} more; --json FILE lists them all`], tone }
    return { kind: 'findings', items: left > 0 ? [...items, more] : items }
  })
  return renderBlocks([headOf(gate, []), ...findings, { kind: 'notes', items: gate.notes }], options)
}

/** As Markdown, for the summary of a step on GitHub: the verdict, what did not pass, and all checks folded away. */
export function githubSummary(gate: Gate): string {
  const { checks, notes } = gate
  const nameOf = shortNames(checks)
  const sorted = STATUSES.flatMap(status => checks.filter(each => each.status === status))
  const bad = sorted.filter(each => each.status !== 'passed')
  const summary: readonly Block[] = [
    headOf(gate, [{ name: 'bench check' }, ' ']),
    ...(bad.length > 0 ? tableOf('What did not pass', bad, nameOf) : []),
    { kind: 'notes', items: notes },
  ]
  const title = checks.length === 1 ? 'The check' : `All ${checks.length} checks`
  const all = blocksMarkdown(tableOf('', sorted, nameOf))
  return `${blocksMarkdown(summary)}\n<details><summary>${title}</summary>\n\n${all}\n</details>\n\n`
}

function headOf(gate: Gate, before: Text): Block {
  const tone = gate.verdict === 'passed' ? 'good' : 'bad'
  return { kind: 'heading', text: [...before, verdictLine(gate)], tone, common: gate.heading }
}

function tableOf(
  caption: string,
  checks: readonly Check[],
  nameOf: (check: Check) => string,
): readonly Block[] {
  const left = checks.length - MOST_ROWS
  const table: Table = {
    caption,
    columns: ['status', 'cell', 'check', 'finding'].map(title => ({ title, align: 'left' })),
    rows: checks
      .slice(0, MOST_ROWS)
      .map(check => [check.status, nameOf(check), check.subject, findingText(check)].map(text => ({ text }))),
  }
  const rest = `${formatCount(left)} more ${left === 1 ? 'is' : 'are'} left out.`
  return given({ kind: 'table', table }, left > 0 && ({ kind: 'text', text: [rest] } as const))
}

/** `failed: 2 of 24 checks failed, 3 inconclusive, 19 passed`; `passed: 3 of 4 cases not measured, 6 passed` */
function verdictLine({ verdict, checks, strict }: Gate): string {
  const absent = checks.filter(each => each.kind === 'missing' && each.status === 'inconclusive').length
  const cases = new Set(checks.flatMap(({ cell }) => (cell ? [cellKey(cell)] : []))).size
  const { inconclusive: doubtful, ...counts } = countStatuses(checks)
  const inconclusive = doubtful - absent
  const all = (what: string) =>
    checks.length === 1 ? `the only check ${what}` : `all ${formatCount(checks.length)} checks ${what}`
  const parts = given(
    counts.failed > 0 &&
      (counts.failed === checks.length
        ? all('failed')
        : `${formatCount(counts.failed)} of ${counted(checks.length, 'check')} failed`),
    absent > 0 && `${formatCount(absent)} of ${counted(cases, 'case')} not measured`,
    inconclusive > 0 && `${formatCount(inconclusive)} inconclusive`,
    counts.skipped > 0 && `${formatCount(counts.skipped)} not judged`,
    counts.passed === checks.length && all('passed'),
    counts.passed > 0 && counts.passed < checks.length && `${formatCount(counts.passed)} passed`,
  )
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

const LISTED = [
  ['failed', '✗', 'bad'],
  ['inconclusive', '?', 'caution'],
  ['skipped', '-', 'dim'],
] as const satisfies readonly (readonly [Status, string, Tone])[]
