/** Maps engine names to sockets, loading each on first use; and chooses between them. */

import { errorMessage, UsageError } from '../../base/errors.ts'
import type { Sockets } from '../contract/sockets.ts'
import { limited } from './limited.ts'
import { loadNativeSockets } from './native/native.ts'
import { obstacleToNative } from './native/systems.ts'
import { nodeSockets } from './node/node.ts'

export interface Engine {
  readonly name: string
  /** One line for `bench list`. */
  readonly summary: string
  /** Why it cannot run here; undefined if it can. */
  readonly obstacle: () => string | undefined
  readonly load: () => Promise<Sockets>
  /** It can set every socket option that the kernel knows, by setsockopt(2). */
  readonly asksKernel: boolean
}

/** In order of preference; the last one works everywhere. */
export const ENGINES: readonly Engine[] = [
  {
    name: 'native',
    summary: 'libc through koffi: up to 64 datagrams a system call; Linux',
    obstacle: obstacleToNative,
    load: loadNativeSockets,
    asksKernel: true,
  },
  {
    name: 'node',
    summary: 'node:net and node:dgram; one system call a datagram; everywhere',
    obstacle: () => undefined,
    load: async () => nodeSockets,
    asksKernel: false,
  },
]

const loaded = new Map<string, Promise<Sockets>>()

/** Returns the engine's sockets, with an emulated datagram size limit if one is given. @throws if it cannot be loaded */
export async function engineOf(name: string, maxDatagramBytes: number | undefined): Promise<Sockets> {
  const engine = ENGINES.find(each => each.name === name)
  if (!engine) throw new Error(`no engine ${name}`)
  const sockets = loaded.get(name) ?? engine.load()
  loaded.set(name, sockets)
  return maxDatagramBytes === undefined ? sockets : limited(await sockets, maxDatagramBytes)
}

/** True if the engine of this name can set every socket option that the kernel knows. */
export function asksKernel(name: string): boolean {
  return ENGINES.some(each => each.name === name && each.asksKernel)
}

/** Returns the engine of this name; undefined if it does not exist or does not work here. */
export async function loadedEngine(name: string): Promise<Sockets | undefined> {
  return (await problemOf(name)) === undefined ? engineOf(name, undefined) : undefined
}

/** Names of the engines that work here, in order of preference. */
export async function workingEngines(): Promise<string[]> {
  const problems = await Promise.all(ENGINES.map(each => problemOf(each.name)))
  return ENGINES.filter((_, index) => problems[index] === undefined).map(each => each.name)
}

export interface EngineChoice {
  readonly engine: string
  /** Why a preferred engine was not chosen, if that is worth reporting. */
  readonly warning?: string
}

/**
 * Returns the requested engine or, for `auto`, the preferred one of those that work here.
 * @throws UsageError if the requested engine does not work here
 */
export async function chooseEngine(asked: string): Promise<EngineChoice> {
  if (asked !== 'auto') {
    const problem = await problemOf(asked)
    if (problem !== undefined) throw new UsageError(`--engine ${asked}: ${problem}; use --engine node`)
    return { engine: asked }
  }
  const warnings: string[] = []
  for (const { name, obstacle } of ENGINES) {
    if (obstacle() !== undefined) continue
    const problem = await problemOf(name)
    if (problem === undefined) return { engine: name, ...(warnings[0] ? { warning: warnings[0] } : {}) }
    warnings.push(`the ${name} engine cannot be used: ${problem}`)
  }
  throw new Error('no engine works here')
}

/** Why the engine of this name cannot be used here; undefined if it can. */
export async function problemOf(name: string): Promise<string | undefined> {
  const engine = ENGINES.find(each => each.name === name)
  if (!engine) return `there is no engine ${name}`
  const obstacle = engine.obstacle()
  if (obstacle !== undefined) return obstacle
  try {
    await engineOf(name, undefined)
    return undefined
  } catch (error) {
    return errorMessage(error)
  }
}
