/** `bench doctor`: checks this machine, another one, and the path between them, with a remedy for each problem. */

import { hostname } from 'node:os'
import { harmlessJson } from '../../../base/foreign-text.ts'
import type { Target } from '../../../scenarios/settings/words.ts'
import { examinePath } from '../../doctor/path.ts'
import { renderSections, type Section } from '../../doctor/render.ts'
import { bad, type Finding, good } from '../../fleet/calls/finding.ts'
import { BENCH_VERSION } from '../../fleet/facts/environment.ts'
import { examineHost } from '../../fleet/facts/examine.ts'
import type { ServerAddress } from '../../fleet/link/connect.ts'
import { familyOf, HostError, resolve } from '../../fleet/resolve.ts'
import type { Extended } from '../../workloads/catalog.ts'
import { serverAddress } from '../hosts.ts'
import type { ServerIdentity } from '../hosts-flags.ts'
import { EXIT, type ExitCode, type Terminal } from '../terminal.ts'

export interface DoctorArguments {
  readonly host: Target | undefined
  /** How to identify its server. */
  readonly identity: ServerIdentity
  readonly ipFamily: 4 | 6 | undefined
  /** Check only that the other host accepts us. */
  readonly quick: boolean
  readonly format: 'table' | 'json'
}

/** Ends with exit code 1 if anything is bad. */
export async function doctor(
  terminal: Terminal,
  args: DoctorArguments,
  catalog: Extended,
  signal: AbortSignal,
): Promise<ExitCode> {
  const sections: Section[] = []
  try {
    if (!args.quick)
      sections.push({ about: 'this host', host: hostname(), findings: await examineHost(catalog.engines) })
    if (args.host) sections.push(...(await examineOther(args.host, args, catalog, signal)))
  } catch (error) {
    if (!signal.aborted) throw error
    return EXIT.interrupted
  }
  const findings = sections.flatMap(each => each.findings)
  if (args.format === 'json')
    terminal.out(
      `${harmlessJson(JSON.stringify({ bench_version: BENCH_VERSION, sections }, undefined, 2))}\n`,
    )
  else terminal.out(renderSections(sections, { width: terminal.width, color: terminal.color }))
  return findings.some(each => each.state === 'bad') ? EXIT.failed : EXIT.measured
}

async function examineOther(
  target: Target,
  { identity, ipFamily, quick }: DoctorArguments,
  catalog: Extended,
  signal: AbortSignal,
): Promise<Section[]> {
  const about = (findings: readonly Finding[]): Section => ({
    about: 'the way to',
    host: target.host,
    findings,
  })
  const name = await resolveName(target, ipFamily)
  if (name.state === 'bad') return [about([name])]
  const server: ServerAddress = await serverAddress(target, identity, ipFamily, signal)
  const { path, there } = await examinePath(server, quick, catalog, signal)
  return [
    about([name, ...path]),
    ...(there ? [{ about: 'other host', host: target.host, findings: there }] : []),
  ]
}

async function resolveName(target: Target, ipFamily: 4 | 6 | undefined): Promise<Finding> {
  const subject = 'name'
  familyOf(target.host, ipFamily)
  try {
    const addresses = await resolve(target.host, ipFamily, 'send')
    const listed = addresses.map(({ host, family }) => `${host} (IPv${family})`).join(', ')
    const [{ host, family }] = addresses
    return { subject, ...good(host === target.host ? `an IPv${family} address` : listed) }
  } catch (error) {
    if (!(error instanceof HostError)) throw error
    return { subject, ...bad(error.finding, error.remedy) }
  }
}
