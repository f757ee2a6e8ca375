/** What stands in a file, as messages quote it. */

/** As JSON, on one line and not longer than a line can bear; nothing in it moves a terminal's cursor. */
export function quoted(value: unknown, most = 40): string {
  const text = (JSON.stringify(value) ?? String(value)).replaceAll(/\p{Cc}/gu, '?')
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
}
