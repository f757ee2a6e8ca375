/** The socket options of a scenario: which of them apply to a case, and which of those its engine supports. Pure. */

import type { SocketOptions } from '../transports/contract/socket-facts.ts'
import {
  type Objection,
  type OptionKind,
  obstacleOf,
  optionKindOf,
  optionNames,
  type Sockets,
} from '../transports/contract/sockets.ts'
import type { Transport } from '../transports/contract/transport.ts'
import { blocksOf, transportsOf } from './blocks.ts'
import { asFlag, type Conflict, type Name as Words } from './conflict.ts'
import { familyOfCases } from './conflicts.ts'
import type { Scenario, Settings } from './schema.ts'
import { ROWS, type SettingName } from './settings/rows.ts'

/** The part of an engine that planning needs. */
export type PlanSockets = Pick<
  Sockets,
  'engine' | 'usualRcvbufBytes' | 'readsWhenAsked' | 'secures' | 'elsewhere' | 'objection'
>

type Name = keyof SocketOptions

/** The flag for an option: `--offload gso`, `--no-nodelay`. */
export function flagOf(option: Name): string {
  return asFlag(...settingOf(option))
}

/** The setting that asks for an option, and its value where that matters. */
function settingOf(option: Name): [setting: SettingName, value?: string | boolean] {
  for (const [name, row] of ROWS) {
    if (row.option === option) return row.initial === 'true' ? [name, false] : [name]
    if (row.option?.includes(option)) return [name, option]
  }
  throw new Error(`no setting asks for ${option}`)
}

/** The socket options that a scenario requests, without this program's defaults. */
function askedOptions(settings: Settings): SocketOptions {
  const asked = ROWS.flatMap(([, { field, option, initial }]): [string, unknown][] => {
    const value = settings[field as keyof Settings]
    if (option === undefined || value === undefined || value === 'default') return []
    if (Array.isArray(value)) return value.map(each => [String(each), true])
    return value === (initial === 'true') ? [] : [[String(option), value]]
  })
  return Object.fromEntries(asked)
}

/** Options that the engine can give to no case, one for each setting: nothing requested is ignored. And transports that it cannot carry. */
export function conflictsOfSockets(
  scenario: Scenario,
  transports: ReadonlyMap<string, Pick<Transport, 'name' | 'traits'>>,
  sockets: PlanSockets,
): readonly Conflict[] {
  const planner = new SocketPlanner(sockets, scenario.target !== undefined)
  const blocks = blocksOf(scenario)
  const unable: Conflict[] = []
  const late = sockets.readsWhenAsked ? -1 : blocks.findIndex(block => block.readLate)
  if (late >= 0)
    unable.push({
      settings: ['read-late', 'engine'],
      variant: late,
      message: name =>
        `${name('read-late')}: the ${sockets.engine} engine reads as soon as a socket is bound; choose another ${name('engine')}`,
    })
  for (const [variant, block] of blocks.entries())
    for (const transport of transportsOf(block).flatMap(each => transports.get(each) ?? [])) {
      const obstacle = obstacleOf(sockets, transport)
      const message = (name: Words) =>
        `${name('engine', sockets.engine)} ${obstacle}; choose another ${name('engine')}`
      if (obstacle !== undefined) unable.push({ settings: ['transport', 'engine'], variant, message })
      const kind = optionKindOf(transport.traits)
      planner.optionsOf(transport.name, kind, familyOfCases(scenario, block), block)
    }
  const remedy = sockets.elsewhere === undefined ? '' : `; ${sockets.elsewhere}, or leave it out`
  const refused = new Map<SettingName, Conflict>()
  for (const { option, reason } of planner.refused()) {
    const [setting, value] = settingOf(option)
    const variant = blocks.findIndex(block => askedOptions(block)[option] !== undefined)
    const message = (name: Words) => `${name(setting, value)}: ${reason}${remedy}`
    if (!refused.has(setting))
      refused.set(setting, { settings: [setting, 'engine', 'transport'], variant, message })
  }
  return [...refused.values(), ...unable]
}

/** Determines the options of each case of a plan, and collects those that some cases cannot have. */
export class SocketPlanner {
  readonly #sockets: PlanSockets
  readonly #usualRcvbufBytes: number | undefined
  readonly #honoured = new Set<Name>()
  /** Maps each unavailable option to the reason, and the transports concerned. */
  readonly #without = new Map<Name, { readonly reason: string; readonly transports: Set<string> }>()

  /** @param foreign the receiver is another program's, so this one's default receive buffer means nothing */
  constructor(sockets: PlanSockets, foreign: boolean) {
    this.#sockets = sockets
    this.#usualRcvbufBytes = foreign ? undefined : sockets.usualRcvbufBytes
  }

  /** The options of a case: those requested that apply to its kind of socket and that the engine supports. */
  optionsOf(transport: string, kind: OptionKind, family: 4 | 6, settings: Settings): SocketOptions {
    let options = applicable(askedOptions(settings), kind)
    for (let objection = this.#sockets.objection(kind, family, options); objection; ) {
      const { option, reason } = objection
      const known = this.#without.get(option) ?? { reason, transports: new Set() }
      known.transports.add(transport)
      this.#without.set(option, known)
      options = dropUndefined({ ...options, [option]: undefined })
      objection = this.#sockets.objection(kind, family, options)
    }
    for (const name of optionNames(kind)) if (options[name] !== undefined) this.#honoured.add(name)
    return { ...this.#defaults(kind, settings), ...options }
  }

  /** One line for each option that only some of the cases can have. */
  notes(): string[] {
    return [...this.#without].map(
      ([name, { reason, transports }]) =>
        `${[...transports].join(', ')}: without ${flagOf(name)}, since ${reason}`,
    )
  }

  /** Options that the engine can give to none of the cases. */
  refused(): readonly Objection[] {
    return [...this.#without].flatMap(([option, { reason }]) =>
      this.#honoured.has(option) ? [] : [{ option, reason }],
    )
  }

  #defaults(kind: OptionKind, settings: Settings): SocketOptions {
    if (kind === 'stream') return { nodelay: true }
    const rcvbufBytes = this.#usualRcvbufBytes
    return rcvbufBytes === undefined || settings.rcvbufBytes !== undefined ? {} : { rcvbufBytes }
  }
}

function applicable(options: SocketOptions, kind: OptionKind): SocketOptions {
  return Object.assign({}, ...optionNames(kind).map(name => dropUndefined({ [name]: options[name] })))
}

/** Drops keys without a value, so that equal options compare equal. */
function dropUndefined(options: SocketOptions): SocketOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
