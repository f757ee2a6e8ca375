/** `bench fleet deploy ssh`, `bench fleet remove ssh`: `bench serve` on the hosts of a list, started and taken away. */
import { quote, split } from 'shlex'
import { isLoopback } from '../../../base/addresses.ts'
import { errorMessage, UsageError } from '../../../base/errors.ts'
import { TARGET } from '../../../scenarios/settings/words.ts'
import { type BusAddress, parseBusUrl } from '../../fleet/bus/address.ts'
import { HOST_NAME, nameOnBus } from '../../fleet/bus/subjects.ts'
import { packProgram } from '../../fleet/deploy/archive.ts'
import { startScript, stopScript } from '../../fleet/deploy/host-script.ts'
import { runThere } from '../../fleet/deploy/ssh.ts'
import { DEFAULT_PORT } from '../../fleet/link/connect.ts'
import { type FleetHost, readHosts } from '../../fleet/planning/hosts-file.ts'
import { SSH_TARGET } from '../../fleet/planning/ssh-target.ts'
import { type Address, resolve } from '../../fleet/resolve.ts'
import { BUS_FLAGS, type BusIdentity, busAddress, busFiles, checkNoBus } from '../bus-flags.ts'
import type { Context, Given } from '../command.ts'
import { needed, readFlags, text, usually, type Written } from '../flags.ts'
import { SERVER_FLAGS } from '../hosts-flags.ts'
import { readToken } from '../secrets.ts'
import { EXIT, type ExitCode } from '../terminal.ts'
import { unknownFlag } from '../unknown-words.ts'
import { FLEET_FLAGS } from './flags.ts'

/** Flags of `bench fleet` that only these two actions have. */
export const DEPLOY_FLAGS = {
  ssh: usually("fleet deploy: ssh's program, with more words for it (ssh -i key -J jump)", parseWords, 'ssh'),
  node: usually(
    'fleet deploy: program of Node.js on the hosts, if it is not on the PATH of ssh',
    String,
    'node',
  ),
  serve: {
    ...text('fleet deploy: more flags for bench serve on the hosts ("--udp-ports 6000-6099")', parseWords),
    dashed: true,
  } as const,
  join: text('fleet deploy: NATS server that the hosts join, by their names and labels', String),
}
const REMOVE = { hosts: needed(text('file with the hosts', String)), ssh: DEPLOY_FLAGS.ssh }
const DEPLOY = { ...REMOVE, ...DEPLOY_FLAGS, ...BUS_FLAGS, 'token-file': SERVER_FLAGS['token-file'] }

const ACTIONS = { deploy: { table: DEPLOY, prepare: deploy }, remove: { table: REMOVE, prepare: remove } }
/** Each copies the program: of more, none would get further. */
const AT_ONCE = 16

