/**
 * Starts the processes of agents on this host. Those of a run can start before it is known how it measures, since they need as long for
 * that as the command line does.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { isSea } from 'node:sea'
import { fileURLToPath } from 'node:url'
import { monotonic } from '../../../base/clock.ts'
import { LATER_FLAGS, V8_FLAGS } from '../agent/v8-flags.ts'
import type { Environment } from '../calls/environment.ts'

export interface AgentProgram {
  readonly node: string
  /** The `main.js` of its build. */
  readonly main: string
  /** Versions to assume if it does not report its own. */
  readonly versions?: Pick<Environment, 'node_version' | 'bench_version'>
}

/** This build, on the Node that is running it; a single executable runs `main` itself (deploy/release/single.ts). */
export const OUR_PROGRAM: AgentProgram = {
  node: process.execPath,
  main: fileURLToPath(new URL('../../agent/main.js', import.meta.url)),
}

export interface SpawnOptions {
  /** This build if absent. */
  readonly program?: AgentProgram | undefined
  /** The command that starts it, with its own words. */
  readonly before?: readonly string[] | undefined
}

interface Spawned {
  readonly child: ChildProcess
  readonly startedAt: number
  /** What it has said while nobody listened. */
  readonly said: readonly unknown[]
}

/** Both ends of a flow. */
const ENDS = 2
/** Of every agent. */
let flags: readonly string[] = V8_FLAGS
/** Started as an agent with nothing but our program is, and not needed so far. */
const ahead: Spawned[] = []

/** Starts both agents of a run on this host. They end with this process, unless they are used before. */
export function spawnAhead(): void {
  process.once('exit', endAhead)
  try {
    for (let end = 0; end < ENDS; end++) {
      const said: unknown[] = []
      const spawned = { ...start(commandOf([])), said }
      spawned.child.on('message', message => said.push(message)).on('error', () => {})
      ahead.push(spawned)
    }
  } catch {
    // Nor does it start where it is needed, which says why.
  }
}

/** Ends those that are not needed. */
export function endAhead(): void {
  for (const { child } of ahead.splice(0)) child.kill('SIGKILL')
}

/**
 * Has every agent from now on begin with all flags, as those of a build have to that may not set them later: with some of them late on one side
 * only, equal builds differed by up to 9 % of goodput with the engine `node`.
 */
export function startWithAllFlags(): void {
  endAhead()
  flags = [...V8_FLAGS, ...LATER_FLAGS]
}

/** Returns one that was started ahead in the same way, or starts one; then nobody needs the others. @param words of the agent */
export function spawnAgent(words: readonly string[], options: SpawnOptions): Spawned {
  const command = commandOf(words, options)
  if (command.join('\0') !== commandOf([]).join('\0')) endAhead()
  const found = ahead.shift()
  if (!found) return start(command)
  const { child } = found
  child.removeAllListeners('message').removeAllListeners('error')
  const runs = child.pid !== undefined && child.exitCode === null && child.signalCode === null
  return runs ? found : start(command)
}

function commandOf(
  words: readonly string[],
  { program = OUR_PROGRAM, before = [] }: SpawnOptions = {},
): readonly string[] {
  const isSingle = isSea() && program.node === process.execPath
  const options = isSingle ? [`--node-options=${flags.join(' ')}`] : flags
  return [...before, program.node, ...options, program.main, ...words]
}

function start([command = '', ...words]: readonly string[]): Spawned {
  const { BENCH_TOKEN: _, ...env } = process.env
  const startedAt = monotonic()
  // Not fork(), which passes on the flags of the calling program, and cannot hide a console window on Windows.
  const child = spawn(command, words, {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'json',
    windowsHide: true,
    env,
  })
  return { child, startedAt, said: [] }
}
