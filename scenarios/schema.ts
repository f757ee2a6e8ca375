/** A scenario: what to measure. The schema of its file, its parsed type, and the defaults. */
import * as z from 'zod'
import { suggestion } from '../base/nearest.ts'
import type { BitsPerSecond, Bytes, Milliseconds } from '../base/units.ts'
import type { DfMode } from '../transports/contract/df.ts'
import { blockFields, type CheckThreshold, labelField, scenarioFields } from './fields.ts'
import type { OsProfile } from './profiles.ts'
import type { Offload, Verify } from './socket-values.ts'
import { shown, wrong } from './values.ts'

/** The settings of a block of cases; undefined if not specified. */
export interface Settings {
  readonly transports?: readonly string[] | undefined
  /** Generated payloads. Mutually exclusive with `files`. */
  readonly sizesBytes?: readonly Bytes[] | undefined
  readonly chunksBytes?: readonly Bytes[] | undefined
  readonly files?: readonly string[] | undefined
  readonly rateBps?: BitsPerSecond | undefined
  readonly rcvbufBytes?: Bytes | 'default' | undefined
  readonly sndbufBytes?: Bytes | 'default' | undefined
  /** Mutually exclusive with `osProfile`. */
  readonly maxDatagramBytes?: Bytes | 'none' | undefined
  readonly osProfile?: OsProfile | undefined
  readonly nodelay?: boolean | undefined
  readonly congestion?: string | undefined
  readonly mssBytes?: number | undefined
  /** Ceiling of the kernel's pacing of a TCP connection. */
  readonly maxPacingBps?: BitsPerSecond | undefined
  /** Differentiated services code point, 0 to 63. */
  readonly dscp?: number | undefined
  readonly df?: DfMode | undefined
  /** Empty for none. */
  readonly offload?: readonly Offload[] | undefined
  readonly zerocopy?: boolean | undefined
  /** The most datagrams or writes per system call. */
  readonly batch?: number | undefined
  readonly verify?: Verify | undefined
  /** Address, and interface, of the data sockets on this host. */
  readonly bind?: string | undefined
  readonly interface?: string | undefined
}

/** A block of cases with its own label; its settings override the scenario's. */
interface Variant extends Settings {
  readonly label: string
}

export interface Scenario extends Settings {
  readonly name: string
  readonly summary?: string | undefined
  /** Recorded rounds. */
  readonly repeat?: number | undefined
  /** Unrecorded rounds before them. */
  readonly warmup?: number | undefined
  /** Fresh pairs of processes that share the recorded rounds. */
  readonly processes?: number | undefined
  readonly drainMs?: Milliseconds | undefined
  readonly timeoutMs?: Milliseconds | undefined
  readonly seed?: number | undefined
  readonly ipFamily?: 4 | 6 | undefined
  /** Thresholds that `bench check` applies to the results, as written; `bench run` only measures. */
  readonly thresholds?: readonly string[] | undefined
  /** Empty if the scenario is a single block. */
  readonly variants: readonly Variant[]
}

/**
 * Parses the content of a scenario file. Its issues are one line each, located at the key they concern.
 * @param fallbackName the scenario's name if the file does not give one
 * @param knownTransports any other transport is an issue; undefined allows every name
 * @param checkThreshold throws a UsageError for an invalid threshold; undefined allows any text
 */
export function scenarioSchema(
  fallbackName: string,
  knownTransports: readonly string[] | undefined,
  checkThreshold?: CheckThreshold,
) {
  return scenarioFileSchema(knownTransports, checkThreshold).transform(
    (file): Scenario => ({
      name: file.name ?? fallbackName,
      summary: file.summary,
      repeat: file.repeat,
      warmup: file.warmup,
      processes: file.processes,
      drainMs: file.drain,
      timeoutMs: file.timeout,
      seed: file.seed,
      ipFamily: file.ip,
      thresholds: file.thresholds,
      ...settingsOf(file),
      variants: (file.variants ?? []).map(variant => ({ label: variant.label, ...settingsOf(variant) })),
    }),
  )
}

