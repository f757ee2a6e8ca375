/**
 * Keeps a spreadsheet from taking texts of a CSV for formulas: host names, file names, labels and messages are untrusted.
 * An apostrophe before such a text makes it one for a spreadsheet, and reading takes it away again, so nothing is lost.
 */

/** What begins a formula, by the list of OWASP ("CSV injection"), with full-width forms; behind apostrophes, so that those of the text itself stay. */
const FORMULA = /^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/

/** The text as a cell of a CSV holds it. */
export function guardFormula(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text
}

/** The text that `guardFormula` made this cell of. */
export function unguardFormula(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell
}
