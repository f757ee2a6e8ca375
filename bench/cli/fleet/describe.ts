/** How much a fleet measures, in words. */
import { maximum } from '../../../base/groups.ts'
import { counted, formatCount } from '../../../base/units.ts'
import { type FleetPlan, fleetRounds } from '../../measure/fleet.ts'

/** `5 hosts: 20 pairs in 10 rounds of up to 2 at a time` */
export function describeFleet(
  fleet: Pick<FleetPlan, 'hosts' | 'pairs' | 'sample' | 'serial' | 'seed' | 'repeat'>,
): string {
  const all = fleetRounds(fleet, 1)
  const rounds = all.flatMap(({ pairs, alone }) => (alone ? [] : [pairs]))
  const most = maximum(rounds.map(each => each.length))
  const serial = all.length - rounds.length
  const alone = serial > 0 ? `, ${formatCount(serial)} of them once more alone` : ''
  const times = fleet.repeat > 1 ? `, ${formatCount(fleet.repeat)} times` : ''
  return `${counted(fleet.hosts.length, 'host')}: ${counted(rounds.flat().length, 'pair')} in ${counted(rounds.length, 'round')} of up to ${formatCount(most)} at a time${alone}${times}`
}
