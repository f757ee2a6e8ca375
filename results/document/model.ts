/** A result as blocks, before a terminal, Markdown or a page shows it. Texts may be foreign; renderers make all of them harmless. */
import type { ChartSpec } from './chart-spec.ts'

export interface Document {
  readonly title: string
  /** Describes the results in a line. */
  readonly subtitle: Text
  readonly sections: readonly Section[]
  /** At the foot: what made it. */
  readonly footer: Text
}

export interface Section {
  /** Letters, digits and dashes; unique in a document. */
  readonly id: string
  readonly title: string
  readonly blocks: readonly PageBlock[]
}

/** Blocks that every renderer shows; a block without items shows nothing. */
export type Block =
  | Heading
  | { readonly kind: 'text'; readonly text: Text }
  | { readonly kind: 'list'; readonly items: readonly Text[] }
  | { readonly kind: 'findings'; readonly items: readonly Finding[] }
  | { readonly kind: 'notes'; readonly items: readonly Note[] }
  | { readonly kind: 'table'; readonly table: Table }
  | { readonly kind: 'legend'; readonly lines: readonly string[] }
  | { readonly kind: 'chart'; readonly chart: Chart }

/** Blocks that only pages and Markdown show. */
export type PageBlock =
  | Block
  | { readonly kind: 'figures'; readonly items: readonly Figure[] }
  | { readonly kind: 'terms'; readonly items: readonly Term[] }
  /** Small pictures in a row; a page alone shows them. */
  | { readonly kind: 'pictures'; readonly items: readonly Picture[] }
  /** Lines for a shell. */
  | { readonly kind: 'command'; readonly lines: readonly string[] }

interface Heading {
  readonly kind: 'heading'
  /** Pages begin it with a capital letter, unless it begins with a name. */
  readonly text: Text
  readonly tone?: Tone
  /** What everything below it has in common, a line each. */
  readonly common?: readonly string[]
}

/** A sentence or a line, in pieces. */
export type Text = readonly Inline[]
export type Inline =
  | string
  | { readonly strong: string }
  | { readonly code: string }
  | { readonly name: string }
  /** Leads to the section of this id. */
  | { readonly link: string; readonly to: string }

/** A sentence, and further sentences about the same thing. */
export interface Finding {
  readonly text: Text
  readonly tone: Tone
  readonly more?: readonly string[]
}

/** A number that is to be seen first. */
export interface Figure {
  readonly label: string
  readonly value: string
  readonly details: readonly string[]
}

/** A picture of our own making. */
export interface Picture {
  readonly png: Uint8Array
  readonly width: number
  readonly height: number
  readonly caption: string
}

/** Something odd, and what to do about it. */
export interface Note {
  readonly message: string
  readonly remedy?: string
}

interface Term {
  readonly term: string
  readonly meaning: Text
}

export interface Table {
  /** Not on a terminal, where a heading above says it, unless it is `captioned`. */
  readonly caption: string
  readonly captioned?: boolean
  readonly columns: readonly TableColumn[]
  /** A cell for each column; the first one heads the row. */
  readonly rows: readonly (readonly TableCell[])[]
  /** Can be sorted and filtered on the page. */
  readonly interactive?: boolean
  /** In its place on a terminal, made when it is tried: from the widest to the narrowest, of which the first one that fits is shown. */
  readonly forms?: readonly (() => Table)[]
  /** Each row in words, for a terminal that no form fits. */
  readonly inWords?: readonly RowWords[]
  /** Blanks between columns of a terminal, instead of 2. */
  readonly gap?: number | undefined
  /** A line above each row of a form, such as the name of a group that begins there; empty for none. */
  readonly above?: readonly string[]
  /** Below it, on a terminal. */
  readonly below?: string | undefined
  /** A last column of bars, one for each value as far as there is room. */
  readonly bars?: { readonly title: string; readonly rows: readonly Bars[] }
}

export interface RowWords {
  readonly name: string
  /** A line each; `of` begins one of several. */
  readonly lines: readonly { readonly of?: string; readonly figures: readonly string[] }[]
}

interface Bars {
  readonly values: readonly (number | undefined)[]
  /** From which index on, in order. */
  readonly tones: readonly { readonly from: number; readonly tone: Tone }[]
}

export interface TableColumn {
  readonly title: string
  readonly align: 'left' | 'right'
  /** Has few values, to choose from when filtering. */
  readonly choices?: boolean
  /** The last column of a terminal: takes the width that is left, on several lines, with details on lines of their own. */
  readonly wraps?: boolean
}

export interface TableCell {
  readonly text: string
  /** How sure it is, behind it: `± 2 %`, `(+8.0 to +8.0 %)`. */
  readonly spread?: string | undefined
  /** In small letters below it. */
  readonly detail?: string | undefined
  /** Sorts the cell, instead of its text. */
  readonly value?: number | undefined
  readonly tone?: Tone | undefined
}

export type Tone = 'good' | 'bad' | 'caution' | 'dim'

/** A table of sets beside each other: what each has of a row, and how far it is from the first one. */
export interface Matrix {
  /** `goodput in Gbit/s` */
  readonly title: string
  /** Heads of the columns that name a row; none where there is one row that needs no name. */
  readonly fields: readonly TableColumn[]
  /** Names of the sets. */
  readonly labels: readonly string[]
  /** How values stand. */
  readonly align: 'left' | 'right'
  /** Head of the changes; undefined where there are none. */
  readonly changeTitle?: string
  readonly rows: readonly MatrixRow[]
}

export interface MatrixRow {
  /** For each of the fields. */
  readonly fields: readonly string[]
  /** The row in words: `tcp, chunk 1,024 B`. */
  readonly name: string
  /** For each of the labels. */
  readonly entries: readonly Entry[]
}

export interface Entry {
  /** `2.41`, `refused`, `–` */
  readonly value: string
  /** `± 7 %`, `(1.2 – 3.4 %)` */
  readonly spread?: string | undefined
  /** `n 18` */
  readonly note?: string | undefined
  readonly tone?: Tone | undefined
  readonly change?: ChangeEntry | undefined
}

export interface ChangeEntry {
  /** `+96.0 %`, `~` */
  readonly value: string
  /** `+88.1` and `+104 %` */
  readonly ends?: { readonly low: string; readonly high: string } | undefined
  readonly p: string
  /** `better`, `worse`; empty otherwise. */
  readonly word: string
  readonly tone?: Tone | undefined
}

export interface Chart {
  /** Unique in a document. */
  readonly id: string
  /** Chooses it for a picture (`--chart`). */
  readonly kind?: ChartKind
  readonly title: string
  readonly spec: ChartSpec
  /** How to read it on a page, and what is not drawn. */
  readonly notes?: readonly Text[]
  /** The figures behind it, unless a table beside it has them. */
  readonly table?: Table
}

export const CHART_KINDS = [
  'goodput',
  'time',
  'latency',
  'loss',
  'causes',
  'phases',
  'distribution',
  'trials',
  'trend',
  'on-time',
  'hosts',
] as const
type ChartKind = (typeof CHART_KINDS)[number]

export interface RenderOptions {
  /** Columns of the terminal; no line is longer. */
  readonly width: number
  readonly color: boolean
}
