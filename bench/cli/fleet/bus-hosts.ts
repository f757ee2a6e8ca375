/** The hosts that have joined a NATS server: who is there, who is measured with, and how they are connected for a pair. */
import { isIPv6 } from 'node:net'
import { given } from '../../../base/given.ts'
import { counted } from '../../../base/units.ts'
import type { BusAddress } from '../../fleet/bus/address.ts'
import { type Bus, connectBus } from '../../fleet/bus/connection.ts'
import { busWay } from '../../fleet/bus/host.ts'
import { type Busy, Leases } from '../../fleet/bus/leases.ts'
import { findHost, openPresence, type PresentHost, presentHosts } from '../../fleet/bus/presence.ts'
import { newInboxOfRun } from '../../fleet/bus/subjects.ts'
import type { FleetHost } from '../../fleet/planning/hosts-file.ts'
import type { Extended } from '../../workloads/catalog.ts'
import { flowBetween } from '../hosts.ts'
import type { ServerIdentity } from '../hosts-flags.ts'
import { readToken } from '../secrets.ts'
import { disposable, type FleetHosts } from './fleet-hosts.ts'

export interface BusHosts extends FleetHosts {
  readonly bus: Bus
  readonly present: readonly PresentHost[]
  /** Those that are measured with, by name. */
  busy(): Promise<ReadonlyMap<string, Busy>>
}

/** @throws UsageError, SetupError */
export async function openBusHosts(
  address: BusAddress,
  { tokenFile }: ServerIdentity,
  catalog: Extended,
  signal: AbortSignal,
): Promise<BusHosts> {
  const token = readToken(tokenFile, process.env['BENCH_TOKEN'])
  const bus = await connectBus({ ...address, inbox: newInboxOfRun() })
  try {
    const leases = await Leases.open(bus)
    const presence = await openPresence(bus)
    const { hosts: present, skipped } = await presentHosts(bus, presence)
    const note = `note: ${skipped.join(', ')}: ${counted(skipped.length, 'host')} with an impossible description, left out\n`
    return {
      bus,
      present,
      hosts: present.map(({ name, address: host, port, labels }) => ({
        name,
        address: { host, port },
        labels,
      })),
      notes: given(skipped.length > 0 && note),
      busy: () => leases.current(),
      async open({ from, to, runId, isLast, engine, plansFor }) {
        const names = [from.name, to.name]
        const lease = isLast
          ? await leases.holdPatiently(names, runId, signal)
          : await leases.hold(names, runId)
        // Where it is now: it may have started anew.
        const wayTo = async ({ name }: FleetHost) =>
          busWay(bus, await findHost(bus, presence, name), { lease: lease.id, run: runId, token })
        try {
          const [sender, receiver] = [await wayTo(from), await wayTo(to)]
          const plans = await plansFor(isIPv6(receiver.door.host) ? 6 : 4)
          const flow = await flowBetween(sender, receiver, engine, plans, catalog, signal)
          return disposable([flow], plans, [lease])
        } catch (error) {
          await lease[Symbol.asyncDispose]()
          throw error
        }
      },
      [Symbol.asyncDispose]: () => bus[Symbol.asyncDispose](),
    }
  } catch (error) {
    await bus[Symbol.asyncDispose]()
    throw error
  }
}
