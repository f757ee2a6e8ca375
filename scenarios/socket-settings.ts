/** The socket options of a scenario: which of them apply to a case, and which of those its engine supports. Pure. */

import { UsageError } from '../base/errors.ts'
import type { SocketOptions } from '../transports/contract/socket-facts.ts'
import { type Objection, optionNames, type SocketKind, type Sockets } from '../transports/contract/sockets.ts'
import type { Settings } from './schema.ts'
import { ROWS } from './settings/settings.ts'

/** The part of an engine that planning needs. */
export type PlanSockets = Pick<Sockets, 'engine' | 'usualRcvbufBytes' | 'elsewhere' | 'objection'>

type Name = keyof SocketOptions

/** The flag for an option: `--offload gso`, `--no-nodelay`. */
export function flagOf(option: Name): string {
  for (const [name, row] of ROWS) {
    if (row.option === option) return `--${row.initial === 'true' ? 'no-' : ''}${name}`
    if (row.option?.includes(option)) return `--${name} ${option}`
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

/** Determines the options of each case of a plan, and collects those that some cases cannot have. */
export class SocketPlanner {
  readonly #sockets: PlanSockets
  readonly #honoured = new Set<Name>()
  /** Maps each unavailable option to the reason, and the transports concerned. */
  readonly #without = new Map<Name, { readonly reason: string; readonly transports: Set<string> }>()

  constructor(sockets: PlanSockets) {
    this.#sockets = sockets
  }

  /** The options of a case: those requested that apply to its kind of socket and that the engine supports. */
  optionsOf(transport: string, kind: SocketKind, family: 4 | 6, settings: Settings): SocketOptions {
    let options = applicable(askedOptions(settings), kind)
    for (let objection = this.#objection(kind, family, options); objection; ) {
      const { option, reason } = objection
      const known = this.#without.get(option) ?? { reason, transports: new Set() }
      known.transports.add(transport)
      this.#without.set(option, known)
      options = dropUndefined({ ...options, [option]: undefined })
      objection = this.#objection(kind, family, options)
    }
    for (const name of names(options)) this.#honoured.add(name)
    return { ...this.#defaults(kind, settings), ...options }
  }

  /**
   * One line for each option that only some of the cases can have.
   * @throws UsageError if the engine can give a requested option to no case: nothing is ignored
   */
  notes(): string[] {
    for (const [name, { reason }] of this.#without)
      if (!this.#honoured.has(name)) throw new UsageError(`${flagOf(name)}: ${reason}${this.#elsewhere}`)
    return [...this.#without].map(
      ([name, { reason, transports }]) =>
        `${[...transports].join(', ')}: without ${flagOf(name)}, since ${reason}`,
    )
  }

  get #elsewhere(): string {
    const { elsewhere } = this.#sockets
    return elsewhere === undefined ? '' : `; ${elsewhere}, or leave it out`
  }

  #objection(kind: SocketKind, family: 4 | 6, options: SocketOptions): Objection | undefined {
    return this.#sockets.objection(kind, family, options)
  }

  #defaults(kind: SocketKind, settings: Settings): SocketOptions {
    if (kind === 'stream') return { nodelay: true }
    const { usualRcvbufBytes } = this.#sockets
    return usualRcvbufBytes === undefined || settings.rcvbufBytes !== undefined
      ? {}
      : { rcvbufBytes: usualRcvbufBytes }
  }
}

function applicable(options: SocketOptions, kind: SocketKind): SocketOptions {
  return Object.assign({}, ...optionNames(kind).map(name => dropUndefined({ [name]: options[name] })))
}

/** The options that are set, in the order in which they are reported. */
function names(options: SocketOptions): Name[] {
  return [...new Set([...optionNames('stream'), ...optionNames('datagram')])].filter(
    name => options[name] !== undefined,
  )
}

/** Drops keys without a value, so that equal options compare equal. */
function dropUndefined(options: SocketOptions): SocketOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
