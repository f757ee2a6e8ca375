/** `bench fleet plan`: how many rounds and rows a fleet is, and how long that takes. */
import { maximum, sumOf } from '../../../base/groups.ts'
import {
  counted,
  formatCount,
  formatDuration,
  formatPercent,
  formatRate,
  formatSize,
  formatSpan,
  parseDuration,
} from '../../../base/units.ts'
import { integer } from '../../../scenarios/settings/grammar.ts'
import { busLoad, ROWS_KEPT } from '../../fleet/bus/load.ts'
import { pairsOf } from '../../fleet/planning/pairs.ts'
import { fleetRounds } from '../../measure/fleet.ts'
import { rowsOf } from '../../measure/measuring.ts'
import { checkNoBus } from '../bus-flags.ts'
import type { Context } from '../command.ts'
import type { RunArguments } from '../run-flags.ts'
import { EXIT, type ExitCode } from '../terminal.ts'
import { describeFleet } from './describe.ts'
import { type FleetFlags, USUAL_SERIAL } from './flags.ts'
import { checkCount } from './fleet-hosts.ts'
import { openHosts } from './hosts.ts'
import { preparePlans } from './plans.ts'

const USUAL_ROUND_MS = parseDuration('12s')

export async function planRounds(
  {
    hosts: named,
    pairs: asked = ['all'],
    sample,
    serial = USUAL_SERIAL,
    round = USUAL_ROUND_MS,
    every = 0,
    ...identity
  }: FleetFlags,
  args: RunArguments,
  context: Context,
): Promise<ExitCode> {
  const { terminal, catalog } = context
  const { ipFamily, plansFor } = await preparePlans(args, catalog)
  const isNumber = /^\d+$/.test(named)
  if (isNumber) checkNoBus(identity, '--hosts nats://HOST')
  const hosts = isNumber
    ? Array.from({ length: integer(2, 1000).parse(named) }, (_, index) => ({
        name: `host-${index + 1}`,
        labels: {},
      }))
    : await hostsOf(named, identity, args, context)
  const { repeat = 1, seed = 1 } = args.overrides
  const fleet = { hosts, pairs: pairsOf(hosts, asked), sample, serial, seed, repeat }
  const rounds = fleetRounds(fleet, 1)
  const plans = await plansFor(ipFamily ?? 4)
  const cases = plans.reduce((sum, each) => sum + each.cases.length, 0)
  const all = repeat * rounds.length
  const rowsOfPair = sumOf(plans, rowsOf)
  const rows = repeat * rounds.flatMap(each => each.pairs).length * rowsOfPair
  const load = busLoad({
    ...{
      hosts: hosts.length,
      pairs: maximum(rounds.map(each => each.pairs.length)),
      roundMs: round,
      rows,
    },
    trialsPerPair: plans.reduce((sum, plan) => sum + plan.cases.length * (1 + plan.warmup), 0),
  })
  terminal.out(
    [
      describeFleet(fleet),
      `${describeTime(all * round)} in all, at ${formatDuration(round)} a round`,
      `${counted(rows, 'row')}: ${counted(cases, 'case')} a pair${rowsOfPair > cases ? `, of ${formatCount(rowsOfPair)} flows` : ''}`,
      `over NATS: up to ${formatCount(Math.ceil(load.messagesPerSecond))} messages/s and ${formatRate(8 * load.bytesPerSecond)} through its server, presence included, and ${wholeMiB(load.storedBytes)} in its stream of rows${load.storedBytes > ROWS_KEPT.bytes ? `, which keeps ${formatSize(ROWS_KEPT.bytes)}: make it larger (max_bytes)` : ''}`,
      ...(every > 0 ? [describeFit(all * round, every)] : []),
      '',
    ].join('\n'),
  )
  return EXIT.measured
}

function wholeMiB(bytes: number): string {
  return formatSize(Math.ceil(bytes / 2 ** 20) * 2 ** 20)
}

/** `192 s`, `58 min`, `3 h 22 min` */
function describeTime(ms: number): string {
  const minutes = Math.ceil(ms / 60_000)
  return minutes <= 120 ? formatSpan(ms) : `${formatCount(Math.floor(minutes / 60))} h ${minutes % 60} min`
}

/** Whether what takes so long is over when its next turn is due. */
function describeFit(tookMs: number, everyMs: number): string {
  const missed = Math.ceil(tookMs / everyMs) - 1
  return missed <= 0
    ? `fits into --every: it measures ${formatPercent(tookMs / everyMs)} of the time`
    : `longer than --every: ${counted(missed, 'turn')} skipped after each that is measured`
}

async function hostsOf(...words: Parameters<typeof openHosts>) {
  await using fleet = await openHosts(...words)
  checkCount(fleet)
  return fleet.hosts
}
