/** Reads a chart: a small box shows what is nearest to the pointer, or where arrow keys went; screen readers say the latter. */

import { colorOf, PAGE_PALETTE } from '../charts/palette.ts'
import type { Place } from '../charts/view.ts'
import { element, say } from './elements.ts'

/** px between the box and its place. */
const DISTANCE = 14

/** `places`: what can be read of `plot` as it is drawn, with px from its left and top in place of values. */
export function wakeReading(plot: HTMLElement, places: () => readonly Place[]): void {
  const box = element('div', 'reading')
  const guide = element('div', 'guide')
  box.hidden = true
  guide.hidden = true
  plot.append(guide, box)
  plot.tabIndex = 0
  plot.setAttribute('aria-description', 'Arrow keys read its values.')
  let index = -1

  const close = () => {
    box.hidden = true
    guide.hidden = true
  }
  const open = (next: number, aloud: boolean) => {
    const place = places()[next]
    if (!place) return close()
    index = next
    fill(box, place)
    box.hidden = false
    moveGuide(guide, place)
    moveBox(plot, box, place)
    if (aloud) say(wordsOf(place))
  }
  const follow = (event: PointerEvent) => open(nearest(places(), plot, event), false)
  plot.addEventListener('pointermove', follow)
  plot.addEventListener('pointerdown', follow)
  // A lifted finger leaves too, but its reading stays.
  plot.addEventListener('pointerleave', event => {
    if (event.pointerType === 'mouse') close()
  })
  plot.addEventListener('blur', close)
  plot.addEventListener('keydown', event => {
    const count = places().length
    const step = STEPS[event.key]
    if (event.key === 'Escape') close()
    if (step === undefined || count === 0) return
    event.preventDefault()
    open(Math.min(count - 1, Math.max(0, step(index, count))), true)
  })
}

const STEPS: Readonly<Record<string, (index: number, count: number) => number>> = {
  ArrowRight: index => index + 1,
  ArrowDown: index => index + 1,
  ArrowLeft: index => index - 1,
  ArrowUp: index => index - 1,
  Home: () => 0,
  End: (_, count) => count - 1,
}

/** Index of the place that is nearest to the pointer; one without an x is as near as its y, and the other way round. */
function nearest(places: readonly Place[], plot: HTMLElement, event: PointerEvent): number {
  const bounds = plot.getBoundingClientRect()
  const at = { x: event.clientX - bounds.left, y: event.clientY - bounds.top }
  const distances = places.map(({ x = at.x, y = at.y }) => Math.hypot(x - at.x, y - at.y))
  return distances.indexOf(distances.reduce((least, each) => Math.min(least, each), Number.POSITIVE_INFINITY))
}

function fill(box: HTMLElement, { title, entries }: Place): void {
  const rows = entries.map(({ name, text, ...key }) => {
    const row = element('div', 'entry')
    const dot = element('span', 'dot')
    dot.style.background = colorOf(key, PAGE_PALETTE)
    row.append(dot, element('span', 'name', name), element('span', 'text', text))
    return row
  })
  box.replaceChildren(element('div', 'title', title), ...rows)
}

/** A line for a place that has only an x, a ring for one that has both; rows need none. */
function moveGuide(guide: HTMLElement, { x, y }: Place): void {
  guide.hidden = x === undefined
  guide.className = y === undefined ? 'guide line' : 'guide ring'
  guide.style.left = `${x}px`
  guide.style.top = y === undefined ? '' : `${y}px`
}

/** Moves the box beside the place, on the side with room, within the plot. */
function moveBox(plot: HTMLElement, box: HTMLElement, { x, y }: Place): void {
  const [width, height] = [plot.clientWidth, plot.clientHeight]
  const middle = x ?? width / 2
  const left =
    middle + DISTANCE + box.offsetWidth <= width ? middle + DISTANCE : middle - DISTANCE - box.offsetWidth
  const top = y === undefined ? 8 : y + DISTANCE + 12
  box.style.left = `${Math.max(0, Math.min(left, width - box.offsetWidth))}px`
  box.style.top = `${Math.max(0, Math.min(top, height - box.offsetHeight))}px`
}

function wordsOf({ title, entries }: Place): string {
  return `${title}: ${entries.map(({ name, text }) => `${name} ${text}`).join('; ')}`
}
