/** `bench aa`: measures two equal sides, which shows the noise, and the differences that a comparison on this machine could find. */

import { formatPercent } from '../../../base/units.ts'
import { comparedColumns, compareSets } from '../../../results/compare/compare-sets.ts'
import type { Comparison } from '../../../results/compare/comparison.ts'
import type { Block } from '../../../results/document/model.ts'
import { renderBlocks } from '../../../results/document/terminal.ts'
import { describeCell, tellingFields } from '../../../results/schema/cells.ts'
import { summarize } from '../../../results/statistics/summary.ts'
import { findWarnings } from '../../../results/warnings/warnings.ts'
import { alignSides } from '../../pairs/alignment.ts'
import { describeProcesses } from '../../pairs/describe-processes.ts'
import { noiseOfSides } from '../../pairs/noise.ts'
import { describeDetectable, noiseBlocks, ROUNDS } from '../../pairs/noise-table.ts'
import type { Extended } from '../../workloads/catalog.ts'
import type { ExitCode, Terminal } from '../terminal.ts'
import { announcePairs, metricOf, openPaired, type PairedArguments, warningsOfRows } from './paired-run.ts'
import { prepareSides } from './sides.ts'

export async function aa(
  terminal: Terminal,
  args: PairedArguments,
  catalog: Extended,
  signal: AbortSignal,
): Promise<ExitCode> {
  await using sides = await prepareSides(args.sides, catalog, signal)
  await using session = openPaired(terminal, args.common, sides, catalog, signal, 'aa')
  announcePairs(session, sides, 'A and B are the same')
  const records = await session.measure()
  const found = findWarnings(summarize(session.records))
  await session.close(found)
  const warnings = warningsOfRows(found)
  const metric = metricOf(args, sides)
  const { sets } = alignSides(records, comparedColumns(metric))
  const comparison = compareSets(sets, { metric, by: 'side', delta: args.delta })
  const alarms = alarmsOf(comparison)
  if (records.length > 0) {
    const rounds = sides.a.works[0]?.plan.repeat ?? 0
    const rows = noiseOfSides(sets, metric, [...ROUNDS, rounds], args.delta).map((noise, index) => ({
      ...noise,
      change: comparison.rows[index]?.changes[1],
    }))
    const processes = describeProcesses(records)
    const lines = [
      describeDetectable(rows, rounds),
      ...(processes === undefined ? [] : [processes]),
      ...alarms,
    ]
    const blocks: readonly Block[] = [
      ...noiseBlocks(rows),
      { kind: 'list', items: lines.map(line => [line]) },
      { kind: 'notes', items: [...comparison.warnings, ...warnings] },
    ]
    session.show(`${renderBlocks(blocks, { width: terminal.width, color: terminal.color })}\n`)
  }
  return session.end({ proven: alarms.length > 0 })
}

/** A line for each difference that seems proven although the sides are equal; and what to do. */
function alarmsOf({ rows, metric }: Comparison): readonly string[] {
  const cells = rows.map(each => each.cell)
  const alarms = rows.flatMap(({ cell, changes: [, change], losses: [, loss] }) => {
    const name = describeCell(cell, tellingFields(cells))
    return [
      ...(change && isProven(change.verdict)
        ? [`${name}: ${metric.title} of B is ${formatPercent(Math.abs(change.ratio - 1))} ${change.verdict}`]
        : []),
      ...(loss?.change && isProven(loss.change.verdict)
        ? [`${name}: loss of B is ${loss.change.verdict}`]
        : []),
    ]
  })
  if (alarms.length === 0) return []
  return [
    ...alarms.map(each => `false alarm: ${each}, although both sides are the same`),
    'this machine was not quiet enough: end other programs, pin the agents (--pin 0,1), or measure more rounds (--repeat 50); a difference that bench ab finds here may not be real',
  ]
}

function isProven(verdict: string): boolean {
  return verdict === 'better' || verdict === 'worse'
}
