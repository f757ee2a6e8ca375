/** The script of the page of `bench receive --view`: asks for what has come, and shows it. Text goes in as text, never as HTML. */
import { element, first } from './elements.ts'

/** As `PictureView` lists it. */
interface Received {
  readonly id: number
  readonly line: string
  /** Absent if there is nothing to be shown, and `why`. */
  readonly size?: { readonly width: number; readonly height: number }
  readonly why?: string
}

const EVERY_MS = 500
const pictures = first('.pictures', HTMLElement)
const status = first('#status', HTMLElement)
/** Those on the page, which are not asked for again: the receiver has better things to do. */
let shown = new Map<number, HTMLElement>()

void refresh()

async function refresh(): Promise<void> {
  try {
    const response = await fetch('list')
    if (!response.ok) throw new Error(String(response.status))
    const list: readonly Received[] = await response.json()
    show(list)
    setTimeout(refresh, EVERY_MS)
  } catch {
    if (status) status.textContent = 'bench receive has ended; this is what it showed last.'
  }
}

/** @param list the newest first */
function show(list: readonly Received[]): void {
  const [newest] = list
  if (!newest || shown.has(newest.id)) return
  shown = new Map(list.map(each => [each.id, shown.get(each.id) ?? figureOf(each)]))
  if (status) status.textContent = ''
  pictures?.replaceChildren(...shown.values())
}

function figureOf({ id, line, size, why = '' }: Received): HTMLElement {
  const figure = element('figure', '')
  if (size) {
    const picture = element('img', '')
    // Those out of sight are not loaded.
    Object.assign(picture, { loading: 'lazy', alt: '', ...size, src: `picture/${id}` })
    figure.append(picture)
  } else figure.append(element('p', '', why))
  figure.append(element('figcaption', '', line))
  return figure
}
