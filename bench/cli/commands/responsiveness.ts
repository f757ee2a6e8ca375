/** `bench responsiveness`: round trips per minute under load, to another host and back, or within this one. */
import { UsageError } from '../../../base/errors.ts'
import { harmlessJson } from '../../../base/foreign-text.ts'
import { parseBytes } from '../../../base/units.ts'
import { responsivenessBlocks } from '../../../results/document/responsiveness-table.ts'
import { renderBlocks } from '../../../results/document/terminal.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { classOf } from '../../../results/statistics/responsiveness.ts'
import type { Overrides } from '../../../scenarios/blocks.ts'
import { TIMEOUT } from '../../../scenarios/settings/units.ts'
import { RESPONSIVENESS, TARGET } from '../../../scenarios/settings/words.ts'
import { onceFree } from '../../doctor/door.ts'
import { BENCH_VERSION } from '../../fleet/facts/environment.ts'
import { blocksOf } from '../../measure/blocks.ts'
import { measureRun } from '../../measure/run.ts'
import type { Command } from '../command.ts'
import { choice, readFlags, usually } from '../flags.ts'
import { idleFlag, SERVER_FLAGS, serverIdentity } from '../hosts-flags.ts'
import { PLUGIN } from '../options.ts'
import { prepare } from '../preparation.ts'
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
    const asked = readFlags(FLAGS, flags)
    const { format, 'max-time': durationMs, engine, congestion, ip: ipFamily } = asked
    const target = name === undefined ? undefined : TARGET.parse(name)
    const servers = serverIdentity(asked)
    const idle = idleFlag(servers)
    if (!target && idle)
      throw new UsageError(`--${idle} is for another host; name it: bench responsiveness HOST`)
    const usual = { chunksBytes: [FRAME_BYTES], durationMs, repeat: 1 }
    const rows: [string, TrialRecord][] = []
    const measure = async (direction: string, ends: Overrides) => {
      const overrides = { ...usual, engine, congestion, ipFamily, ...ends }
      const args = { scenarios: [RESPONSIVENESS], overrides, servers, commit: undefined }
      // The session of the direction before may not have ended yet.
      await using ready = await onceFree(() => prepare(args, catalog, undefined, signal), signal)
      const blocks = blocksOf(ready.works.map(work => [work]))
      for await (const { record } of measureRun(blocks, { catalog, signal })) rows.push([direction, record])
    }
    try {
      if (target) {
        await measure(`to ${target.host}`, { host: [target] })
        await measure(`from ${target.host}`, { host: [target], reverse: true })
      } else await measure('this host', {})
    } finally {
      const notes = target
        ? []
        : ['over loopback: this shows the machine, not a network; name a host where bench serve runs']
      if (rows.length > 0 && format === 'json') terminal.data(`${harmlessJson(jsonOf(rows))}\n`)
      else if (rows.length > 0) terminal.out(renderBlocks(responsivenessBlocks(rows, notes), terminal))
    }
    return rows.every(([, { outcome }]) => outcome === 'completed') ? EXIT.measured : EXIT.failed
  },
}

function jsonOf(rows: readonly (readonly [string, TrialRecord])[]): string {
  const directions = rows.map(([, record]) => ({
    ...(record.rpm === undefined ? {} : { class: classOf(record.rpm) }),
    ...record,
  }))
  return JSON.stringify({ bench_version: BENCH_VERSION, directions }, undefined, 2)
}
