/** Flags of `bench fleet`: its own, and those of a run that do not say where the ends are. */
import { integer } from '../../../scenarios/settings/grammar.ts'
import { TIMEOUT } from '../../../scenarios/settings/units.ts'
import { BUS_FLAGS } from '../bus-flags.ts'
import type { Given } from '../command.ts'
import { type FlagTable, list, needed, only, readFlags, text } from '../flags.ts'
import { SERVER_FLAGS } from '../hosts-flags.ts'
import { METRICS_LISTEN } from '../metrics-endpoint.ts'
import { RUN_FLAGS, type RunArguments, runArguments } from '../run-flags.ts'
import { SERIES_FLAGS } from '../series/flags.ts'
import { SETTING_FLAGS } from '../setting-flags.ts'

/** Where the ends are says the list, and rounds are of all pairs. */
const {
  host: _host,
  from: _from,
  to: _to,
  reverse: _reverse,
  bidir: _bidir,
  target: _target,
  pin: _pin,
  keep: _keep,
  until: _until,
  'max-time': _most,
  processes: _processes,
  pause: _pause,
  ...SHARED
} = RUN_FLAGS

/** Enough for an interval where every second pair loses half of its goodput, and few beside the rounds of twelve hosts. */
export const USUAL_SERIAL = 8

const OWN = {
  hosts: needed(
    text(
      'file with the hosts where bench serve runs, or nats://HOST, which they have joined; fleet plan also takes a number',
      String,
    ),
  ),
  pairs: list('all, across:LABEL, within:LABEL; or A>B, A<>B with names, LABEL=VALUE or *', String, 'all'),
  sample: text(
    'so many rounds instead of all: each host has at most so many pairs',
    integer(1, 100_000).parse,
  ),
  serial: text(
    'so many pairs are measured once more, alone, to see what those of a round take from each other; 0 for none',
    integer(0, 1000).parse,
    String(USUAL_SERIAL),
  ),
  round: text(
    'a round begins so long after the one before at the earliest; fleet plan: how long one takes (12s)',
    TIMEOUT.parse,
    'at once',
  ),
  resume: text(
    'file of such a run that was broken off, or with nats:// its run_id: the new file has its rows, and what they lack',
    String,
  ),
  ...SERIES_FLAGS,
  'metrics-listen': METRICS_LISTEN,
  ...BUS_FLAGS,
}
export const FLEET_FLAGS = { ...OWN, ...SHARED }

const LISTED = { hosts: OWN.hosts, ...BUS_FLAGS, plugin: SHARED.plugin }

/** What each action takes of them. */
export const ACTION_FLAGS = {
  run: FLEET_FLAGS,
  // The words of a run, so far as they say how much is measured.
  plan: {
    ...only(OWN, ['hosts', 'pairs', 'sample', 'serial', 'round', 'every', ...keysOf(BUS_FLAGS)]),
    plugin: SHARED.plugin,
    ...only(
      SETTING_FLAGS,
      keysOf(SETTING_FLAGS).filter(name => Object.hasOwn(SHARED, name)),
    ),
  },
  hosts: { ...LISTED, ...SERVER_FLAGS, ip: SHARED.ip },
  rows: { ...LISTED, ...only(SHARED, ['out', 'force', 'csv-dialect', 'columns']) },
} satisfies Readonly<Record<string, FlagTable>>

function keysOf<Table extends object>(table: Table): readonly (keyof Table)[] {
  // A constant has no other keys than its type.
  return Object.keys(table) as (keyof Table)[]
}

export type FleetFlags = ReturnType<typeof readFlags<typeof OWN>>

/** @throws UsageError */
export function fleetArguments(
  scenarios: readonly string[],
  flags: Given['flags'],
): { readonly own: FleetFlags; readonly asked: RunArguments } {
  return { own: readFlags(OWN, flags), asked: runArguments(scenarios, readFlags(RUN_FLAGS, flags)) }
}
