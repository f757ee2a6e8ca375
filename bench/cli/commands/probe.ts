/** `bench probe`: the limits of datagrams on this system and a path, by sending. */
import { UsageError } from '../../../base/errors.ts'
import { parseBytes } from '../../../base/units.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { type Probe, probedLimits } from '../../../results/statistics/probe-results.ts'
import { type ProfileFile, writtenProfile } from '../../../scenarios/profile-file.ts'
import type { Scenario } from '../../../scenarios/schema.ts'
import { TARGET } from '../../../scenarios/settings/words.ts'
import { loopback } from '../../../transports/contract/addresses.ts'
import type { Sockets } from '../../../transports/contract/sockets.ts'
import { protocolOn } from '../../doctor/data.ts'
import { blocksOf } from '../../measure/blocks.ts'
import { ProbeSearch } from '../../measure/probe-search.ts'
import type { Extended } from '../../workloads/catalog.ts'
import type { Command } from '../command.ts'
import { only, readFlags, text } from '../flags.ts'
import { openFiles } from '../output-files.ts'
import { engineNotes, prepare } from '../preparation.ts'
import { RUN_FLAGS, runArguments } from '../run-flags.ts'
import { Session } from '../session.ts'
import { showResults } from '../shown.ts'

const SHARED = only(RUN_FLAGS, [
  ...(['ip', 'bind', 'interface', 'engine', 'os-profile', 'max-datagram', 'reverse', 'from', 'to'] as const),
  ...(['drain', 'timeout', 'plugin', 'token-file', 'tls', 'tls-ca', 'tls-cert', 'tls-key'] as const),
  ...(['setup', 'cleanup', 'out', 'note', 'force', 'format', 'csv-dialect', 'columns', 'quiet'] as const),
])

const FLAGS = {
  ...SHARED,
  save: text('file to write the limits to, as a profile for --os-profile', parseSave),
}

/** Datagrams of these sizes fill a receive buffer. */
const HELD_BYTES = ['64', '1024', '1472', '9216', '65507'].map(parseBytes)
const RAISED_BYTES = parseBytes('256k')

export const probe: Command = {
  flags: FLAGS,
  examples: [
    ['$0 probe', 'the limits of this system'],
    ['BENCH_TOKEN=… $0 probe 192.0.2.7', 'those of the path to the host where bench serve runs'],
  ],
  before: 'anything was measured',
  async run({ operands: [name], flags }, context) {
    const { catalog, signal } = context
    const { save, force } = readFlags(FLAGS, flags)
    const asked = runArguments([], readFlags(RUN_FLAGS, flags))
    const { overrides } = asked
    const host = name === undefined ? undefined : [TARGET.parse(name)]
    const isLocal = !host && !(overrides.from && overrides.to)
    if (overrides.reverse && !host)
      throw new UsageError('--reverse is for another host; name it: bench probe HOST')
    const { engine } = await catalog.engines.choose(overrides.engine ?? 'auto')
    const sockets = await catalog.engines.sockets(engine)
    const families =
      overrides.ipFamily === undefined && isLocal ? await familiesHere(sockets, signal) : [undefined]
    const args = {
      ...asked,
      overrides: { ...overrides, host },
      scenarios: families.map(ipFamily => ({
        ...scenarioFor(sockets, catalog, isLocal),
        ...(ipFamily === undefined ? {} : { name: `probe-ipv${ipFamily}`, ipFamily }),
      })),
    }
    await using ready = await prepare(args, catalog, undefined, signal)
    const blocks = blocksOf(ready.works.map(work => [work]))
    await using session = new Session(
      { ...args, blocks, keepDir: undefined, suffix: '', search: new ProbeSearch() },
      context,
    )
    using files = openFiles(save === undefined ? [] : [{ path: save, flag: 'save' }], force)
    await session.open()
    for (const note of engineNotes([ready])) session.say(`${note}\n`)
    await session.measure()
    await showResults(session, args, context)
    for (const { file, path } of files.files) {
      const profile = profileIn(session.records)
      if (!profile.ipv4 && !profile.ipv6)
        session.say(`nothing in ${path}: no limit of this system is known to the byte\n`)
      else {
        file.write(writtenProfile(profile))
        session.say(`profile in ${path}\n`)
      }
    }
    return session.end()
  },
}

/** @param isLocal on a path, a flood of fragments would fill the other host's memory for them, and say nothing of its buffers */
function scenarioFor(sockets: Sockets, catalog: Extended, isLocal: boolean): Scenario {
  const transports = [protocolOn('datagram', catalog)]
  const label = (probe: Probe) => ({ label: probe })
  const sees = sockets.objection('datagram', 4, { df: 'probe' }) === undefined
  return {
    ...{ name: 'probe', transports, repeat: 1, processes: 1, warmup: 0 },
    variants: [
      label('usual'),
      { ...label('raised'), sndbufBytes: RAISED_BYTES },
      ...(sees
        ? ([
            { ...label('known-path'), df: 'do' },
            { ...label('any-path'), df: 'probe' },
          ] as const)
        : []),
      ...(isLocal && sockets.readsWhenAsked
        ? [{ ...label('held'), readLate: true, rcvbufBytes: 'default' as const, chunksBytes: HELD_BYTES }]
        : []),
      ...(sockets.usualRcvbufBytes === undefined || !sockets.readsWhenAsked || !isLocal
        ? []
        : [{ ...label('held-usual'), readLate: true, chunksBytes: HELD_BYTES }]),
    ],
  }
}

/** The IP versions of the loopback interface. */
async function familiesHere(sockets: Sockets, signal: AbortSignal): Promise<readonly (4 | 6)[]> {
  const found: (4 | 6)[] = []
  for (const family of [4, 6] as const)
    try {
      await using _ = await sockets.bindDatagram({ local: loopback(family), signal })
      found.push(family)
    } catch {
      // There is no such address.
    }
  return found.length > 0 ? found : [4]
}

function profileIn(records: readonly TrialRecord[]): ProfileFile {
  const [{ sender_os: system, sender_os_release: version, limit_emulated: emulated = false } = {}] = records
  const probed = probedLimits(records)
  const limit = (family: 4 | 6) => {
    const taken = (probe: Probe) => {
      const found = probed.find(
        each => each.limit.of === 'taken' && each.limit.probe === probe && each.family === family,
      )
      // A firewall, or an address that is missing, is no limit of datagrams.
      return found && found.bytes > 0 && found.refusal === 'EMSGSIZE' ? found.bytes : undefined
    }
    const [datagram, raised] = [taken('usual'), taken('raised')]
    return datagram === undefined ? undefined : { datagram, ...(raised === undefined ? {} : { raised }) }
  }
  const [ipv4, ipv6] = [limit(4), limit(6)]
  return {
    ...(system === undefined
      ? {}
      : { system: [system, version, emulated && '(an emulated limit)'].filter(Boolean).join(' ') }),
    ...(ipv4 ? { ipv4 } : {}),
    ...(ipv6 ? { ipv6 } : {}),
  }
}

/** @throws UsageError for what `--os-profile` would not take for a file */
function parseSave(path: string): string {
  if (/\.ya?ml$/i.test(path)) return path
  throw new UsageError(`a profile ends with .yaml or .yml, and ${JSON.stringify(path)} does not`)
}