/** @param checkServe of the words of `bench serve` @throws UsageError */
export async function deployHosts(
  action: keyof typeof ACTIONS,
  [way = '', ...others]: readonly string[],
  { flags: written }: Given,
  context: Context,
  checkServe: CheckServe,
): Promise<ExitCode> {
  if (way !== 'ssh')
    throw new UsageError(`no way ${JSON.stringify(way)}; write bench fleet ${action} ssh --hosts FILE`)
  const { table, prepare } = ACTIONS[action]
  const problem =
    others.length > 0
      ? `unknown word ${others[0]} after ${way}`
      : unknownFlag(written, table, { command: `fleet ${action}`, tables: [FLEET_FLAGS, DEPLOY_FLAGS] })
  if (problem !== undefined) throw new UsageError(problem)
  const hosts = readHosts(REMOVE.hosts.read('hosts', written['hosts'])).map(host => ({
    ...host,
    ssh: loginOf(host),
  }))
  const run = await prepare(written, hosts, context, checkServe)
  const { terminal, signal } = context
  const left = new Set(hosts.map(({ name }) => name))
  let failed = 0
  const queue = hosts.values()
  const work = async () => {
    for (const host of queue) {
      if (signal.aborted) return
      try {
        terminal.out(`${host.name}: ${await run(host)}\n`)
      } catch (error) {
        if (signal.aborted) return
        failed++
        terminal.err(`bench: ${host.name}: ${errorMessage(error)}\n`)
      }
      left.delete(host.name)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  if (signal.aborted) {
    if (left.size > 0) terminal.err(`interrupted; not done: ${[...left].join(', ')}\n`)
    return EXIT.interrupted
  }
  return failed > 0 ? EXIT.failed : EXIT.measured
}

type Reached = FleetHost & Required<Pick<FleetHost, 'ssh'>>
type Run = (host: Reached) => Promise<string>
type CheckServe = (words: readonly string[]) => Promise<void>

async function deploy(
  written: Written,
  hosts: readonly Reached[],
  { signal }: Context,
  checkServe: CheckServe,
): Promise<Run> {
  const { ssh, node, serve = [], join, 'token-file': tokenFile, ...others } = readFlags(DEPLOY, written)
  const token = readToken(tokenFile, process.env['BENCH_TOKEN'])
  if (token === undefined)
    throw new UsageError('servers that other hosts reach need a token; give BENCH_TOKEN or --token-file')
  if (join === undefined) checkNoBus(others, '--join nats://HOST')
  else checkNames(hosts)
  const bus = join === undefined ? undefined : await busToJoin(join, others)
  const files = { 'token-file': token, ...(bus && busFiles(bus)) }
  const named = Object.keys(files).flatMap(flag => [`--${flag}`, flag])
  const words = new Map<FleetHost, readonly string[]>()
  for (const host of hosts) {
    const own = [...(await listenWords(host)), ...joinWords(host, join), ...serve]
    await checkServe([...named, ...own]).catch(error => {
      throw new UsageError(
        `${host.name}: bench serve would refuse ${own.map(quote).join(' ')}: ${errorMessage(error)}`,
      )
    })
    words.set(host, own)
  }
  const ready = join === undefined ? 'listening at' : 'joined'
  const program = await packProgram(signal)
  return host => {
    const script = startScript({ port: portOf(host), node, files, words: words.get(host) ?? [], ready })
    return runThere(ssh, host.ssh, script, program, signal)
  }
}

/** What each host would find out after a server of an earlier deployment has ended for it. @throws UsageError */
async function busToJoin(url: string, identity: BusIdentity): Promise<BusAddress> {
  const address = busAddress(parseBusUrl(url), identity, process.env)
  const { authenticatorOf } = await import('../../fleet/bus/connection.ts')
  authenticatorOf(address)
  return address
}

async function remove(written: Written, _hosts: readonly Reached[], { signal }: Context): Promise<Run> {
  const { ssh } = readFlags(REMOVE, written)
  return host => runThere(ssh, host.ssh, stopScript(portOf(host)), new Uint8Array(), signal)
}

function portOf({ address: { port = DEFAULT_PORT } }: FleetHost): number {
  return port
}

async function listenWords(host: FleetHost): Promise<readonly string[]> {
  const place = host.address.host
  // A name that only the others know is taken for one of IPv4.
  const known = await resolve(place, undefined, 'send').catch(() => [])
  return ['--listen', TARGET.format({ host: placeToListen(place, known), port: portOf(host) })]
}

/**
 * At every address of the host, since the one that others reach may be that of a router before it. Those of IPv6 include those of IPv4, and
 * cannot be listened at where there is no IPv6.
 * @param known addresses of its name
 */
export function placeToListen(place: string, known: readonly Address[]): string {
  if (isLoopback(place)) return place
  return known.some(({ family }) => family === 6) || place.includes(':') ? '::' : '0.0.0.0'
}

/** @throws UsageError for names that hosts cannot have at a NATS server, before a server of an earlier deployment ends for it */
function checkNames(hosts: readonly FleetHost[]): void {
  const taken = new Map<string, string>()
  for (const { name } of hosts) {
    const there = nameOnBus(name)
    const other = taken.get(there)
    if (!HOST_NAME.test(there))
      throw new UsageError(
        `${name}: not a name for a host that joins; give up to 63 letters, digits, dots, dashes and underscores`,
      )
    if (other !== undefined)
      throw new UsageError(`${other} and ${name} would both join as ${there}; rename one of them`)
    taken.set(there, name)
  }
}

function joinWords({ name, address, labels }: FleetHost, join: string | undefined): readonly string[] {
  if (join === undefined) return []
  const named = Object.entries(labels).flatMap(([label, value]) => ['--labels', `${label}=${value}`])
  return ['--join', join, '--name', name, '--address', TARGET.format(address), ...named]
}

/** @throws UsageError */
function loginOf({ name, address: { host }, ssh }: FleetHost) {
  try {
    return ssh ?? SSH_TARGET.parse(host.includes(':') ? `[${host}]` : host)
  } catch (error) {
    throw new UsageError(`${name}: ${errorMessage(error)}, as ssh: beside its address`)
  }
}

/** @throws UsageError */
function parseWords(words: string): readonly string[] {
  try {
    const found = split(words)
    if (found.length > 0) return found
  } catch {
    // Of a quote without its end.
  }
  throw new UsageError(`not words of a command line: ${JSON.stringify(words)}; quote them as in a shell`)
}
