/** What is stored once of a run, before its first trial. */
import * as z from 'zod'
import { MANIFEST_VERSION, type Manifest } from '../../results/schema/manifest.ts'
import type { Plan } from '../../scenarios/plan.ts'
import type { Pins } from '../fleet/agent/pinning.ts'
import type { Direction } from '../fleet/direction.ts'
import { environment } from '../fleet/facts/environment.ts'

export interface PlannedWork {
  readonly plan: Plan
  readonly pins?: Pins | undefined
  readonly side?: 'a' | 'b' | undefined
  readonly directions?: readonly Direction[] | undefined
}

/** @param argv words of the command line after `bench` */
export function manifestOf(
  argv: readonly string[],
  startedAt: Date,
  works: readonly PlannedWork[],
): Manifest {
  const here = environment()
  const places = works.flatMap(({ directions = [] }) =>
    directions.flatMap(({ sender, receiver }) => (receiver ? [sender, receiver] : [sender])),
  )
  const others = places.filter(place => place.server).map(place => place.environment)
  return {
    record: 'run',
    manifest_version: MANIFEST_VERSION,
    started_at: startedAt.toISOString(),
    argv: [...argv],
    bench_version: here.bench_version,
    node_version: here.node_version,
    hosts: [here, ...new Map(others.map(each => [each.host, each])).values()].map(each =>
      z.record(z.string(), z.json()).parse(plain(each)),
    ),
    plans: works.map(({ plan, pins, side }) => ({
      ...(side === undefined ? {} : { side }),
      ...(pins ? { pins: { ...pins } } : {}),
      plan: z.json().parse(plain(plan)),
    })),
  }
}

/** As it is stored: without keys that have no value. */
function plain(value: object): unknown {
  return JSON.parse(JSON.stringify(value))
}
