/** A text with `*` for any text, also none. */
export function globOf(text: string): RegExp {
  const parts = text.split(/\*+/).map(part => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 's')
}
