/** `bench doctor`: checks this machine, another one, and the path between them, with a remedy for each problem. */
import { hostname } from 'node:os'
import { UsageError } from '../../../base/errors.ts'
import { harmlessJson } from '../../../base/foreign-text.ts'
import { TARGET, type Target } from '../../../scenarios/settings/words.ts'
import { examinePath } from '../../doctor/path.ts'
import { renderSections, type Section } from '../../doctor/render.ts'
import { bad, type Finding, good } from '../../fleet/calls/finding.ts'
import { BENCH_VERSION } from '../../fleet/facts/environment.ts'
import { examineHost } from '../../fleet/facts/examine.ts'
import { familyOf, HostError, resolve } from '../../fleet/resolve.ts'
import type { Command, Context } from '../command.ts'
import { choice, readFlags, yes } from '../flags.ts'
import { serverAddress } from '../hosts.ts'
import { idleFlag, SERVER_FLAGS, type ServerIdentity, serverIdentity } from '../hosts-flags.ts'
import { PLUGIN } from '../options.ts'
import { settingFlag } from '../setting-flags.ts'
import { EXIT } from '../terminal.ts'

const FLAGS = {
  plugin: PLUGIN,
  quick: yes('check only that the server on HOST answers and accepts this client: for health checks'),
  format: choice('on standard output', ['table', 'json'], 'table'),
  ip: settingFlag('ip', 'as HOST has it'),
  ...SERVER_FLAGS,
}

export const doctor: Command = {
  flags: FLAGS,
  examples: [
    ['$0 doctor', 'check this machine'],
    ['BENCH_TOKEN=… $0 doctor 192.0.2.7', 'check both machines, and the path between them'],
  ],
  before: 'everything was checked',
  /** Ends with exit code 1 if anything is bad. */
  async run({ operands: [name], flags }, context) {
    const { terminal, catalog } = context
    const target = name === undefined ? undefined : TARGET.parse(name)
    const { quick, format, ip: ipFamily, ...server } = readFlags(FLAGS, flags)
    const identity = serverIdentity(server)
    const idle = quick ? 'quick' : (idleFlag(identity) ?? (ipFamily && 'ip'))
    if (!target && idle) throw new UsageError(`--${idle} is for another host; name it: bench doctor HOST`)
    const here = async (): Promise<Section> => ({
      about: 'this host',
      host: hostname(),
      findings: await examineHost(catalog.engines),
    })
    const sections = [
      ...(quick ? [] : [await here()]),
      ...(target ? await examineOther(target, identity, ipFamily, quick, context) : []),
    ]
    const findings = sections.flatMap(each => each.findings)
    const json = JSON.stringify({ bench_version: BENCH_VERSION, sections }, undefined, 2)
    if (format === 'json') terminal.data(`${harmlessJson(json)}\n`)
    else terminal.out(renderSections(sections, terminal))
    return findings.some(each => each.state === 'bad') ? EXIT.failed : EXIT.measured
  },
}

async function examineOther(
  target: Target,
  identity: ServerIdentity,
  ipFamily: 4 | 6 | undefined,
  quick: boolean,
  { catalog, signal }: Context,
): Promise<Section[]> {
  const { host } = target
  const name = await resolveName(host, ipFamily)
  if (name.state === 'bad') return [{ about: 'the way to', host, findings: [name] }]
  const server = await serverAddress(target, identity, ipFamily, signal)
  const { path, there } = await examinePath(server, quick, catalog, signal)
  return [
    { about: 'the way to', host, findings: [name, ...path] },
    ...(there ? [{ about: 'other host', host, findings: there }] : []),
  ]
}

async function resolveName(asked: string, ipFamily: 4 | 6 | undefined): Promise<Finding> {
  const subject = 'name'
  familyOf(asked, ipFamily)
  try {
    const addresses = await resolve(asked, ipFamily, 'send')
    const listed = addresses.map(({ host, family }) => `${host} (IPv${family})`).join(', ')
    const [{ host, family }] = addresses
    return { subject, ...good(host === asked ? `an IPv${family} address` : listed) }
  } catch (error) {
    if (!(error instanceof HostError)) throw error
    return { subject, ...bad(error.finding, error.remedy) }
  }
}
