/** Decodes text files that an editor or shell may have written in another encoding: `>` of PowerShell 5.1 writes UTF-16 with a mark. */

/**
 * Detects the encoding from the byte order mark or, without one, from zero bytes among the first two characters, since results, scenarios
 * and tokens begin with ASCII. Falls back to UTF-8.
 */
export function encodingOf(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  const [first, second, third, fourth] = bytes
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  if (first && second === 0 && third && fourth === 0) return 'utf-16le'
  if (first === 0 && second && third === 0 && fourth) return 'utf-16be'
  return 'utf-8'
}

/** Decodes the text and drops its byte order mark. Invalid sequences become U+FFFD. */
export function decodeText(bytes: Uint8Array): string {
  return new TextDecoder(encodingOf(bytes)).decode(bytes)
}
