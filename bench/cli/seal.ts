/**
 * Marks a report with what it was made of. One that nobody has edited since, and whose results are named again, can be made anew: to overwrite it
 * loses nothing.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

const MARK = '<!-- tcp-udp-bench'

/** HTML, Markdown or SVG with a comment as its last line. @param of names what it was made of, and is not readable in it */
export function sealed(text: string, of: string): string {
  return `${text}${MARK} ${digest(of)} ${digest(text)} -->\n`
}

/** Whether the file at this path is as `sealed` made it of the same; false where it cannot be read. */
export function isSealed(path: string, of: string): boolean {
  try {
    const content = readFileSync(path, 'utf8')
    const at = content.lastIndexOf(MARK)
    return at > 0 && content === sealed(content.slice(0, at), of)
  } catch {
    return false
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}
