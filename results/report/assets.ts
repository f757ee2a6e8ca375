/** The parts of reports that the build makes (build-assets.ts). */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { errorCode, SetupError } from '../../base/errors.ts'
import type { ChartEngine } from './charts/engine.ts'

/** Loads what draws charts. @throws SetupError when this program was not built */
export async function loadChartEngine(): Promise<ChartEngine> {
  try {
    return await import(asset('charts.js').href)
  } catch (thrown) {
    throw unbuilt(thrown)
  }
}

/** Loads script and style of a page: of a report, or of what is received. @throws SetupError when this program was not built */
export function loadPage(name: 'page' | 'received' = 'page'): {
  readonly script: string
  readonly style: string
} {
  try {
    return { script: read(`${name}.js`), style: read('page.css') }
  } catch (thrown) {
    throw unbuilt(thrown)
  }
}

/** Paths of the fonts of PNGs. */
export const FONT_FILES: readonly string[] = [400, 600].map(weight =>
  fileURLToPath(asset(`inter-${weight}.ttf`)),
)

function asset(name: string): URL {
  return new URL(`assets/${name}`, import.meta.url)
}

function read(name: string): string {
  return readFileSync(asset(name), 'utf8').trim()
}

function unbuilt(thrown: unknown): unknown {
  const code = errorCode(thrown)
  return code === 'ENOENT' || code === 'ERR_MODULE_NOT_FOUND'
    ? new SetupError('the parts of reports were not built; run npm run build', { cause: thrown })
    : thrown
}
