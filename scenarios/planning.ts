/** Scenario -> cases. Pure. */
import { UsageError } from '../base/errors.ts'
import { optionKindOf } from '../transports/contract/sockets.ts'
import type { Transport } from '../transports/contract/transport.ts'
import { type Block, blocksOf, transportsOf } from './blocks.ts'
import { conflictsOfCases, familyOfCases, refuse } from './conflicts.ts'
import { DEFAULTS, SINGLE_ROUNDS, STREAM_ROUNDS, usualProcesses } from './defaults.ts'
import { limitOf, type Profiles, waysOf } from './emulation.ts'
import { asksFrames, isFrames } from './frames.ts'
import {
  INTERVAL_MS,
  loadOf,
  payloadsOf,
  picturesOf,
  requestsOf,
  type Sizes,
  STREAM_MS,
  streamOf,
} from './payloads.ts'
import { type Case, isExchange, isStream, type Plan } from './plan.ts'
import type { Scenario, Settings } from './schema.ts'
import { EXCHANGE, FRAMES, STREAM, TRANSFER, USUAL_GROUPS } from './settings/words.ts'
import { conflictsOfSockets, type PlanSockets, SocketPlanner } from './socket-settings.ts'
import { untilOf } from './until.ts'

/**
 * Expands a scenario into every combination of transports, sizes and chunks, variant by variant, without repeats.
 * @param fileSizes size in bytes of each file that the scenario names
 * @param sockets the engine under the transports
 * @param profiles of systems, by name or file
 * @throws UsageError if settings conflict or a combination cannot be measured, or if no case can have a requested option
 */
export function planScenario(
  scenario: Scenario,
  transports: ReadonlyMap<string, Transport>,
  fileSizes: ReadonlyMap<string, number>,
  sockets: PlanSockets,
  profiles: Profiles = new Map(),
): Plan {
  refuse(conflictsOfCases(scenario, transports))
  refuse(conflictsOfSockets(scenario, transports, sockets))
  const planner = new SocketPlanner(sockets, scenario.target !== undefined)
  const cases = blocksOf(scenario).flatMap(block =>
    casesOf(scenario, block, transports, fileSizes, planner, profiles),
  )
  const { repeat, warmup, processes, seed, pauseMs, drainMs, timeoutMs, reportEveryMs } = scenario
  const lasting = cases.some(each => isStream(each) || each.frames !== undefined)
  const usual = lasting ? STREAM_ROUNDS : SINGLE_ROUNDS
  const rounds = atLeast(1, 'repeat', repeat ?? usual.repeat)
  const until = untilOf(scenario, usual.ofProcess)
  return {
    scenario: scenario.name,
    engine: sockets.engine,
    notes: planner.notes(),
    cases: [...new Map(cases.map(each => [JSON.stringify(each), each])).values()],
    repeat: rounds,
    warmup: atLeast(0, 'warmup', warmup ?? DEFAULTS.warmup),
    processes: atLeast(1, 'processes', processes ?? usualProcesses(rounds, usual)),
    ...(until ? { until } : {}),
    seed: seed ?? DEFAULTS.seed,
    ...(pauseMs ? { pauseMs } : {}),
    drainMs,
    timeoutMs,
    ...(reportEveryMs === undefined ? {} : { reportEveryMs }),
  }
}

