/** A picture as PNG. Its texts are drawn with fonts of ours, so that it looks the same on a machine without any. */
import { errorCode, SetupError } from '../../base/errors.ts'
import { FONT_FILES } from './assets.ts'
import { FONT } from './charts/view.ts'

/** Pixels for each px of the SVG: sharp on screens that are. */
const SCALE = 2

/** @throws SetupError when the library that draws it is not there: it is optional, as it has parts for some systems only */
export async function toPng(svg: string): Promise<Uint8Array> {
  const { Resvg } = await loadResvg()
  const resvg = new Resvg(inOurFonts(svg), {
    fitTo: { mode: 'zoom', value: SCALE },
    font: {
      fontFiles: [...FONT_FILES],
      // Names of files may be in scripts that ours does not have.
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
      `PNG wants the optional package @resvg/resvg-js, which is not here (${errorCode(thrown) ?? 'it does not load'}); npm install @resvg/resvg-js, or write chart.svg instead`,
      { cause: thrown },
    )
  }
}

/** The weights of the fonts are families of their own. */
function inOurFonts(svg: string): string {
  return svg
    .replaceAll(/style="[^"]*font-weight:600[^"]*"/g, style =>
      style.replace(FONT, 'Inter SemiBold').replace('font-weight:600', 'font-weight:400'),
    )
    .replaceAll(FONT, 'Inter')
}
