/** `bench fleet hosts`: the hosts of a fleet, and what each of them is doing. */
import { errorMessage, UsageError } from '../../../base/errors.ts'
import { formatMs } from '../../../base/units.ts'
import { names } from '../../../results/document/figures.ts'
import { renderBlocks } from '../../../results/document/terminal.ts'
import { TARGET } from '../../../scenarios/settings/words.ts'
import { isBusUrl } from '../../fleet/bus/address.ts'
import type { FleetHost } from '../../fleet/planning/hosts-file.ts'
import { directWay } from '../../fleet/remote/direct.ts'
import { RemoteHost } from '../../fleet/remote/host.ts'
import type { Context } from '../command.ts'
import { serverAddress } from '../hosts.ts'
import type { RunArguments } from '../run-flags.ts'
import { EXIT, type ExitCode } from '../terminal.ts'
import type { BusHosts } from './bus-hosts.ts'
import type { FleetFlags } from './flags.ts'
import type { FleetHosts } from './fleet-hosts.ts'
import { openHosts } from './hosts.ts'

/** A row: as it is shown. */
interface Shown {
  readonly host: FleetHost
  readonly version: string
  readonly engines: string
  readonly clock: string
  readonly state: string
  readonly isGone?: boolean
}

/** Ends with exit code 1 if one of a file cannot be used. @throws UsageError, SetupError */
export async function listHosts(own: FleetFlags, args: RunArguments, context: Context): Promise<ExitCode> {
  const { terminal } = context
  const [word] = args.scenarios
  if (word !== undefined)
    throw new UsageError(`bench fleet hosts ${word}: it takes no word; give --hosts alone`)
  if (isBusUrl(own.hosts) && args.servers.tokenFile !== undefined)
    throw new UsageError('--token-file: a NATS server alone is asked who has joined it; leave it out')
  await using fleet = await openHosts(own.hosts, own, args, context)
  for (const note of fleet.notes) terminal.err(note)
  const shown = isBusFleet(fleet) ? await present(fleet) : await reached(fleet, args, context)
  const table = {
    caption: 'hosts',
    columns: [
      ...names('host', 'address of data', 'labels', 'bench', 'engines', 'clock'),
      { title: 'state', align: 'left' as const, wraps: true },
    ],
    rows: shown.map(({ host, version, engines, clock, state, isGone = false }) => [
      { text: host.name },
      { text: TARGET.format(host.address) },
      { text: labelsOf(host) },
      ...[version, engines, clock].map(text => ({ text })),
      { text: state, ...(isGone ? { tone: 'bad' as const } : {}) },
    ]),
    inWords: shown.map(({ host, version, engines, clock, state }) => ({
      name: host.name,
      lines: [{ figures: [TARGET.format(host.address), labelsOf(host), version, engines, clock, state] }],
    })),
  }
  terminal.out(
    shown.length === 0 ? 'no host has joined\n' : renderBlocks([{ kind: 'table', table }], terminal),
  )
  if (fleet.bus)
    terminal.out(`control goes by ${fleet.bus.name}, and data between the addresses of the hosts\n`)
  return shown.some(({ isGone }) => isGone) ? EXIT.failed : EXIT.measured
}

function isBusFleet(fleet: FleetHosts): fleet is BusHosts {
  return fleet.bus !== undefined
}

async function present(fleet: BusHosts): Promise<readonly Shown[]> {
  const busy = await fleet.busy()
  return fleet.hosts.map((host, index) => {
    const { version = '', engines = [], clockMs = 0, since = 0 } = fleet.present[index] ?? {}
    const lease = busy.get(host.name)
    const sign = clockMs < 0 ? '-' : '+'
    return {
      host,
      version,
      engines: engines.join(', '),
      clock: `${sign}${formatMs(Math.abs(clockMs))}`,
      state: lease
        ? `run ${lease.run} since ${timeOf(lease.since)}`
        : `free, here since ${timeOf(new Date(since))}`,
    }
  })
}

async function reached(
  { hosts }: FleetHosts,
  { servers, overrides }: RunArguments,
  { catalog, signal }: Context,
): Promise<readonly Shown[]> {
  return Promise.all(
    hosts.map(async (host): Promise<Shown> => {
      try {
        const server = await serverAddress(host.address, servers, overrides.ipFamily, signal)
        await using there = await RemoteHost.connect(directWay(server), 'auto', catalog.plugins, signal)
        const { environment, engine } = there
        return { host, version: environment.bench_version, engines: engine, clock: '–', state: 'answers' }
      } catch (error) {
        signal.throwIfAborted()
        return { host, version: '–', engines: '–', clock: '–', state: errorMessage(error), isGone: true }
      }
    }),
  )
}

function labelsOf({ labels }: FleetHost): string {
  const written = Object.entries(labels).map(each => each.join('='))
  return written.join(',') || '–'
}

/** `2026-11-30T12:34:56Z` */
function timeOf(moment: Date): string {
  return `${moment.toISOString().slice(0, 19)}Z`
}