function casesOf(
  scenario: Scenario,
  settings: Block,
  transports: ReadonlyMap<string, Transport>,
  fileSizes: ReadonlyMap<string, number>,
  planner: SocketPlanner,
  profiles: Profiles,
): Case[] {
  const chunks = (settings.chunksBytes ?? DEFAULTS.chunksBytes).map(each => {
    if (each === 'mtu') throw new Error('the path MTU is not known')
    return each
  })
  const { bind, osProfile, verify = DEFAULTS.verify } = settings
  const ipFamily = familyOfCases(scenario, settings)
  const limit = limitOf(settings, ipFamily, profiles)
  const { streams = [1] } = settings
  const { host: hosts = [] } = scenario
  // Each of several hosts has one.
  const receivers = hosts.length > 1 ? [hosts.length] : (settings.receivers ?? [1])
  const doing = transportsOf(settings).map(name => {
    const transport = transports.get(name)
    if (!transport) throw new UsageError(`unknown transport: ${name}`)
    return { transport, workloads: settings.workloads ?? [usualWorkload(transport, settings)] }
  })
  const caseOf = ({ name, traits }: Transport, workload: string, sizes: Sizes): Case => ({
    scenario: scenario.name,
    ...(settings.label === undefined ? {} : { variant: settings.label }),
    transport: name,
    ...(workload === TRANSFER ? {} : { workload }),
    ...sizes,
    ...(traits.socket === 'datagram' ? datagramSettings(settings, workload, limit) : {}),
    ...(traits.secured && settings.resumption ? { resumption: true } : {}),
    ...(verify === 'full' ? {} : { verify }),
    ...(bind === undefined ? {} : { bind }),
    ...(osProfile === undefined ? {} : { osProfile }),
    ...(traits.fansOut ? { group: settings.group ?? USUAL_GROUPS[ipFamily] } : {}),
    socket: planner.optionsOf(name, optionKindOf(traits), ipFamily, settings),
    ipFamily,
    seed: scenario.seed ?? DEFAULTS.seed,
  })
  const inChunks = (payloads: readonly Omit<Sizes, 'chunkBytes'>[], carried: (workload: string) => boolean) =>
    payloads.flatMap(payload =>
      chunks.flatMap(chunkBytes =>
        doing.flatMap(({ transport, workloads }) => {
          const { traits } = transport
          // The chunk size does not affect a single datagram, so measure it once.
          if (traits.limit === 'one-datagram' && chunkBytes !== chunks[0]) return []
          return workloads
            .filter(carried)
            .map(workload => caseOf(transport, workload, { ...payload, chunkBytes }))
        }),
      ),
    )
  const transfers = inChunks(
    payloadsOf(settings, fileSizes),
    workload => !isExchange({ workload }) && !isStream({ workload }) && !isFrames(workload),
  )
  const films = inChunks(picturesOf(settings, fileSizes), isFrames)
  const timed = inChunks([streamOf(settings)], workload => isStream({ workload }))
  const exchanges = doing.flatMap(({ transport, workloads }) =>
    workloads
      .filter(workload => isExchange({ workload }))
      .flatMap(workload => requestsOf(settings, transport).map(sizes => caseOf(transport, workload, sizes))),
  )
  const several = [...transfers, ...timed, ...films, ...exchanges].flatMap(each =>
    each.group === undefined
      ? streams.map(count => (count === 1 ? each : { ...each, streams: count }))
      : receivers.map(count => (count === 1 ? each : { ...each, receivers: count })),
  )
  const { withTransport } = settings
  const probing = withTransport === undefined ? undefined : transports.get(withTransport)
  const besides = probing ? withProbe(several, probing, settings, caseOf) : several
  return waysOf(settings).flatMap(way => besides.map(each => over(way, each)))
}

/** With what runs beside it; nothing goes to a group over an emulated way. */
function over(way: ReturnType<typeof waysOf>[number], each: Case): Case {
  if (each.group !== undefined) return each
  const { probe } = each
  return { ...each, ...way, ...(probe ? { probe: { ...probe, ...way } } : {}) }
}

/** Those that last, with requests beside them; and these alone, which come first. */
function withProbe(
  several: readonly Case[],
  probing: Transport,
  settings: Block,
  caseOf: (transport: Transport, workload: string, sizes: Sizes) => Case,
): readonly Case[] {
  const { durationMs = STREAM_MS, intervalMs = INTERVAL_MS } = settings
  const timing = { ...settings, sizesBytes: undefined, durationMs, intervalMs }
  const [alone] = requestsOf(timing, probing).map(sizes => caseOf(probing, EXCHANGE, sizes))
  if (!alone) return several
  const loaded = several.map(each => {
    const probe = { ...alone, beside: loadOf(each, several) }
    return isStream(each) ? { ...each, beside: probing.name, probe } : each
  })
  return [alone, ...loaded]
}

/** What is done over a transport where nothing else is asked for. */
function usualWorkload({ transfer }: Transport, settings: Settings): string {
  if (!transfer) return EXCHANGE
  if (asksFrames(settings)) return FRAMES
  return settings.durationMs === undefined ? TRANSFER : STREAM
}

/** Settings that apply only to datagrams. */
function datagramSettings(
  { rateBps, readLate }: Settings,
  workload: string,
  maxDatagramBytes: number | undefined,
) {
  return {
    ...(readLate ? { readLate: true as const } : {}),
    ...(rateBps === undefined || isExchange({ workload }) ? {} : { rateBps }),
    ...(maxDatagramBytes === undefined ? {} : { maxDatagramBytes }),
  }
}

/** Flags and files are validated earlier, but values passed through the library are not. */
function atLeast(low: number, name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= low) return value
  throw new UsageError(`${name}: not a whole number of ${low} or more: ${value}`)
}
