/** What is stored once of a run, before its first trial. */

import * as z from 'zod'
import { MANIFEST_VERSION, type Manifest } from '../../results/schema/manifest.ts'
import type { PluginIdentity } from '../../transports/catalog.ts'
import { environment } from '../fleet/facts/environment.ts'
import type { Work } from './blocks.ts'
import type { Search } from './search.ts'

/** @param argv words of the command line after `bench` @param note of `--note` */
export function manifestOf(
  argv: readonly string[],
  startedAt: Date,
  works: readonly Work[],
  plugins: readonly PluginIdentity[] = [],
  note?: string,
  search?: Search,
): Manifest {
  const here = environment()
  const hosts = works.flatMap(({ flows }) => flows.flatMap(flow => flow.hosts))
  const others = hosts.filter(host => !host.isHere).map(host => host.environment)
  return {
    record: 'run',
    manifest_version: MANIFEST_VERSION,
    started_at: startedAt.toISOString(),
    argv: [...argv],
    ...(note === undefined ? {} : { note }),
    bench_version: here.bench_version,
    node_version: here.node_version,
    ...(plugins.length === 0 ? {} : { plugins: plugins.map(withoutPath) }),
    hosts: [here, ...new Map(others.map(each => [each.host, each])).values()].map(each =>
      z.record(z.string(), z.json()).parse(plain(each)),
    ),
    ...search?.stored,
    plans: works.map(({ plan, flows: [flow], side }) => ({
      ...(side === undefined ? {} : { side }),
      ...(flow?.from.pins ? { pins: { ...flow.from.pins } } : {}),
      plan: z.json().parse(plain(plan)),
    })),
  }
}

/** Where its module lies means nothing elsewhere. */
function withoutPath({ name, version, transports, workloads, engines, sinks }: PluginIdentity) {
  return {
    name,
    version,
    transports: [...transports],
    workloads: [...workloads],
    engines: [...engines],
    sinks: [...sinks],
  }
}

/** As it is stored: without keys that have no value. */
function plain(value: object): unknown {
  return JSON.parse(JSON.stringify(value))
}
