/** `bench responsiveness`: round trips per minute under load, to another host and back, or within this one. */
import { UsageError } from '../../../base/errors.ts'
import { harmlessJson } from '../../../base/foreign-text.ts'
import { parseBytes } from '../../../base/units.ts'
import { responsivenessBlocks } from '../../../results/document/responsiveness-table.ts'
import { renderBlocks } from '../../../results/document/terminal.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { classOf } from '../../../results/statistics/responsiveness.ts'
import type { Scenario } from '../../../scenarios/schema.ts'
import { TIMEOUT } from '../../../scenarios/settings/units.ts'
import { RESPONSIVENESS, TARGET } from '../../../scenarios/settings/words.ts'
import { onceFree } from '../../doctor/door.ts'
import { BENCH_VERSION } from '../../fleet/facts/environment.ts'
import { type Flow, flowHere } from '../../fleet/flow.ts'
import { LocalHost } from '../../fleet/local/local.ts'
import { blocksOf } from '../../measure/blocks.ts'
import { engineFor, measureRun, planFor } from '../../measure/run.ts'
import type { Extended } from '../../workloads/catalog.ts'
import type { Command } from '../command.ts'
import { choice, readFlags, usually } from '../flags.ts'
import { flowsOf, serverAddress } from '../hosts.ts'
import { HERE, idleFlag, SERVER_FLAGS, serverIdentity } from '../hosts-flags.ts'
import { PLUGIN } from '../options.ts'
import { settingFlag } from '../setting-flags.ts'
import { EXIT } from '../terminal.ts'

const FLAGS = {
  'max-time': usually('longest time of the load in each direction', TIMEOUT.parse, '20s'),
  engine: settingFlag('engine'),
  congestion: settingFlag('congestion'),
  ip: settingFlag('ip', 'as HOST has it'),
  format: choice('on standard output', ['table', 'json'], 'table'),
  plugin: PLUGIN,
  ...SERVER_FLAGS,
}

/** Load is written in frames of so many bytes: requests wait for no more than one of them in this program. */
const FRAME_BYTES = parseBytes('16k')

export const responsiveness: Command = {
  flags: FLAGS,
  examples: [
    ['BENCH_TOKEN=… $0 responsiveness 192.0.2.7', 'to the host where bench serve runs, and back'],
    ['$0 responsiveness', 'within this host, over loopback: what the machine itself can do'],
  ],
  before: 'both directions were measured',
  /** Ends with exit code 1 if a direction could not be measured. */
  async run({ operands: [name], flags }, { terminal, catalog, signal }) {
    const {
      format,
      'max-time': durationMs,
      engine: asked,
      congestion,
      ip: ipFamily,
      ...server
    } = readFlags(FLAGS, flags)
    const target = name === undefined ? undefined : TARGET.parse(name)
    const identity = serverIdentity(server)
    const idle = idleFlag(identity)
    if (!target && idle)
      throw new UsageError(`--${idle} is for another host; name it: bench responsiveness HOST`)
    const address = target && (await serverAddress(target, identity, ipFamily, signal))
    const scenario: Scenario = {
      name: RESPONSIVENESS,
      transports: [loadable(catalog)],
      workloads: [RESPONSIVENESS],
      chunksBytes: [FRAME_BYTES],
      ...{ durationMs, congestion, repeat: 1, warmup: 0, variants: [] },
      ipFamily: address?.family ?? ipFamily,
    }
    const { engine, there } = await engineFor([scenario], asked ?? 'auto', catalog)
    const plan = await planFor(scenario, engine, catalog)
    const rows: [string, TrialRecord][] = []
    const measure = async (direction: string, flow: Flow) => {
      await using ended = flow
      const blocks = blocksOf([[{ plan, flows: [ended] }]])
      for await (const { record } of measureRun(blocks, { catalog, signal })) rows.push([direction, record])
    }
    try {
      if (target && address) {
        for (const [direction, from, to] of [
          [`to ${target.host}`, HERE, target],
          [`from ${target.host}`, target, HERE],
        ] as const) {
          const here = new LocalHost(engine, { plugins: catalog.plugins })
          const hosts = { ...identity, flows: [{ from, to }] }
          // The session of the first direction may not have ended yet.
          const [flow] = await onceFree(
            () => flowsOf(hosts, address, there, here, [plan], catalog, signal),
            signal,
          )
          if (flow) await measure(direction, flow)
        }
      } else await measure('this host', flowHere(engine, { plugins: catalog.plugins }))
    } finally {
      const notes = target
        ? []
        : ['over loopback: this shows the machine, not a network; name a host where bench serve runs']
      const text = () =>
        format === 'json'
          ? `${harmlessJson(jsonOf(rows))}\n`
          : renderBlocks(responsivenessBlocks(rows, notes), terminal)
      if (rows.length > 0) terminal.out(text())
    }
    return rows.every(([, { outcome }]) => outcome === 'completed') ? EXIT.measured : EXIT.failed
  },
}

/** The transport that can send requests behind a load. @throws Error if there is none */
function loadable({ transports }: Extended): string {
  const found = [...transports.values()].find(each => each.load)
  if (!found) throw new Error('no transport carries a load')
  return found.name
}

function jsonOf(rows: readonly (readonly [string, TrialRecord])[]): string {
  const directions = rows.map(([, record]) => ({
    ...(record.rpm === undefined ? {} : { class: classOf(record.rpm) }),
    ...record,
  }))
  return JSON.stringify({ bench_version: BENCH_VERSION, directions }, undefined, 2)
}
