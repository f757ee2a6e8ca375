/** Opens everything for printing, and makes charts as wide as the paper. */
import { all } from './elements.ts'

export interface Resizable {
  /** Redraws for the present width. */
  resize(): void
}

export function wakePrinting(charts: readonly Resizable[]): void {
  let opened: readonly HTMLDetailsElement[] = []
  const change = (printing: boolean) => {
    if (printing) {
      opened = [...opened, ...all('details:not([open])', HTMLDetailsElement)]
      for (const details of opened) details.open = true
    } else {
      for (const details of opened) details.open = false
      opened = []
    }
    for (const chart of charts) chart.resize()
  }
  matchMedia('print').addEventListener('change', event => change(event.matches))
  addEventListener('beforeprint', () => change(true))
  addEventListener('afterprint', () => change(false))
}
