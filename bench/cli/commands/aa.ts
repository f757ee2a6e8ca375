/** `bench aa`: measures two equal sides, which shows the noise, and the differences that a comparison on this machine could find. */
import { given } from '../../../base/given.ts'
import { formatPercent } from '../../../base/units.ts'
import { comparedColumns, compareSets } from '../../../results/compare/compare-sets.ts'
import type { Comparison } from '../../../results/compare/comparison.ts'
import type { Block } from '../../../results/document/model.ts'
import { renderBlocks } from '../../../results/document/terminal.ts'
import { describeCell, tellingFields } from '../../../results/schema/cells.ts'
import { alignSides } from '../../pairs/alignment.ts'
import { describeProcesses } from '../../pairs/describe-processes.ts'
import { noiseOfSides } from '../../pairs/noise.ts'
import { describeDetectable, noiseBlocks, ROUNDS } from '../../pairs/noise-table.ts'
import type { Command } from '../command.ts'
import { readFlags } from '../flags.ts'
import { METRIC_FLAGS } from '../metric-flags.ts'
import { metricOf, openPaired, PAIRED_FLAGS, warningsOfRows } from '../paired/paired.ts'
import { prepareSides } from '../paired/sides.ts'
import { RUN_FLAGS, runArguments } from '../run-flags.ts'

/** Equal sides have no charts. */
const { chart: _chart, ...WITHOUT_CHART } = PAIRED_FLAGS

export const aa: Command = {
  flags: { ...METRIC_FLAGS, ...WITHOUT_CHART },
  examples: [
    ['$0 aa --out aa.csv', 'how much two equal sides differ here'],
    ["$0 ab --noise aa.csv --a '' --b engine=node", 'find differences larger than that'],
  ],
  before: 'anything was measured',
  async run({ operands, flags }, context) {
    const { terminal, catalog, signal } = context
    const run = { ...runArguments(operands, readFlags(RUN_FLAGS, flags)), spare: true }
    const side = { run, program: {}, given: {}, flags }
    const asked = readFlags(METRIC_FLAGS, flags)
    await using sides = await prepareSides({ a: side, b: side }, catalog, signal)
    await using session = await openPaired(run, sides, 'aa', 'A and B are the same', context)
    const records = await session.measure()
    const { warnings } = await session.finish()
    const metric = asked.metric ?? metricOf(sides)
    const { sets } = alignSides(records, comparedColumns(metric))
    const comparison = compareSets(sets, { metric, by: 'side', delta: asked.delta })
    const alarms = alarmsOf(comparison)
    if (records.length > 0) {
      const rounds = sides.a.works[0]?.plan.repeat ?? 0
      const rows = noiseOfSides(sets, metric, [...ROUNDS, rounds], asked.delta).map((noise, index) => ({
        ...noise,
        change: comparison.rows[index]?.changes[1],
      }))
      const lines = [describeDetectable(rows, rounds), describeProcesses(records) ?? [], alarms].flat()
      const blocks: readonly Block[] = [
        ...noiseBlocks(rows),
        { kind: 'list', items: lines.map(line => [line]) },
        { kind: 'notes', items: [...comparison.warnings, ...warningsOfRows(warnings)] },
      ]
      session.show(`${renderBlocks(blocks, terminal)}\n`)
    }
    return session.end({ proven: alarms.length > 0 })
  },
}

/** A line for each difference that seems proven although the sides are equal; and what to do. */
function alarmsOf({ rows, metric }: Comparison): readonly string[] {
  const cells = rows.map(each => each.cell)
  const alarms = rows.flatMap(({ cell, changes: [, change], losses: [, loss] }) => {
    const name = describeCell(cell, tellingFields(cells))
    return given(
      change &&
        isProven(change.verdict) &&
        `${name}: ${metric.title} of B is ${formatPercent(Math.abs(change.ratio - 1))} ${change.verdict}`,
      loss?.change && isProven(loss.change.verdict) && `${name}: loss of B is ${loss.change.verdict}`,
    )
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
