/** Names a run by its time and some random letters. */
import { randomInt } from 'node:crypto'

/** `20261121T094512Z-kqzv`: sorts by time, and two runs in the same second differ. */
export function newRunId(moment: Date): string {
  const letters = Array.from({ length: 4 }, () => String.fromCharCode(97 + randomInt(26))).join('')
  return `${utcStamp(moment)}-${letters}`
}

/** Whether a text is the name of a run. */
export function isRunId(text: string): boolean {
  return /^\d{8}T\d{6}Z-[a-z]{4}$/.test(text)
}

/** `20261121T094512Z` */
export function utcStamp(moment: Date): string {
  return `${moment.toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}
