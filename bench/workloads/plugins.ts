/**
 * Plug-ins: modules that add protocols, workloads, engines and sinks. Only a command line (and a program that uses the library) names them: no scenario
 * and no other host can make this one load code.
 */
import { statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import * as z from 'zod'
import { errorCode, errorMessage, UsageError } from '../../base/errors.ts'
import type { SinkKind } from '../../results/store/writers.ts'
import type { Exchange } from '../../transports/contract/exchange.ts'
import type { Transfer, Transport } from '../../transports/contract/transport.ts'
import type { Engine } from '../../transports/engines/engines.ts'
import { BUILT_IN, type Extended, extended, importPlugin, type Plugin } from './catalog.ts'
import type { Workload } from './workload.ts'

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must consist of lower-case letters, digits and dashes')
/** One line of a table, without anything that could control a terminal. */
const text = z.string().regex(/^[^\p{C}]{1,200}$/u, 'must be one line of text')
const version = z
  .string()
  .regex(/^[\w.+-]{1,64}$/, 'must consist of letters, digits, dots, dashes and plus signs')
const callable = <T>() => z.custom<T>(value => typeof value === 'function', 'must be a function')

const transportSchema: z.ZodType<Transport> = z
  .looseObject({
    name,
    summary: text,
    traits: z.looseObject({
      socket: z.enum(['stream', 'datagram']),
      reliable: z.boolean(),
      acknowledged: z.boolean(),
      limit: z.literal('one-datagram').exactOptional(),
      headerBytes: z.int().min(0).max(1024).exactOptional(),
    }),
    port: z.int().min(1).max(65_535),
    transfer: z
      .looseObject({
        receive: callable<Transfer['receive']>(),
        send: callable<Transfer['send']>(),
        datagrams: callable<NonNullable<Transfer['datagrams']>>().exactOptional(),
      })
      .exactOptional(),
    exchange: z
      .looseObject({
        usualBytes: z.int().min(1),
        leastBytes: z.int().min(1),
        ask: callable<Exchange['ask']>(),
        serve: callable<Exchange['serve']>(),
      })
      .exactOptional(),
  })
  .refine(({ transfer, exchange }) => transfer || exchange, {
    message: 'must have transfer or exchange: what it can carry',
  })
  .refine(
    ({ traits, transfer }) =>
      traits.socket === 'stream' || traits.reliable || !transfer || transfer.datagrams,
    {
      path: ['transfer', 'datagrams'],
      message: 'must be a function: unreliable datagram transports say how they split a payload',
    },
  )

const pluginSchema: z.ZodType<Plugin> = z.looseObject({
  name,
  version,
  transports: z.array(transportSchema).optional(),
  workloads: z
    .array(
      z.looseObject({
        name,
        summary: text,
        obstacle: callable<Workload['obstacle']>(),
        ends: callable<Workload['ends']>(),
        limits: callable<Workload['limits']>(),
        account: callable<Workload['account']>(),
      }),
    )
    .optional(),
  engines: z
    .array(
      z.looseObject({
        name,
        summary: text,
        obstacle: callable<Engine['obstacle']>(),
        load: callable<Engine['load']>(),
        asksKernel: z.boolean(),
      }),
    )
    .optional(),
  sinks: z
    .array(
      z.looseObject({
        extension: z.string().regex(/^\.[a-z0-9]{1,16}$/, 'must be a dot and lower-case letters or digits'),
        summary: text,
        open: callable<SinkKind['open']>(),
      }),
    )
    .optional(),
})

/**
 * Loads plug-ins, in order.
 * @param words paths of files, or names of packages, which are looked for from the working directory
 * @param began called with each one before its code runs
 * @throws UsageError that says what is wrong with which one
 */
export async function loadPlugins(
  words: readonly string[],
  began: (word: string) => void = () => {},
): Promise<Extended> {
  let all = BUILT_IN
  for (const word of words) {
    began(word)
    const module = moduleOf(word)
    const plugin = await loadPlugin(word, module)
    checkNew(word, plugin, all)
    all = extended(all, plugin, module)
  }
  return all
}

function moduleOf(word: string): string {
  const path = resolve(word)
  const isFile = statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
  if (isFile) return pathToFileURL(path).href
  // Only the names of packages with a scope have a slash.
  if (word === '' || /^[^@].*[/\\]|^[./\\]/.test(word))
    throw new UsageError(`--plugin ${word}: there is no such file`)
  try {
    return pathToFileURL(createRequire(join(process.cwd(), 'package.json')).resolve(word)).href
  } catch (error) {
    const found = errorCode(error) === 'ERR_PACKAGE_PATH_NOT_EXPORTED' ? besideUs(word) : undefined
    if (found !== undefined) return found
    const remedy =
      errorCode(error) === 'MODULE_NOT_FOUND'
        ? 'no package of this name is installed here; install it, or give the path of its file as ./NAME.js'
        : `${errorMessage(error).split('\n')[0]}; give the path of its file`
    throw new UsageError(`--plugin ${word}: ${remedy}`, { cause: error })
  }
}

/** A package that can only be imported is found where this one is installed. */
function besideUs(name: string): string | undefined {
  try {
    return import.meta.resolve(name)
  } catch {
    return undefined
  }
}

async function loadPlugin(word: string, module: string): Promise<Plugin> {
  let loaded: unknown
  try {
    loaded = await importPlugin(module)
  } catch (error) {
    throw new UsageError(`--plugin ${word}: it cannot be loaded: ${errorMessage(error).split('\n')[0]}`, {
      cause: error,
    })
  }
  const what = `--plugin ${word}: its default export is not a plug-in`
  const parsed = parse(loaded, what)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const place = issue?.path.join('.')
  throw new UsageError(`${what}: ${place ? `${place}: ` : ''}${issue?.message}; docs/plugins.md shows one`)
}

/** Reading a property of it may run its code. */
function parse(loaded: unknown, what: string) {
  try {
    return pluginSchema.safeParse(loaded)
  } catch (error) {
    throw new UsageError(`${what}: reading it fails: ${errorMessage(error)}`, { cause: error })
  }
}

/** @throws UsageError when something has its name already */
function checkNew(
  word: string,
  { name, transports, workloads, engines, sinks }: Plugin,
  all: Extended,
): void {
  const taken = [
    ...all.plugins.filter(each => each.name === name).map(() => `plug-in ${name}`),
    ...repeated('transport', [...all.transports.keys()], transports),
    ...repeated('workload', [...all.workloads.keys()], workloads),
    ...repeated('engine', ['auto', ...all.engines.names], engines),
    ...repeated(
      'sink',
      ['.csv', '.json', '.jsonl', '.ndjson', ...all.sinks.map(each => each.extension)],
      sinks?.map(each => ({ name: each.extension })),
    ),
  ]
  if (taken[0] !== undefined)
    throw new UsageError(`--plugin ${word}: ${taken[0]} exists already; rename the plug-in's`)
}

function repeated(
  kind: string,
  known: readonly string[],
  added: readonly { readonly name: string }[] = [],
): readonly string[] {
  return added
    .filter(({ name }, at) => known.includes(name) || added.findIndex(each => each.name === name) < at)
    .map(({ name }) => `${kind} ${name}`)
}
