/** Network namespaces for the ends of plans that ask for them. */
import { UsageError } from '../../base/errors.ts'
import { emulatedWay } from '../../scenarios/paths.ts'
import type { Plan } from '../../scenarios/plan.ts'
import { APART } from '../../scenarios/settings/words.ts'
import type { Engines } from '../../transports/engines/engines.ts'
import type { Apartness } from '../fleet/local/namespaces.ts'

/** RFC 8200, section 5. */
const LEAST_IPV6_MTU = 1280

/**
 * Undefined where none asks for them.
 * @param why a better engine is not used @throws UsageError where others do not, or not by packets
 */
export function namespacesFor(plans: readonly Plan[], engines: Engines, why?: string): Apartness | undefined {
  const cases = plans.flatMap(each => each.cases)
  const joints = new Set(cases.map(each => each.impairWith))
  const joint = APART.find(each => joints.has(each))
  const [first] = cases
  if (!first || joint === undefined) return undefined
  if (joints.size > 1)
    throw new UsageError(
      `--impair-with ${joint} puts both ends of a run in namespaces of their own; measure what is not emulated so in another run`,
    )
  if (cases.some(each => each.ipFamily !== first.ipFamily))
    throw new UsageError(
      `--impair-with ${joint} has addresses of one IP version; measure the other one in another run`,
    )
  if (cases.some(each => each.bind !== undefined || each.socket.device !== undefined))
    throw new UsageError(
      `--impair-with ${joint}: the ends have addresses and devices of their own; leave --bind and --interface out`,
    )
  const unable = plans.find(({ engine }) => !engines.asksKernel(engine))
  if (joint === 'tun' && unable)
    throw new UsageError(
      `--impair-with tun: the ${unable.engine} engine has no TUN devices; it needs the native engine (Linux)${why === undefined ? '' : `, but ${why}`}`,
    )
  if (joint === 'tc' && cases.some(each => each.trace !== undefined))
    throw new UsageError(
      '--impair-with tc: the kernel has no queue that goes by a --trace; choose tun, or leave it out',
    )
  const ways = cases.map(emulatedWay)
  const small = ways
    .flatMap(way => [way?.up.mtuBytes, way?.down.mtuBytes])
    .some(mtu => mtu !== undefined && mtu < LEAST_IPV6_MTU)
  if (first.ipFamily === 6 && small)
    throw new UsageError(`--impair-with ${joint}: IPv6 needs an mtu of ${LEAST_IPV6_MTU} or more (RFC 8200)`)
  return { family: first.ipFamily, joint }
}
