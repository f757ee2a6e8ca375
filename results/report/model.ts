/** What a report says, before it becomes a page or Markdown: sections of blocks. Texts may be foreign; renderers escape all of them. */
import type { ChartSpec } from './charts/spec.ts'

export interface Report {
  readonly title: string
  /** What it is of, in a line. */
  readonly subtitle: Text
  readonly sections: readonly Section[]
  /** At the foot: what made it. */
  readonly footer: Text
}

export interface Section {
  /** Letters, digits and dashes; unique in a report. */
  readonly id: string
  readonly title: string
  readonly blocks: readonly Block[]
}

export type Block =
  | { readonly kind: 'text'; readonly text: Text }
  | { readonly kind: 'list'; readonly items: readonly Text[] }
  | { readonly kind: 'figures'; readonly items: readonly Figure[] }
  | { readonly kind: 'notes'; readonly items: readonly Note[] }
  | { readonly kind: 'terms'; readonly items: readonly Term[] }
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'table'; readonly table: Table }
  | { readonly kind: 'chart'; readonly chart: Chart }
  | { readonly kind: 'command'; readonly command: Command }

/** A sentence or a line, in pieces. */
export type Text = readonly Inline[]
export type Inline =
  | string
  | { readonly strong: string }
  | { readonly code: string }
  | { readonly name: string }

/** A number that is to be seen first. */
export interface Figure {
  readonly label: string
  readonly value: string
  readonly details: readonly string[]
}

/** Something odd, and what to do about it. */
export interface Note {
  readonly message: string
  readonly remedy?: string
}

export interface Term {
  readonly term: string
  readonly meaning: Text
}

export interface Table {
  readonly caption: string
  readonly columns: readonly TableColumn[]
  /** A cell for each column; the first one heads the row. */
  readonly rows: readonly (readonly TableCell[])[]
  /** Can be sorted and filtered on the page. */
  readonly interactive?: boolean
}

export interface TableColumn {
  readonly title: string
  readonly align: 'left' | 'right'
  /** Has few values, to choose from when filtering. */
  readonly choices?: boolean
}

export interface TableCell {
  readonly text: string
  /** In small letters below it. */
  readonly detail?: string
  /** What it sorts by instead of its text. */
  readonly value?: number
  readonly tone?: Tone
}

export type Tone = 'good' | 'bad' | 'caution' | 'dim'

export interface Chart {
  /** Unique in a report. */
  readonly id: string
  readonly kind: ChartKind
  readonly title: string
  readonly spec: ChartSpec
  /** How to read it, and what is not drawn. */
  readonly notes: readonly Text[]
  /** What is drawn, as figures. */
  readonly table: Table
}

export const CHART_KINDS = ['goodput', 'loss', 'causes', 'phases', 'trials', 'trend'] as const
export type ChartKind = (typeof CHART_KINDS)[number]

interface Command {
  /** Lines for a shell. */
  readonly lines: readonly string[]
}
