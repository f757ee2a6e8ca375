/** Prepares both sides of a paired run: checks their agents' programs, and pairs their plans. */

import { UsageError } from '../../../base/errors.ts'
import { PAIRED_ROUNDS } from '../../../scenarios/defaults.ts'
import type { AgentProgram } from '../../fleet/local/spawn.ts'
import { type Block, blocksOf } from '../../measure/blocks.ts'
import { checkProgram, findProgram } from '../../pairs/program.ts'
import type { SideName } from '../../pairs/side-names.ts'
import type { Extended } from '../../workloads/catalog.ts'
import { busyWithFirst } from '../hosts.ts'
import { endsHere } from '../hosts-flags.ts'
import { idleError, type Preparation, prepare } from '../preparation.ts'
import { ofSide, type SideArguments } from './side.ts'

export type SidesArguments = Readonly<Record<SideName, SideArguments>>

export interface PreparedSides extends AsyncDisposable {
  readonly a: Preparation
  readonly b: Preparation
  readonly blocks: readonly Block[]
}

/** @throws UsageError, SetupError for anything wrong with a side, with its name, before anything is measured */
export async function prepareSides(
  args: SidesArguments,
  catalog: Extended,
  signal: AbortSignal,
): Promise<PreparedSides> {
  const ready: Preparation[] = []
  const dispose = async () => void (await Promise.all(ready.map(side => side[Symbol.asyncDispose]())))
  try {
    // Before any agent starts: another build on one side says how those of both do.
    const programs = { a: await programOf('a', args.a), b: await programOf('b', args.b) }
    const a = await prepareSide('a', args.a, programs.a, ready, catalog, signal)
    const b = await prepareSide('b', args.b, programs.b, ready, catalog, signal).catch(error => {
      throw busyWithFirst(error, 'each of the two sides needs a session')
    })
    const idle = a.hosts || b.hosts ? undefined : (a.idle ?? b.idle)
    if (idle) throw idleError(idle)
    const works = a.works.map((work, index): Block['works'] => {
      const other = b.works[index]
      if (!other) throw new Error('both sides have the same scenarios')
      return [
        { ...work, side: 'a' },
        { ...other, side: 'b' },
      ]
    })
    return { a, b, blocks: blocksOf(works), [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await dispose()
    throw error
  }
}

/** @throws UsageError when the sides differ in nothing that could change figures */
export function checkDifferent({ a, b }: PreparedSides): void {
  const essence = ({ works, hosts }: Preparation) => {
    const ends = works.flatMap(({ flows }) =>
      flows.map(({ hosts, to }) => [
        'target' in to && to.target,
        hosts.map(host => host.isHere && host.agentsKey),
      ]),
    )
    return JSON.stringify([works.map(({ plan }) => plan), ends, hosts])
  }
  if (essence(a) === essence(b))
    throw new UsageError(
      '--a and --b amount to the same; make them differ, or use bench aa to measure how much two equal sides differ',
    )
}

async function programOf(name: SideName, { program }: SideArguments): Promise<AgentProgram | undefined> {
  try {
    return await findProgram(program)
  } catch (error) {
    throw ofSide(name, error)
  }
}

/** @param opened what to dispose of, whatever happens next */
async function prepareSide(
  name: SideName,
  { run, program: asked }: SideArguments,
  program: AgentProgram | undefined,
  opened: Preparation[],
  catalog: Extended,
  signal: AbortSignal,
): Promise<Preparation> {
  try {
    const ready = await prepare(run, catalog, program, signal, PAIRED_ROUNDS)
    opened.push(ready)
    if (program && ready.hosts && !endsHere(ready.hosts))
      throw new UsageError(
        `${asked.cli === undefined ? 'node' : 'cli'} is for agents on this host, but both ends are on others; leave it out`,
      )
    if (program) for (const { plan } of ready.works) await checkProgram(asked, program, plan, catalog, signal)
    return ready
  } catch (error) {
    throw ofSide(name, error)
  }
}
