/** Settings of a scenario file that cannot be combined, or that this machine cannot give. Pure. */
import { applyOverrides, blocksOf, commandSettings, type Overrides } from './blocks.ts'
import type { Conflict, Name, Transports } from './conflict.ts'
import { conflictsOf } from './conflicts.ts'
import { DEFAULTS } from './defaults.ts'
import { transportsIn } from './named.ts'
import type { Scenario } from './schema.ts'
import { ROWS } from './settings/rows.ts'
import type { Pins } from './settings/words.ts'
import { conflictsOfSockets, type PlanSockets } from './socket-settings.ts'

/** What this program can do on this machine, as far as settings depend on it. */
export interface Abilities {
  readonly transports: Transports
  /** The sockets of an engine, or for `auto` of the best that runs these transports; or why it cannot be used. */
  readonly socketsOf: (engine: string, transports: readonly string[]) => PlanSockets | string
  /** Why agents cannot be pinned like this; undefined if they can. */
  readonly obstacleToPins: (pins: Pins) => string | undefined
  /** Why a workload cannot be carried over a transport; undefined if it can. */
  readonly obstacleToWorkload: (workload: string, transport: string) => string | undefined
}

/**
 * Those of the file alone: what an override has a part in is not the file's mistake.
 * @param spare what is for another host may be for the other side
 */
export function conflictsOfFile(
  file: Scenario,
  overrides: Overrides,
  abilities: Abilities,
  spare: boolean,
): readonly Conflict[] {
  const whole = applyOverrides(file, overrides)
  const overridden = ROWS.filter(([, { field }]) => overrides[field] !== undefined).map(([name]) => name)
  const all = [
    ...conflictsOf(whole, abilities.transports),
    ...(spare ? [] : idleSettings(whole)),
    ...beyond(whole, abilities),
  ]
  return all.filter(({ settings }) => !settings.some(each => overridden.includes(each)))
}

/** A setting that has no effect without another host. */
function idleSettings({ host, from, to, reverse, bidir }: Scenario): readonly Conflict[] {
  const idle = reverse ? 'reverse' : bidir ? 'bidir' : undefined
  if (idle === undefined || (host ?? from ?? to)) return []
  const message = (name: Name) => `${name(idle)} is for another host; name it with ${name('host')}`
  return [{ settings: [idle, 'host'], message }]
}

/** What is asked of this machine, and it cannot do. */
function* beyond(scenario: Scenario, abilities: Abilities): Iterable<Conflict> {
  const { engine = 'auto', pins } = commandSettings(scenario)
  const sockets = abilities.socketsOf(engine, transportsIn(scenario))
  if (typeof sockets !== 'string') yield* conflictsOfSockets(scenario, abilities.transports, sockets)
  else yield { settings: ['engine'], message: name => `${name('engine', engine)}: ${sockets}` }
  const unpinned = scenario.host || scenario.from ? undefined : pins && abilities.obstacleToPins(pins)
  if (unpinned !== undefined) yield { settings: ['pin'], message: name => `${name('pin')}: ${unpinned}` }
  for (const [variant, block] of blocksOf(scenario).entries()) {
    // Without a workload each transport does what it can.
    const { workloads = [], transports = DEFAULTS.transports } = block
    for (const workload of workloads) {
      const found = transports.map(each => ({
        transport: each,
        obstacle: abilities.obstacleToWorkload(workload, each),
      }))
      const first = found.find(({ obstacle }) => obstacle !== undefined)
      if (!first) continue
      const message = (name: Name) =>
        `${name('workload', workload)} over ${first.transport}: ${first.obstacle}`
      yield { settings: ['workload', 'transport'], variant, message }
    }
  }
}
