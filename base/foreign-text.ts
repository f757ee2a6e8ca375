/** Texts of others (peers, files, the command line) as they are shown and kept: nothing in them steers a terminal. A leaf. */

/**
 * Control characters of C0 and C1 (a terminal obeys `\x9b2J` as it does `\x1b[2J`), line separators, marks that turn text round, and half
 * characters.
 */
const STEERING = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** The whole of a text, on one line; what would steer a terminal is a `?`. */
export function harmless(text: string): string {
  return text.replaceAll(STEERING, '?')
}

/** Whatever it is as JSON, on one line and not longer than a line can bear, and harmless. */
export function quoted(value: unknown, most = 40): string {
  const text = harmless(JSON.stringify(value) ?? String(value))
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
}

/** A JSON text that says the same and steers nothing: `JSON.stringify` escapes C0 only. */
export function harmlessJson(json: string): string {
  return json.replaceAll(STEERING, sign =>
    // What JSON.stringify leaves of C0 is its own layout.
    sign < ' ' ? sign : `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** The first sign of what GitHub Actions obeys where a line begins so: `::stop-commands::x`, `##[error]`. Tables begin lines with names. */
const WORKFLOW_COMMAND = /(?<=^|\s):(?=:[\w-].*?::)|#(?=#\[)/g

/** A name that may stand where a line begins. */
export function harmlessName(name: string): string {
  return harmless(name).replaceAll(WORKFLOW_COMMAND, '?')
}

/** What is left of a text that may be shown: its lines, tabs and colours (`\x1b[1;31m`) stay. The last net before a terminal. */
export function displayable(text: string): string {
  return text.replaceAll(UNDISPLAYABLE, '?')
}

const UNDISPLAYABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what may stay.
  /(?!\n|\t|\r\n|\u001b\[[\d;]*m)[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu
