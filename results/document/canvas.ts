/** A grid of characters, each with its series. */

/** Marks a point where several series have the same value. */
export const SHARED = '*'

interface CanvasCell {
  readonly glyph: string
  readonly owner?: number
  readonly marked?: true
}

/** Draws the lines of several series over each other: later ones on top, and marks on top of lines. */
export class Canvas {
  readonly rows: CanvasCell[][]
  hasShared = false

  constructor(rows: number, columns: number) {
    this.rows = Array.from({ length: rows }, () => Array.from({ length: columns }, () => ({ glyph: ' ' })))
  }

  layOver(lines: readonly string[], owner: number): void {
    lines.forEach((line, row) => {
      ;[...line].forEach((glyph, column) => {
        if (glyph !== ' ') this.#set(row, column, { glyph, owner })
      })
    })
  }

  mark(row: number, column: number, glyph: string, owner: number): void {
    const taken = this.rows[row]?.[column]?.marked === true
    this.hasShared ||= taken
    this.#set(row, column, taken ? { glyph: SHARED, marked: true } : { glyph, owner, marked: true })
  }

  /** A row as runs of one owner, blanks included, so that colours change as seldom as possible. */
  runs(row: readonly CanvasCell[]): readonly { readonly text: string; readonly owner: number | undefined }[] {
    const runs: { text: string; owner: number | undefined }[] = []
    for (const { glyph, owner } of row) {
      const last = runs.at(-1)
      if (last && last.owner === owner) last.text += glyph
      else runs.push({ text: glyph, owner })
    }
    return runs
  }

  #set(row: number, column: number, cell: CanvasCell): void {
    const cells = this.rows[row]
    if (cells && column < cells.length) cells[column] = cell
  }
}
