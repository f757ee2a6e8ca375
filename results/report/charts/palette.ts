/** Colours of charts and page, each for light and dark. Those of lines differ for colour-blind eyes too, and never say a thing alone. */

/** Light, dark. Contrast to the surface: 3:1 or more for lines, 4.5:1 or more for text (WCAG 2.2, 1.4.3 and 1.4.11). */
export const COLORS = {
  surface: ['#ffffff', '#16181d'],
  raised: ['#f5f6f8', '#1f2229'],
  ink: ['#1b1f24', '#e7e9ec'],
  muted: ['#59616b', '#a2aab4'],
  grid: ['#e2e5ea', '#30353d'],
  control: ['#868e99', '#737c88'],
  accent: ['#0a5aa8', '#7cb9f7'],
  good: ['#0b6e4f', '#4fcb9d'],
  bad: ['#b3261e', '#ff9d94'],
  caution: ['#7a5300', '#e9bb5b'],
} as const satisfies Readonly<Record<string, readonly [string, string]>>

/** Blue to pink, and a grey: green, red and amber are what is good, bad and doubtful. */
export const LINE_COLORS: readonly (readonly [string, string])[] = [
  ['#0067a8', '#5cb3f2'],
  ['#c56aeb', '#fac4ed'],
  ['#5c0a41', '#a04b6f'],
  ['#6841ed', '#a06cd6'],
  ['#250898', '#4e4cf2'],
  ['#838a92', '#f1579e'],
]

/** How opaque a cell of the largest value is: figures on it can be read (4.5:1). */
export const FULLEST_CELL = 0.42

/** From bad to good: cividis (Nunez, Anderton & Renslow, PLoS ONE 13, 2018), made for colour-blind eyes; it grows lighter all the way, in print too. */
const CIVIDIS = ['#00224e', '#31446b', '#575d6d', '#7d7c78', '#a69c75', '#d3c164', '#fee838']

/** @param goodness 0 to 1 */
export function worseToBetter(goodness: number): string {
  const place = Math.max(0, Math.min(1, goodness)) * (CIVIDIS.length - 1)
  const [low, high] = [Math.floor(place), Math.ceil(place)].map(at => channels(CIVIDIS[at] ?? ''))
  const mixed = (low ?? []).map((value, index) => value + (place % 1) * ((high?.[index] ?? 0) - value))
  return `#${mixed.map(value => Math.round(value).toString(16).padStart(2, '0')).join('')}`
}

/** Black or white, whichever is read better on a colour: 4.5:1 or more (WCAG 2.2, 1.4.3). */
export function inkOn(color: string): string {
  const [red = 0, green = 0, blue = 0] = channels(color).map(value => {
    const share = value / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? '#000000' : '#ffffff'
}

function channels(color: string): readonly number[] {
  return [1, 3, 5].map(at => Number.parseInt(color.slice(at, at + 2), 16))
}

/** Of the parts of bars, which are never those of a line: a colour has one meaning on a page. */
export const PART_COLORS: readonly (readonly [string, string])[] = [
  ['#b8560f', '#ffa45c'],
  ['#8a5a2b', '#d6a27e'],
  ['#6b7a1e', '#b3cf5a'],
  ['#0f7c8c', '#56c4d4'],
  ['#8c7a5c', '#cdbb98'],
  ['#0f4c5c', '#9be0ea'],
]

/** A value for each name, for each line, and for each part of a bar. */
export type Palette = Readonly<Record<'ink' | 'muted' | 'grid' | 'surface' | 'bad', string>> & {
  readonly lines: readonly string[]
  readonly parts: readonly string[]
}

function paletteOf(
  value: (name: keyof typeof COLORS) => string,
  lines: readonly string[],
  parts: readonly string[],
): Palette {
  const [ink, muted, grid] = [value('ink'), value('muted'), value('grid')]
  return { ink, muted, grid, surface: value('surface'), bad: value('bad'), lines, parts }
}

/** Names that the style sheet gives a value to, so that a picture in the page follows the page's colours. */
export const PAGE_PALETTE = paletteOf(
  name => `var(--${name})`,
  LINE_COLORS.map((_, index) => `var(--line-${index})`),
  PART_COLORS.map((_, index) => `var(--part-${index})`),
)

/** For a picture that stands alone. */
export const PAPER_PALETTE = paletteOf(
  name => COLORS[name][0],
  LINE_COLORS.map(([light]) => light),
  PART_COLORS.map(([light]) => light),
)

const SYMBOLS = ['circle', 'diamond', 'triangle', 'rect'] as const

export interface Look {
  readonly color: string
  readonly symbol: (typeof SYMBOLS)[number]
  readonly dash: 'solid' | 'dashed'
}

/** The look of a line: a colour and a symbol of its own; beyond the colours it is dashed. */
export function lookOf(index: number, { lines }: Palette): Look {
  return {
    color: lines[index % lines.length] ?? '',
    symbol: SYMBOLS[(index + Math.floor(index / lines.length)) % SYMBOLS.length] ?? 'circle',
    dash: Math.floor(index / lines.length) % 2 === 0 ? 'solid' : 'dashed',
  }
}

/** The colour of an entry of a legend: of a part of bars, or of a line. */
export function colorOf(
  { color, icon }: { readonly color: number; readonly icon?: 'rect' },
  palette: Palette,
): string {
  return icon === 'rect' ? (palette.parts[color] ?? '') : lookOf(color, palette).color
}
