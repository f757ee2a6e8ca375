/** What is read off a page in Chromium. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'

const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

/** Every part that can be opened is open, and axe is there. */
export async function prepareForAxe(page: Page): Promise<void> {
  await page.$$eval('details', all => {
    for (const each of all) if (each instanceof HTMLDetailsElement) each.open = true
  })
  // The policy of the page forbids a script element; this is evaluated beside it.
  await page.evaluate(AXE)
}

/** What axe objects to: the rule, and the first element that breaks it. @param rules by their names or kinds */
export async function violationsOf(page: Page, rules: readonly string[] = RULES): Promise<readonly string[]> {
  return page.evaluate(async runOnly => {
    const axe: unknown = Reflect.get(globalThis, 'axe')
    if (typeof axe !== 'object' || axe === null) return ['there is no axe']
    const { violations } = await Reflect.get(axe, 'run').call(axe, document, {
      runOnly,
      resultTypes: ['violations'],
    })
    return violations.map(
      (each: { readonly id: string; readonly nodes: readonly { readonly html: string }[] }) =>
        `${each.id}: ${each.nodes[0]?.html}`,
    )
  }, rules)
}

/** Values of the markers of a line, from left to right, read off the labels of the upright axis. */
export async function markersOf(page: Page, chart: string, color: number): Promise<readonly number[]> {
  return page.$eval(
    `${chart} .plot svg`,
    (svg, fill) => {
      const place = (each: Element) => {
        const matrix = each instanceof SVGGraphicsElement ? each.getCTM() : null
        return { x: matrix?.e ?? 0, y: matrix?.f ?? 0, scale: matrix?.a ?? 0 }
      }
      const units: Readonly<Record<string, number>> = { 'Gbit/s': 1e9, 'Mbit/s': 1e6 }
      const labels = [...svg.querySelectorAll('text')].flatMap(text => {
        const [, figure, unit = ''] = /^([\d.]+)(?: (\S+))?$/.exec(text.textContent ?? '') ?? []
        if (figure === undefined || (unit === '' && figure !== '0')) return []
        return [
          {
            y: text.getBBox().y + text.getBBox().height / 2 + place(text).y,
            value: Number(figure) * (units[unit] ?? 1),
          },
        ]
      })
      const [a, b] = [labels[0], labels.at(-1)]
      if (!a || !b) throw new Error('the axis has no labels')
      return [...svg.querySelectorAll(`path[fill="${fill}"]`)]
        .map(place)
        .filter(({ scale }) => scale === 4)
        .sort((one, other) => one.x - other.x)
        .map(({ y }) => a.value + ((y - a.y) * (b.value - a.value)) / (b.y - a.y))
    },
    `var(--line-${color})`,
  )
}
