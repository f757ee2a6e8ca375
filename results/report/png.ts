/** Renders a picture as PNG, with the fonts of this package, so that it looks the same on a machine without fonts. */
import { errorCode, errorMessage, SetupError } from '../../base/errors.ts'
import { packageRemedy } from '../../base/packages.ts'
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
    // Its own loader looks for the library of this system.
    const isMissing = /^(?:ERR_)?MODULE_NOT_FOUND$/.test(errorCode(thrown) ?? '')
    const [how, remedy] = isMissing
      ? ['is missing', `${packageRemedy('@resvg/resvg-js')}, or `]
      : [`does not load here (${errorMessage(thrown)})`, '']
    const text = `PNG needs the optional package @resvg/resvg-js, which ${how}; ${remedy}write chart.svg instead`
    throw new SetupError(text, { cause: thrown })
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
