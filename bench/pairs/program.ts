/** Finds another program for agents (another Node, another build of this tool), and proves that it works before anything is measured. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import * as z from 'zod'
import { errorCode, UsageError } from '../../base/errors.ts'
import { given } from '../../base/given.ts'
import { readError } from '../../base/system-errors.ts'
import type { Case, Plan } from '../../scenarios/plan.ts'
import { EXCHANGE } from '../../scenarios/settings/words.ts'
import { type Catalog, type PluginIdentity, pluginsOfEnds } from '../../transports/catalog.ts'
import type { Transport } from '../../transports/contract/transport.ts'
import { AGENT_PROTOCOL, OLDEST_AGENT_PROTOCOL, SINCE } from '../fleet/agent/version.ts'
import { BENCH_VERSION, isOldNode, LEAST_NODE } from '../fleet/facts/environment.ts'
import { routeBetween } from '../fleet/flow.ts'
import { LocalAgent } from '../fleet/local/local.ts'
import { type AgentProgram, OUR_PROGRAM, startWithAllFlags } from '../fleet/local/spawn.ts'
import { runTrial } from '../measure/trial.ts'

/** As a side names it. */
export interface AskedProgram {
  /** Path or name of a Node. */
  readonly node?: string | undefined
  /** Path of a build of this tool: its package folder, its `dist/bench/cli.js`, or a link to that. */
  readonly cli?: string | undefined
}

const OUR_NAME = 'tcp-udp-bench'
/** The agent's program within `dist/bench`, of this build and of older ones. */
const MAINS = ['agent/main.js', 'fleet/agent/main.js']
const ANSWER_MS = 10_000
/** Of a trial that only shows that both ends understand our messages. */
const PROBE_BYTES = 1024
/** The start of both agents is part of it: over 10 s on a busy machine. */
const PROBE_MS = 30_000

/**
 * Undefined if the side names no other program. Where it names another build, agents of this one begin as its agents do, from now on.
 * @throws UsageError when the program is not usable
 */
export async function findProgram({ node, cli }: AskedProgram): Promise<AgentProgram | undefined> {
  if (node === undefined && cli === undefined) return undefined
  const path = node === undefined ? OUR_PROGRAM.node : /[/\\]/.test(node) ? resolve(node) : node
  const node_version = node === undefined ? process.versions.node : await versionOf(path, node)
  const build =
    cli === undefined ? { main: OUR_PROGRAM.main, bench_version: BENCH_VERSION } : buildAt(resolve(cli), cli)
  if (cli !== undefined) startWithAllFlags()
  return { node: path, main: build.main, versions: { node_version, bench_version: build.bench_version } }
}

/**
 * Forks both agents and has them carry a small trial over each transport of the plan, on its engine.
 * @throws UsageError when they behave differently from the agents of this build
 */
export async function checkProgram(
  asked: AskedProgram,
  program: AgentProgram,
  plan: Plan,
  catalog: Catalog,
  signal: AbortSignal,
): Promise<void> {
  const { plugins } = catalog
  await using sender = new LocalAgent('sender', { plugins, program })
  await using receiver = new LocalAgent('receiver', { plugins, program })
  const probes = new Map(plan.cases.map(each => [`${each.transport} ${each.ipFamily}`, each]))
  let trial = 0
  for (const each of probes.values()) {
    const transport = catalog.transports.get(each.transport)
    if (!transport) throw new Error(`no transport ${each.transport}`)
    const problem = await probe(each, transport, ++trial, plan.engine, sender, receiver, signal)
    const why =
      versionProblem(sender.hello?.protocol ?? OLDEST_AGENT_PROTOCOL, plan, plugins) ??
      (problem && `${each.transport} with its agents: ${problem}`)
    if (why !== undefined) throw useless(asked, program, why)
  }
}

function versionProblem(
  protocol: number,
  { cases }: Plan,
  plugins: readonly PluginIdentity[],
): string | undefined {
  if (protocol < OLDEST_AGENT_PROTOCOL || protocol > AGENT_PROTOCOL)
    return `its agents speak version ${protocol} of the agents’ messages`
  const asked: Readonly<Record<keyof typeof SINCE, boolean>> = {
    fps: cases.some(each => each.fps !== undefined),
    frames: cases.some(each => each.frames !== undefined),
    payload: cases.some(each => each.payload !== undefined),
    plugin: pluginsOfEnds(plugins).length > 0,
    workload: cases.some(each => each.workload !== undefined),
    verify: cases.some(each => each.verify !== undefined),
    batch: cases.some(each => each.socket.batch !== undefined),
  }
  const flags = Object.keys(SINCE) as (keyof typeof SINCE)[]
  const unknown = flags.find(flag => asked[flag] && protocol < SINCE[flag])
  return unknown && `its agents do not know --${unknown}`
}

