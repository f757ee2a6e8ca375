/** Settings that cannot be combined because of where the ends are. Pure. */
import { blocksOf, commandSettings, transportsOf } from './blocks.ts'
import type { Conflict, Transports } from './conflict.ts'
import type { Scenario } from './schema.ts'
import { isApart } from './settings/words.ts'

const ENDS = ['host', 'from', 'to', 'reverse', 'bidir'] as const

/** Where the ends are; what only an end on this host can do, and what no foreign receiver can. */
export function* ofEnds(scenario: Scenario, transports: Transports): Iterable<Conflict> {
  const blocks = blocksOf(scenario)
  const { host, from, to, reverse, target, drainMs: drain, untilShare } = scenario
  const { pins, keep } = commandSettings(scenario)
  if ((from === undefined) !== (to === undefined))
    yield {
      settings: ['from', 'to'],
      message: name =>
        `${name('from')} and ${name('to')} belong together; give both, or ${name('host')} for one other host`,
    }
  const elsewhere = host ?? (from && to)
  if (elsewhere && pins)
    yield {
      settings: ['pin', ...ENDS],
      message: name => `${name('pin')} needs both agents on this host; leave it out`,
    }
  if (elsewhere && keep !== undefined && !reverse)
    yield {
      settings: ['keep', ...ENDS],
      message: name =>
        `${name('keep')} saves what arrives on this host; with ${name('host')}, add ${name('reverse', true)}`,
    }
  const apart = blocks.findIndex(each => isApart(each.impairWith))
  if (elsewhere && apart >= 0)
    yield {
      settings: ['impair-with', ...ENDS],
      variant: apart,
      message: name =>
        `${name('impair-with', blocks[apart]?.impairWith)} needs both ends on this host, in namespaces of their own; leave it out: a relay emulates a way to another host`,
    }
  const bindings = blocks.map(({ bind, interface: device }) => JSON.stringify([bind, device]))
  const other = bindings.findIndex(each => each !== bindings[0])
  if (elsewhere && other > 0) yield { ...SEVERAL_BINDINGS, variant: other }
  for (const [variant, { bind, interface: device }] of blocks.entries()) {
    const bound = bind !== undefined ? 'bind' : 'interface'
    if (from && to && (bind ?? device) !== undefined)
      yield {
        settings: [bound, 'from', 'to'],
        variant,
        message: name =>
          `${name(bound)} is for an end on this host, but both are on others; leave it out, and give it to bench serve there`,
      }
  }
  const none = blocks.every(block =>
    transportsOf(block).every(each => transports.get(each) && !transports.get(each)?.transfer),
  )
  if (keep !== undefined && none)
    yield {
      settings: ['keep', 'transport'],
      message: name =>
        `${name('keep')} saves payloads, but no transport here carries one; leave it out, or add one with ${name('transport')}`,
    }
  if (!target) return
  const verify = blocks.find(each => each.verify !== undefined)
  for (const setting of ['keep', 'drain', 'verify'] as const)
    if ({ keep, drain, verify }[setting] !== undefined)
      yield {
        settings: [setting, 'target'],
        message: name =>
          `${name(setting)} needs our own receiver and cannot be combined with ${name('target')}; leave one out`,
      }
  if (untilShare !== undefined && untilShare !== 'none' && !none)
    yield {
      settings: ['until', 'target'],
      message: name =>
        `${name('until')} goes by goodput, which only our own receiver measures; leave ${name('until')} or ${name('target')} out`,
    }
  const names = new Set(blocks.flatMap(transportsOf))
  if (names.size > 1) yield severalTransports(names)
}

/** Another host accepts data only from the address that talks to it. */
export const SEVERAL_BINDINGS: Conflict = {
  settings: ['bind', 'interface', ...ENDS],
  message: name =>
    `a run with another host can only have one ${name('bind')} and one ${name('interface')}; measure the others in separate runs`,
}

/** A foreign receiver speaks one of them. */
export function severalTransports(transports: ReadonlySet<string>): Conflict {
  return {
    settings: ['target', 'transport'],
    message: name =>
      `${name('target')} takes one transport, since a port speaks one wire format; choose with ${name('transport')} (now ${[...transports].join(', ')})`,
  }
}
