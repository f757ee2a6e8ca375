/** What a scenario names that has to be found outside of it, before it becomes a plan: transports, files, traces, profiles, a path. Pure. */
import type { Transport } from '../transports/contract/transport.ts'
import { blocksOf, transportsOf } from './blocks.ts'
import type { Scenario, Settings } from './schema.ts'
import { isApart, isFileName } from './settings/words.ts'

/** Whether chunks depend on the path. */
export function asksMtu(scenario: Scenario): boolean {
  return blocksOf(scenario).some(block => block.chunksBytes?.includes('mtu'))
}

/** The longest packet of an emulated way, in bytes; undefined where that is no less than elsewhere. */
export function emulatedMtuBytes(scenario: Scenario): number | undefined {
  const mtus = blocksOf(scenario).flatMap(({ way, impairWith }) => [
    ...(way?.up.mtuBytes === undefined ? [] : [way.up.mtuBytes]),
    // As of Ethernet, where nothing else is said.
    ...(isApart(impairWith) && way?.up.mtuBytes === undefined ? [ETHERNET_MTU_BYTES] : []),
  ])
  return mtus.length === 0 ? undefined : Math.min(...mtus)
}

const ETHERNET_MTU_BYTES = 1500

/** The scenario with the chunks that fit into `payloadBytes` of UDP, with the headers of all formats beside them. */
export function withMtu(
  scenario: Scenario,
  payloadBytes: number,
  transports: ReadonlyMap<string, Transport>,
): Scenario {
  // The same for all of them.
  const headers = transportsIn(scenario).map(each => transports.get(each)?.traits.headerBytes ?? 0)
  const fits = Math.max(1, payloadBytes - Math.max(...headers))
  const sized = <Part extends Settings>(part: Part): Part =>
    part.chunksBytes
      ? { ...part, chunksBytes: part.chunksBytes.map(each => (each === 'mtu' ? fits : each)) }
      : part
  return { ...sized(scenario), variants: scenario.variants.map(sized) }
}

/** Names of the transports that a scenario measures. */
export function transportsIn(scenario: Scenario): string[] {
  return blocksOf(scenario).flatMap(transportsOf)
}

/** Lists the files that a scenario sends. */
export function filesOf(scenario: Scenario): string[] {
  return [...new Set(blocksOf(scenario).flatMap(block => block.files ?? []))]
}

/** The traces that a scenario names. */
export function tracesOf(scenario: Scenario): readonly string[] {
  return blocksOf(scenario).flatMap(({ trace }) => trace ?? [])
}

/** The files of profiles that a scenario names. */
export function profilesOf(scenario: Scenario): readonly string[] {
  return blocksOf(scenario).flatMap(({ osProfile }) =>
    osProfile !== undefined && isFileName(osProfile) ? [osProfile] : [],
  )
}
