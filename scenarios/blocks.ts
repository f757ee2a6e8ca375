/** Merges settings: a variant over its scenario, command line flags over both. Pure. */
import { UsageError } from '../base/errors.ts'
import type { Scenario, Settings } from './schema.ts'

/** Settings that flags can override: everything in a scenario except its name, summary, thresholds and variants. */
export type Overrides = Partial<Omit<Scenario, 'name' | 'summary' | 'thresholds' | 'variants'>>

/** Settings whose lists are combined into cases. */
export interface Block extends Settings {
  /** The variant's label; undefined for a scenario without variants. */
  readonly label: string | undefined
}

/** Splits a scenario into its blocks of cases: one per variant, or a single one. */
export function blocksOf(scenario: Scenario): readonly Block[] {
  if (scenario.variants.length === 0) return [{ label: undefined, ...overlay(scenario, {}) }]
  return scenario.variants.map(variant => ({ label: variant.label, ...overlay(scenario, variant) }))
}

/**
 * Applies overrides to a scenario and to each of its variants. Variants that become equal are both kept.
 * @throws UsageError if the overrides contain two mutually exclusive settings
 */
export function applyOverrides(scenario: Scenario, overrides: Overrides): Scenario {
  if (overrides.sizesBytes !== undefined && overrides.files !== undefined)
    throw new UsageError('--size and --file exclude each other; give one of them')
  if (overrides.maxDatagramBytes !== undefined && overrides.osProfile !== undefined)
    throw new UsageError('--max-datagram and --os-profile exclude each other; give one of them')
  return {
    name: scenario.name,
    summary: scenario.summary,
    repeat: overrides.repeat ?? scenario.repeat,
    warmup: overrides.warmup ?? scenario.warmup,
    processes: overrides.processes ?? scenario.processes,
    drainMs: overrides.drainMs ?? scenario.drainMs,
    timeoutMs: overrides.timeoutMs ?? scenario.timeoutMs,
    seed: overrides.seed ?? scenario.seed,
    ipFamily: overrides.ipFamily ?? scenario.ipFamily,
    thresholds: scenario.thresholds,
    ...overlay(scenario, overrides),
    variants: scenario.variants.map(variant => ({ label: variant.label, ...overlay(variant, overrides) })),
  }
}

/** Returns `base` overridden by `over`. A size replaces a file, an OS profile replaces a datagram limit, and vice versa. */
function overlay(base: Settings, over: Settings): Settings {
  const payload = over.sizesBytes === undefined && over.files === undefined ? base : over
  const limit = over.maxDatagramBytes === undefined && over.osProfile === undefined ? base : over
  return {
    transports: over.transports ?? base.transports,
    sizesBytes: payload.sizesBytes,
    files: payload.files,
    chunksBytes: over.chunksBytes ?? base.chunksBytes,
    rateBps: over.rateBps ?? base.rateBps,
    rcvbufBytes: over.rcvbufBytes ?? base.rcvbufBytes,
    sndbufBytes: over.sndbufBytes ?? base.sndbufBytes,
    maxDatagramBytes: limit.maxDatagramBytes,
    osProfile: limit.osProfile,
    nodelay: over.nodelay ?? base.nodelay,
    congestion: over.congestion ?? base.congestion,
    mssBytes: over.mssBytes ?? base.mssBytes,
    maxPacingBps: over.maxPacingBps ?? base.maxPacingBps,
    dscp: over.dscp ?? base.dscp,
    df: over.df ?? base.df,
    offload: over.offload ?? base.offload,
    zerocopy: over.zerocopy ?? base.zerocopy,
    batch: over.batch ?? base.batch,
    verify: over.verify ?? base.verify,
    bind: over.bind ?? base.bind,
    interface: over.interface ?? base.interface,
  }
}
