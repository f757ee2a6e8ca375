/** Reads a chart: a small box shows what is nearest to the pointer, or where arrow keys went; screen readers say the latter. */

import type { ChartSpec } from '../../document/chart-spec.ts'
import { lookOf, PAGE_PALETTE } from '../charts/palette.ts'
import { placesOf, type Reading, readingAt, trialsOf } from '../charts/readings.ts'
import { placeOf } from '../charts/sweep-option.ts'
import { element, say } from './elements.ts'

/** A drawn chart. */
interface LiveChart {
  readonly spec: ChartSpec
  readonly plot: HTMLElement
  readonly hidden: ReadonlySet<string>
  /** Counts redrawings, which move pixels. */
  drawing(): number
  /** Where a place of an axis is, in px from the left or the top of the plot. */
  pixel(axis: 'x' | 'y', place: number): number
}

/** px between the box and its place. */
const DISTANCE = 14

export function wakeReading(chart: LiveChart): void {
  const { spec, plot, hidden } = chart
  const box = element('div', 'reading')
  const guide = element('div', 'guide')
  box.hidden = true
  guide.hidden = true
  plot.append(guide, box)
  plot.tabIndex = 0
  plot.setAttribute('aria-description', 'Arrow keys read its values.')
  let place = -1
  const nearest = nearestIn(chart)

  const close = () => {
    box.hidden = true
    guide.hidden = true
  }
  const open = (next: number, aloud: boolean) => {
    const reading = readingAt(spec, next, hidden)
    if (!reading) return close()
    place = next
    fill(box, reading)
    const at = pointOf(chart, place)
    box.hidden = false
    moveGuide(chart, guide, at)
    moveBox(plot, box, at)
    if (aloud) say(wordsOf(reading))
  }
  plot.addEventListener('pointermove', event => open(nearest(event), false))
  plot.addEventListener('pointerdown', event => open(nearest(event), false))
  // A lifted finger leaves too, but its reading stays.
  plot.addEventListener('pointerleave', event => {
    if (event.pointerType === 'mouse') close()
  })
  plot.addEventListener('blur', close)
  plot.addEventListener('keydown', event => {
    const count = placesOf(spec, hidden)
    const step = STEPS[event.key]
    if (event.key === 'Escape') close()
    if (step === undefined || count === 0) return
    event.preventDefault()
    open(Math.min(count - 1, Math.max(0, step(place, count))), true)
  })
}

const STEPS: Readonly<Record<string, (place: number, count: number) => number>> = {
  ArrowRight: place => place + 1,
  ArrowDown: place => place + 1,
  ArrowLeft: place => place - 1,
  ArrowUp: place => place - 1,
  Home: () => 0,
  End: (_, count) => count - 1,
}

interface Point {
  readonly x?: number
  readonly y?: number
}

/** Where a place is: a step of a sweep has only an x, a row only a y. */
function pointOf(chart: LiveChart, place: number): Point {
  const { spec, hidden } = chart
  switch (spec.kind) {
    case 'sweep':
      return { x: chart.pixel('x', placeOf(spec)(spec.x.values[place] ?? 0)) }
    case 'cases':
    case 'stack':
      return { y: chart.pixel('y', place) }
    case 'course': {
      const trial = trialsOf(spec, hidden)[place]
      return trial ? { x: chart.pixel('x', trial.order), y: chart.pixel('y', trial.value) } : {}
    }
  }
}

/** Finds the place nearest to the pointer; places are computed once a drawing. */
function nearestIn(chart: LiveChart): (event: PointerEvent) => number {
  let points: readonly Point[] = []
  let drawing = 0
  return event => {
    if (drawing !== chart.drawing()) points = pointsOf(chart)
    drawing = chart.drawing()
    const bounds = chart.plot.getBoundingClientRect()
    const at = { x: event.clientX - bounds.left, y: event.clientY - bounds.top }
    let best = -1
    let least = Number.POSITIVE_INFINITY
    points.forEach(({ x = at.x, y = at.y }, place) => {
      const distance = Math.hypot(x - at.x, y - at.y)
      if (distance >= least) return
      least = distance
      best = place
    })
    return best
  }
}

function pointsOf(chart: LiveChart): readonly Point[] {
  const { spec, hidden } = chart
  if (spec.kind === 'course') {
    return trialsOf(spec, hidden).map(({ order, value }) => ({
      x: chart.pixel('x', order),
      y: chart.pixel('y', value),
    }))
  }
  return Array.from({ length: placesOf(spec, hidden) }, (_, place) => pointOf(chart, place))
}

function fill(box: HTMLElement, { title, entries }: Reading): void {
  const rows = entries.map(({ name, color, text }) => {
    const row = element('div', 'entry')
    const dot = element('span', 'dot')
    dot.style.background = lookOf(color, PAGE_PALETTE).color
    row.append(dot, element('span', 'name', name), element('span', 'text', text))
    return row
  })
  box.replaceChildren(element('div', 'title', title), ...rows)
}

function moveGuide({ spec }: LiveChart, guide: HTMLElement, { x, y }: Point): void {
  guide.hidden = spec.kind !== 'sweep' && spec.kind !== 'course'
  guide.dataset['kind'] = spec.kind
  if (x !== undefined) guide.style.left = `${x}px`
  if (spec.kind === 'course' && y !== undefined) guide.style.top = `${y}px`
}

/** Moves the box beside the place, on the side with room, within the plot. */
function moveBox(plot: HTMLElement, box: HTMLElement, { x, y }: Point): void {
  const [width, height] = [plot.clientWidth, plot.clientHeight]
  const middle = x ?? width / 2
  const left =
    middle + DISTANCE + box.offsetWidth <= width ? middle + DISTANCE : middle - DISTANCE - box.offsetWidth
  const top = y === undefined ? 8 : y + DISTANCE + 12
  box.style.left = `${Math.max(0, Math.min(left, width - box.offsetWidth))}px`
  box.style.top = `${Math.max(0, Math.min(top, height - box.offsetHeight))}px`
}

function wordsOf({ title, entries }: Reading): string {
  return `${title}: ${entries.map(({ name, text }) => `${name} ${text}`).join('; ')}`
}
