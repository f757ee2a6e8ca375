/** A grid of characters, each with its series. */

/** Marks a point where several series have the same value. */
export const SHARED = '*'
/** In place of a value, or on the axis where a line ends: the system refused. */
export const REFUSED = '×'

interface CanvasCell {
  readonly glyph: string
  readonly owner?: number
  readonly marked?: true
}

/** Draws the lines of several series over each other: later ones on top, and marks on top of lines. */
export class Canvas {
  readonly #rows: CanvasCell[][]
  hasShared = false

  constructor(rows: number, columns: number) {
    this.#rows = Array.from({ length: rows }, () => Array.from({ length: columns }, () => ({ glyph: ' ' })))
  }

  draw(row: number, column: number, glyph: string, owner: number): void {
    if (glyph !== ' ') this.#set(row, column, { glyph, owner })
  }

  mark(row: number, column: number, glyph: string, owner: number): void {
    const taken = this.isMarked(row, column)
    this.hasShared ||= taken
    this.#set(row, column, taken ? { glyph: SHARED, marked: true } : { glyph, owner, marked: true })
  }

  isMarked(row: number, column: number): boolean {
    return this.#rows[row]?.[column]?.marked === true
  }

  /** Its rows as lines, painted in runs of one owner, blanks included, so that colours change as seldom as possible. */
  lines(paint: (text: string, owner: number | undefined) => string): readonly string[] {
    return this.#rows.map(row => {
      const runs: { text: string; owner: number | undefined }[] = []
      for (const { glyph, owner } of row) {
        const last = runs.at(-1)
        if (last && last.owner === owner) last.text += glyph
        else runs.push({ text: glyph, owner })
      }
      return runs.map(({ text, owner }) => paint(text, owner)).join('')
    })
  }

  #set(row: number, column: number, cell: CanvasCell): void {
    const cells = this.#rows[row]
    if (cells && column < cells.length) cells[column] = cell
  }
}
