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

/** Explains it at the top of docs/columns.md and docs/compare.md. */
export const FORMULA_NOTE = `A text that a spreadsheet would take for a formula (it begins with \`=\`, \`+\`, \`-\`, \`@\`, a tab or a line break) is prefixed with an
apostrophe, which \`bench\` removes again when it reads the file; other programs should, too.`
