/** Which labels of an axis have room. Runs in the browser too. */

export interface Tick {
  /** Among all. */
  readonly index: number
  readonly text: string
  readonly start: number
  readonly end: number
}

/**
 * Labels that leave two columns free between them. Of many (rounds) every second, third … one, and the last; of others (chunks) the first, the
 * last, and as many between them as fit. Where something changes, those of the changes, the first and the last.
 */
export function chooseTicks(
  labels: readonly string[],
  changed: readonly boolean[],
  positions: readonly number[],
  columns: number,
  isEven: boolean,
): readonly Tick[] {
  const placed = labels.map((text, index) => {
    const centred = (positions[index] ?? 0) - Math.floor((text.length - 1) / 2)
    const start = Math.max(0, Math.min(centred, columns - text.length))
    return { index, text, start, end: start + text.length }
  })
  const [first, last] = [placed.slice(0, 1), placed.slice(-1)]
  const isChanged = changed.includes(true)
  if (placed.length > 10 && isEven && !isChanged) {
    const strides = placed.map((_, index) => placed.filter((_, tick) => tick % (index + 1) === 0))
    const shown = strides.find(each => each.every((tick, index) => isFree(tick, each[index - 1]))) ?? []
    return [...shown.filter(each => last.every(end => isFree(end, each))), ...last]
  }
  const marked = placed.filter((_, tick) => changed[tick])
  const chosen: Tick[] = []
  for (const tick of isChanged ? [...marked, ...first, ...last] : [...last, ...placed])
    if (chosen.every(each => isFree(tick, each) || isFree(each, tick))) chosen.push(tick)
  return chosen.sort((a, b) => a.start - b.start)
}

function isFree(tick: Tick, before: Tick | undefined): boolean {
  return before === undefined || tick.start >= before.end + 2
}
