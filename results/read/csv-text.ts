/** A field of a CSV as a text. */

export const QUOTE = 0x22

/** The field that stands in `bytes` from `start` to before `end`, without its quotes. */
export function fieldText(bytes: Buffer, start: number, end: number): string {
  if (end - start >= 2 && bytes[start] === QUOTE && bytes[end - 1] === QUOTE)
    return bytes.toString('utf8', start + 1, end - 1).replaceAll('""', '"')
  return bytes.toString('utf8', start, end)
}
