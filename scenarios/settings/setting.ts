/** What a row of the table of settings says. */
import type { ColumnName } from '../../results/schema/columns.ts'
import type { SocketOptions } from '../../transports/contract/socket-facts.ts'
import type { SocketKind } from '../../transports/contract/sockets.ts'
import type { Grammar } from './grammar.ts'

/** What a setting is for; `carries` of conflicts.ts knows which transports can. */
export type Carries = 'transfer' | 'exchange' | 'stream' | 'timed' | 'secured' | 'group'

interface SettingValue {
  /** Its name in a parsed scenario, with its unit. */
  readonly field: string
  readonly grammar: Grammar<unknown>
  /** Several values, each of which is measured: a list with commas in the flag, or the flag several times. */
  readonly many?: 'list' | 'repeated'
  /** Names that only the catalog knows. */
  readonly known?: Exclude<keyof Known, 'sized'>
  /** The default as it would be written, if it can be. */
  readonly initial?: string
  /**
   * What it belongs to: a case (a variant may have its own); a scenario; or a whole command, whose scenarios have to agree.
   * `both`: the same for both sides of a comparison.
   */
  readonly scope: 'case' | 'scenario' | 'command'
  readonly both?: true
  /** The only kind of transport that it applies to. An option of sockets knows its own. */
  readonly kind?: SocketKind
  /** What a transport has to carry for it to apply; anything if absent. `timed`: a stream, or requests; `secured`: anything inside TLS; `group`: a payload to many. */
  readonly carries?: Carries
}

/** Where its value goes. */
interface Stored {
  /** Its name in a case; an option is in the case's `socket`. */
  readonly case?:
    | ('transport' | 'workload' | 'sizeBytes' | 'chunkBytes' | 'file' | 'payload' | 'rateBps')
    | ('messages' | 'durationMs' | 'intervalMs' | 'omitMs' | 'streams' | 'fps' | 'frames')
    | ('group' | 'receivers')
    | (
        | 'maxDatagramBytes'
        | 'way'
        | 'path'
        | 'queueBytes'
        | 'trace'
        | 'impairWith'
        | 'readLate'
        | 'resumption'
        | 'verify'
        | 'bind'
        | 'ipFamily'
        | 'seed'
      )
  /** The socket option that it sets, or those that its words name. */
  readonly option?: keyof SocketOptions | readonly (keyof SocketOptions)[]
  /** The column that stores it. */
  readonly column?: ColumnName
  /** The column of what the sender's socket had of it in the end. */
  readonly given?: ColumnName
}

interface Described {
  /** Another name of the flag, as other tools have it. */
  readonly alias?: string
  /** Among the flags that help shows first. */
  readonly common?: true
  /** Its part of the help, where that does not follow from what it is for. */
  readonly group?: 'what' | 'sockets' | 'rounds' | 'ends'
  /** Of the flag. */
  readonly help: string
  /** Describes the key of a scenario file where `help` speaks of flags. */
  readonly about?: string
  /** The default in words, if those say more. */
  readonly usual?: string
  /** Cannot be combined with these; as an override, it replaces them. */
  readonly excludes?: readonly string[]
}

export interface Setting extends Described {
  readonly value: SettingValue
  readonly stored?: Stored
}

/** A setting as code sees it that treats all alike. */
export interface AnySetting<Field extends string> extends Described, Omit<SettingValue, 'field'>, Stored {
  readonly field: Field
}

/** Names that a setting can have. */
export interface Known {
  readonly transports: readonly string[]
  /** Those that carry no payload: their requests have a size of their own. */
  readonly sized?: readonly string[]
  readonly workloads: readonly string[]
  /** In order of preference. */
  readonly engines: readonly string[]
}
