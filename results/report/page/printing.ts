/** Makes charts as wide as the paper. */

export interface Resizable {
  /** Redraws for the present width. */
  resize(): void
}

export function wakePrinting(charts: readonly Resizable[]): void {
  const resize = () => {
    for (const chart of charts) chart.resize()
  }
  matchMedia('print').addEventListener('change', resize)
  addEventListener('beforeprint', resize)
  addEventListener('afterprint', resize)
}