/** The JSON Schema of a scenario file, for editors (draft 7, which they all support). */
export function scenarioJsonSchema(): z.core.JSONSchema.BaseSchema {
  const schema = scenarioFileSchema(undefined).meta({
    title: 'A scenario of tcp-udp-bench',
    description: 'What is measured. Keys are the flags of `bench run`, and a flag overrides its key.',
    // Expresses the refinements below in JSON Schema.
    allOf: EXCLUSIONS.map(pair => ({ not: { required: pair } })),
    anyOf: [...PAYLOAD, { required: ['variants'], properties: { variants: { items: { anyOf: PAYLOAD } } } }],
  })
  return z.toJSONSchema(schema, { io: 'input', target: 'draft-7' })
}

const EXCLUSIONS = [
  ['size', 'file'],
  ['os-profile', 'max-datagram'],
] as const
const PAYLOAD = [{ required: ['size'] }, { required: ['file'] }]

function scenarioFileSchema(knownTransports: readonly string[] | undefined, checkThreshold?: CheckThreshold) {
  const block = blockFields(knownTransports)
  const variantFields = { label: labelField(), ...block }
  const variant = z
    .strictObject(variantFields, { error: mappingError('a variant', Object.keys(variantFields)) })
    .superRefine(excludePairs)
    .meta({ allOf: EXCLUSIONS.map(pair => ({ not: { required: pair } })) })
  const fields = {
    ...scenarioFields(checkThreshold),
    ...block,
    variants: z
      .array(variant, { error: wrong('a list of variants', 'write one `- label: …` for each') })
      .min(1, { error: 'an empty list; give one or more, or leave the key out' })
      .superRefine(distinctLabels)
      .describe('Blocks of cases that differ in the given keys; each of them replaces the key above.')
      .optional(),
  }
  return z
    .strictObject(fields, { error: mappingError('a scenario', Object.keys(fields)) })
    .superRefine(excludePairs)
    .superRefine((file, context) => {
      const given = (block: BlockFile) => block.size !== undefined || block.file !== undefined
      if (given(file) || file.variants?.every(given)) return
      context.addIssue({ code: 'custom', message: 'nothing to send; give size or file', path: ['size'] })
    })
}

type Context = z.RefinementCtx

function excludePairs(block: Readonly<Record<string, unknown>>, context: Context): void {
  for (const [one, other] of EXCLUSIONS) {
    if (block[one] === undefined || block[other] === undefined) continue
    const message = `cannot stand beside ${one}; leave one of them out`
    context.addIssue({ code: 'custom', message, path: [other] })
  }
}

function distinctLabels(variants: readonly { readonly label: string }[], context: Context): void {
  const labels = variants.map(variant => variant.label)
  const again = labels.findIndex((label, index) => labels.indexOf(label) < index)
  if (again < 0) return
  const message = `given twice: ${shown(labels[again])}; give each variant a label of its own`
  context.addIssue({ code: 'custom', message, path: [again, 'label'] })
}

function mappingError(what: string, known: readonly string[]) {
  return (issue: { readonly code?: string; readonly input?: unknown; readonly keys?: unknown }): string => {
    if (issue.code !== 'unrecognized_keys')
      return wrong(what, 'write keys and values, such as size: 800k')(issue)
    const key: unknown = Array.isArray(issue.keys) ? issue.keys[0] : undefined
    return `${what} has no such key${suggestion(String(key), known)}`
  }
}

type BlockFile = z.output<z.ZodObject<ReturnType<typeof blockFields>>>

function settingsOf(file: BlockFile): Settings {
  return {
    transports: file.transport,
    sizesBytes: file.size,
    chunksBytes: file.chunk,
    files: file.file,
    rateBps: file.rate,
    rcvbufBytes: file.rcvbuf,
    sndbufBytes: file.sndbuf,
    maxDatagramBytes: file['max-datagram'],
    osProfile: file['os-profile'],
    nodelay: file.nodelay,
    congestion: file.congestion,
    mssBytes: file.mss,
    maxPacingBps: file['max-pacing'],
    dscp: file.dscp,
    df: file.df,
    offload: file.offload,
    zerocopy: file.zerocopy,
    batch: file.batch,
    verify: file.verify,
    bind: file.bind,
    interface: file.interface,
  }
}
