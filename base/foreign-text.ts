/** Makes untrusted text (from peers, files, the command line) safe to show and store, so that it cannot control the terminal. */

/** C0 and C1 control characters (a terminal treats `\x9b2J` like `\x1b[2J`), line separators, bidirectional marks and lone surrogates. */
const STEERING = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** Replaces everything that could control a terminal with `?` and keeps the text on one line. */
export function harmless(text: string): string {
  return text.replaceAll(STEERING, '?')
}

/** Formats any value as JSON on one line, at most `most` characters long, with control characters replaced. */
export function quoted(value: unknown, most = 40): string {
  const text = JSON.stringify(value) ?? String(value)
  // A cut may leave half a character, which is replaced, too.
  return text.length > most ? `${harmless(text.slice(0, most - 1))}…` : harmless(text)
}

/** Escapes what could control a terminal in a JSON text without changing its meaning. `JSON.stringify` escapes only C0. */
export function harmlessJson(json: string): string {
  return json.replaceAll(STEERING, sign =>
    // Any C0 character left by JSON.stringify is layout.
    sign < ' ' ? sign : `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/**
 * The first character of a GitHub Actions workflow command at the start of a line: `::stop-commands::x`, `##[error]`. Tables start lines
 * with names.
 */
const WORKFLOW_COMMAND = /(?<=^|\s):(?=:[\w-].*?::)|#(?=#\[)/g

/** Makes a name safe to print at the start of a line. */
export function harmlessName(name: string): string {
  return harmless(name).replaceAll(WORKFLOW_COMMAND, '?')
}

/** The last filter before a terminal: replaces control characters, but keeps line breaks, tabs and colours (`\x1b[1;31m`). */
export function displayable(text: string): string {
  return text.replaceAll(UNDISPLAYABLE, '?')
}

const UNDISPLAYABLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what may stay.
  /(?!\n|\t|\r\n|\u001b\[[\d;]*m)[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu
