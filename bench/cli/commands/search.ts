/** `bench search`: the highest rate within a loss, by RFC 9971. */
import { UsageError } from '../../../base/errors.ts'
import { counted, formatDuration, parseDuration } from '../../../base/units.ts'
import type { SearchGoal } from '../../../results/statistics/load-bounds.ts'
import { blocksOf as blocksIn } from '../../../scenarios/blocks.ts'
import { isStream, type Plan } from '../../../scenarios/plan.ts'
import type { Scenario } from '../../../scenarios/schema.ts'
import { percentOf, SHARE, TIMEOUT } from '../../../scenarios/settings/units.ts'
import { blocksOf } from '../../measure/blocks.ts'
import { LoadSearch } from '../../measure/load-search.ts'
import type { Extended } from '../../workloads/catalog.ts'
import type { Command } from '../command.ts'
import { list, readFlags, usually } from '../flags.ts'
import { engineNotes, prepare, scenariosOf } from '../preparation.ts'
import { RUN_FLAGS, runArguments } from '../run-flags.ts'
import { Session } from '../session.ts'
import { showResults } from '../shown.ts'

/** Rounds go on until the bounds are known. */
const { until: _until, 'max-time': _most, repeat: _repeat, processes: _processes, ...OTHERS } = RUN_FLAGS

const OWN = {
  loss: list('losses that the rate has to be within', parseLoss, '0,0.5%'),
  'max-time': usually('no trial begins later', TIMEOUT.parse, '20m'),
  'duration-sum': usually(
    'measured at a rate before it counts as within a loss, or not',
    TIMEOUT.parse,
    '21s',
  ),
  width: usually('distance of the bounds at which a search ends', SHARE.parse, '0.5%'),
}
/** Half of the time at a rate may be worse: with less, one bad moment decides. */
const EXCEED_RATIO = 0.5
const TRIAL_MS = parseDuration('1s')
const USUAL_LOSSES = [0, 0.005]

export const search: Command = {
  flags: { ...OWN, ...OTHERS },
  examples: [
    ['$0 search --chunk 1024', 'what UDP gets through here without loss, and with 0.5 %'],
    ['$0 search --host 192.0.2.7 --loss 0 --max-time 5m', 'to another host, where bench serve runs'],
  ],
  before: 'anything was measured',
  async run({ operands, flags }, context) {
    const { catalog, signal } = context
    const own = readFlags(OWN, flags)
    const { 'max-time': withinMs, 'duration-sum': durationSumMs, width } = own
    const asked = runArguments(operands, readFlags(RUN_FLAGS, { ...flags, 'max-time': undefined }))
    const scenarios = (await scenariosOf(asked, catalog)).map(each => searched(each, catalog))
    const [durationMs = TRIAL_MS, ...others] = new Set(
      scenarios.flatMap(blocksIn).map(each => each.durationMs),
    )
    if (others.length > 0)
      throw new UsageError('trials of a search are equally long; choose how long with --duration')
    const args = { ...asked, scenarios }
    const goals = (own.loss ?? USUAL_LOSSES).map(
      (lossRatio): SearchGoal => ({
        lossRatio,
        exceedRatio: EXCEED_RATIO,
        finalTrialMs: durationMs,
        durationSumMs,
        width,
      }),
    )
    await using ready = await prepare(args, catalog, undefined, signal)
    for (const { plan } of ready.works) checkPaced(plan, catalog)
    const blocks = blocksOf(ready.works.map(work => [work]))
    const loads = new LoadSearch(goals, withinMs)
    await using session = new Session(
      { ...args, blocks, keepDir: ready.keepDir, suffix: '-search', search: loads },
      context,
    )
    await session.open()
    for (const note of engineNotes([ready])) session.say(`${note}\n`)
    session.announce()
    await session.measure()
    await showResults(session, args, context)
    if (loads.unbegun > 0)
      context.terminal.err(
        `${counted(loads.unbegun, 'case')} not begun after --max-time ${formatDuration(withinMs)}; give more, or search them in a run of their own\n`,
      )
    return session.end()
  },
}

function parseLoss(text: string): number {
  const share = text === '0' ? 0 : percentOf(text)
  if (share !== undefined && share < 1) return share
  throw new UsageError(`not a loss: ${JSON.stringify(text)}; write a share under 100 %, such as 0.5%`)
}

function pacedTransports({ transports }: Extended): readonly string[] {
  return [...transports.values()]
    .filter(
      ({ traits, transfer }) =>
        traits.socket === 'datagram' && transfer?.endless && !traits.reliable && !traits.fansOut,
    )
    .map(({ name }) => name)
}

/** As a search has it, where it says nothing else. @throws UsageError for a transport that has to know its size before it begins */
function searched(scenario: Scenario, catalog: Extended): Scenario {
  const isTimed = scenario.variants.some(each => each.durationMs !== undefined)
  const whole = {
    ...scenario,
    ...{ repeat: 1, processes: 1, untilShare: undefined },
    transports: scenario.transports ?? pacedTransports(catalog),
    durationMs: scenario.durationMs ?? (isTimed ? undefined : TRIAL_MS),
  }
  const sized = blocksIn(whole)
    .flatMap(each => each.transports ?? [])
    .find(
      name => catalog.transports.get(name)?.transfer?.endless === undefined && catalog.transports.has(name),
    )
  if (sized === undefined) return whole
  throw new UsageError(
    `${sized} has no stream that ends with time, which a search is made of; choose --transport ${pacedTransports(catalog).join(', ')}`,
  )
}

/** @throws UsageError */
function checkPaced({ cases }: Plan, { transports }: Extended): void {
  for (const each of cases) {
    if (each.streams !== undefined || each.probe !== undefined)
      throw new UsageError('a search is of one stream at a time; leave --streams and --with out')
    if (!isStream(each))
      throw new UsageError('a search needs streams that end with time; leave --size and --workload out')
    if (transports.get(each.transport)?.traits.socket !== 'datagram')
      throw new UsageError(
        `${each.transport} sends as fast as its peer takes, so that its goodput is the highest rate: bench run --duration 10s --transport ${each.transport}`,
      )
  }
}
