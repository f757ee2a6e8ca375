/** Renders a picture as PNG, with the fonts of this package, so that it looks the same on a machine without fonts. */
import { errorCode, SetupError } from '../../base/errors.ts'
import { FONT_FILES } from './assets.ts'
import { FONT } from './charts/view.ts'

/** Pixels for each px of the SVG, for sharp screens. */
const SCALE = 2

/** @throws SetupError when the drawing library is missing: it is optional, since it does not support every system */
export async function toPng(svg: string): Promise<Uint8Array> {
  const { Resvg } = await loadResvg()
  const resvg = new Resvg(withInter(svg), {
    fitTo: { mode: 'zoom', value: SCALE },
    font: {
      fontFiles: [...FONT_FILES],
      // Names of files may use scripts that Inter does not have.
      loadSystemFonts: true,
      defaultFontFamily: 'Inter',
      sansSerifFamily: 'Inter',
    },
  })
  return resvg.render().asPng()
}

async function loadResvg() {
  try {
    return await import('@resvg/resvg-js')
  } catch (thrown) {
    throw new SetupError(
      `PNG needs the optional package @resvg/resvg-js, which is missing (${errorCode(thrown) ?? 'it does not load'}); npm install @resvg/resvg-js, or write chart.svg instead`,
      { cause: thrown },
    )
  }
}

/** Each weight of Inter is a family. */
function withInter(svg: string): string {
  return svg
    .replaceAll(/style="[^"]*font-weight:600[^"]*"/g, style =>
      style.replace(FONT, 'Inter SemiBold').replace('font-weight:600', 'font-weight:400'),
    )
    .replaceAll(FONT, 'Inter')
}
