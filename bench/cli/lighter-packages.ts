/**
 * Packages as the bundle has them. Those that measure the width of text load Unicode's segmentation and its tables (some 20 ms) only for
 * text that needs them; most of what is printed does not. The package of histograms comes without what is not used.
 */
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Plugin } from 'esbuild'

/** Text whose characters are one column wide each: of ASCII and Latin-1, fixed spaces, dashes, quotes, arrows, comparisons, lines and blocks. */
export const NARROW =
  /^[\x20-\x7e\xa0\xb0-\xff\u2013\u2014\u2018\u2019\u201c\u201d\u2026\u202f\u2190-\u2193\u2248\u2264\u2265\u2500-\u259f]*$/

const WIDTH = 'string-width'
const FULL = `${WIDTH}-of-any-text`

/** Its histograms in WebAssembly, its logs, and a deflate of its own: Node has zlib. */
const UNUSED = /^(\.\/(wasm|HistogramLog(Reader|Writer)|Recorder)|pako)$/

export const lighterPackages: Plugin = {
  name: 'lighter packages',
  setup({ onLoad, onResolve, resolve }) {
    onResolve({ filter: new RegExp(`^${WIDTH}$`) }, async ({ path, pluginData, ...from }) => {
      if (pluginData === FULL) return undefined
      const { path: full } = await resolve(path, { ...from, pluginData: FULL })
      return { path: full, namespace: WIDTH }
    })
    onLoad({ filter: /./, namespace: WIDTH }, ({ path }) => ({
      // Bundled, and run when it is called.
      contents: `export default (text, options) =>
        options?.ambiguousIsNarrow !== false && ${NARROW}.test(text) ? text.length : require(${JSON.stringify(path)}).default(text, options)`,
      resolveDir: dirname(path),
    }))
    onResolve({ filter: UNUSED }, ({ importer }) =>
      importer.includes('hdr-histogram-js') ? { path: 'unused', namespace: 'unused' } : undefined,
    )
    onLoad({ filter: /./, namespace: 'unused' }, () => ({ contents: 'exports.WasmHistogram = class {}' }))
    onLoad({ filter: /node_modules\/(wrap|slice)-ansi\/[^/]+\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(
        /= (new Intl\.Segmenter\(.*\));/,
        '= { made: undefined, segment(text) { return (this.made ??= $1).segment(text) } };',
      ),
    }))
  },
}
