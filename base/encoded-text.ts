/** Text of a file that an editor or a shell may have written in another encoding: PowerShell 5.1's `>` writes UTF-16 with a mark. */

/**
 * What a byte order mark at the beginning says, or without one the zero bytes of its first two letters: results, scenarios and tokens
 * begin with ASCII. UTF-8 where there is neither.
 */
export function encodingOf(bytes: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  const [first, second, third, fourth] = bytes
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  if (first && second === 0 && third && fourth === 0) return 'utf-16le'
  if (first === 0 && second && third === 0 && fourth) return 'utf-16be'
  return 'utf-8'
}

/** The text without its mark. What is not text of its encoding becomes U+FFFD. */
export function decodeText(bytes: Uint8Array): string {
  return new TextDecoder(encodingOf(bytes)).decode(bytes)
}
