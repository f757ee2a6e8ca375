/** A table in Markdown: the first column to the left, figures to the right. */
export function markdown(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = heading.map((_, index) => (index === 0 ? '---' : '---:'))
  return [heading, rule, ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

/** 0.0123 is `1.2 %`. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(share > 0 && share < 0.01 ? 2 : 1)} %`
}