function useless({ node, cli }: AskedProgram, { versions }: AgentProgram, why: string): UsageError {
  const what = given(cli !== undefined && `cli=${cli}`, node !== undefined && `node=${node}`)
  const known = versions && `bench ${versions.bench_version} on Node ${versions.node_version}`
  return new UsageError(
    `${what.join(' ')} (${known}) cannot be controlled by this bench, ${BENCH_VERSION}: ${why}; choose another one`,
  )
}

async function probe(
  { ipFamily }: Case,
  transport: Transport,
  trial: number,
  engine: string,
  sender: LocalAgent,
  receiver: LocalAgent,
  signal: AbortSignal,
): Promise<string | undefined> {
  const small: Case = {
    scenario: 'probe',
    transport: transport.name,
    ...(transport.transfer ? {} : { workload: EXCHANGE, messages: 1 }),
    sizeBytes: PROBE_BYTES,
    chunkBytes: PROBE_BYTES,
    socket: {},
    ipFamily,
    seed: 1,
  }
  const setting = {
    trial,
    transport,
    timeoutMs: PROBE_MS,
    answerTimeoutMs: PROBE_MS,
    drainMs: 100,
    graceMs: 1000,
    signal,
  }
  const common = { engine, route: routeBetween(sender, receiver, ipFamily, undefined) }
  const ends = [{ ...common, agent: receiver }]
  const [reports] = await runTrial(small, setting, { ...common, agent: sender }, ends)
  // A lost datagram does not count: the ends understood each other.
  return (reports?.problem ?? reports?.sender?.report.failure ?? reports?.receiver?.report.failure)?.message
}

async function versionOf(path: string, asked: string): Promise<string> {
  const said = await answerOf(path, asked)
  if (!/^\d+\.\d+\.\d+\S*$/.test(said))
    throw new UsageError(
      `node=${asked} is not Node: asked for its version, it prints ${JSON.stringify(said)}; give the path of a Node`,
    )
  if (isOldNode(said))
    throw new UsageError(`node=${asked} is Node ${said}; give Node ${LEAST_NODE.join('.')} or later`)
  return said
}

async function answerOf(path: string, asked: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(path, ['-p', 'process.versions.node'], {
      timeout: ANSWER_MS,
      killSignal: 'SIGKILL',
      maxBuffer: 64 * 1024,
      windowsHide: true,
    })
    return stdout.trim().slice(0, 80)
  } catch (error) {
    const code = errorCode(error)
    if (code === 'ENOENT')
      throw new UsageError(
        `node=${asked}: no such program; give the path of a Node, such as /opt/node/bin/node`,
      )
    if (code === 'EACCES')
      throw new UsageError(`node=${asked} may not be executed (EACCES); give the path of a Node`)
    throw new UsageError(
      `node=${asked} is not Node: asked for its version, it fails; give the path of a Node`,
      { cause: error },
    )
  }
}

function buildAt(path: string, asked: string): { readonly main: string; readonly bench_version: string } {
  if (!existsSync(path))
    throw new UsageError(
      `cli=${asked}: no such file or folder; give the folder of a build of this tool, or its dist/bench/cli.js`,
    )
  const real = realpathSync(path)
  const root = statSync(real).isDirectory() ? real : rootOf(real)
  const bench_version = root === undefined ? undefined : packageVersion(root)
  if (root === undefined || bench_version === undefined)
    throw new UsageError(
      `cli=${asked} is not a build of this tool; give its package folder, or its dist/bench/cli.js`,
    )
  const [newest = '', ...older] = MAINS.map(path => join(root, 'dist', 'bench', path))
  const main = [newest, ...older].find(path => existsSync(path))
  if (main === undefined)
    throw new UsageError(
      `cli=${asked} (bench ${bench_version}) has no ${newest}; build it there: npm install`,
    )
  return { main, bench_version }
}

/** The package folder of a `dist/bench/cli.js`. */
function rootOf(cli: string): string | undefined {
  const bench = dirname(cli)
  const dist = dirname(bench)
  return basename(cli) === 'cli.js' && basename(bench) === 'bench' && basename(dist) === 'dist'
    ? dirname(dist)
    : undefined
}

const packageSchema = z.object({ name: z.literal(OUR_NAME), version: z.string().max(64) })

/** Undefined if the folder is not a package of this tool. */
function packageVersion(root: string): string | undefined {
  try {
    return packageSchema.safeParse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))).data?.version
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || error instanceof SyntaxError) return undefined
    throw readError(`cannot read ${join(root, 'package.json')}`, error)
  }
}
