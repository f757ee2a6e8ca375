/**
 * Makes what a report is put together from, in assets/ beside this file: the script and the style of the page, the chart engine with
 * ECharts in it, and the fonts for PNG. `npm run build` runs it on the compiled files; ECharts and the fonts are for development only.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build } from 'esbuild'
import fontverter from 'fontverter'

const HERE = new URL('./', import.meta.url)
const ASSETS = new URL('assets/', HERE)
/** The style sheet is not compiled: it stays with the sources, two folders above dist/results/report. */
const STYLE = new URL('../../../results/report/page/page.css', HERE)

/** In the folder of the fonts. */
const FONT_LICENSE = import.meta.resolve('@fontsource/inter/LICENSE')

/** ECharts, and what it draws with, are in what is built, and so in every page. */
const LIBRARY_LICENSES = ['echarts/LICENSE', 'echarts/NOTICE', 'zrender/LICENSE'].map(
  name => [name, import.meta.resolve(name)] as const,
)
const BANNER =
  '/*! With Apache ECharts, Copyright 2017-2026 The Apache Software Foundation (Apache License 2.0, apache.org/licenses/LICENSE-2.0), and zrender, Copyright (c) 2017 Baidu Inc. (BSD 3-Clause License). */'

const COMMON = {
  bundle: true,
  minify: true,
  charset: 'utf8',
  legalComments: 'inline',
  logLevel: 'warning',
  define: { 'process.env.NODE_ENV': '"production"' },
} as const satisfies BuildOptions

mkdirSync(ASSETS, { recursive: true })
await bundle(path('page/main.js'), 'page.js', {
  format: 'iife',
  banner: { js: BANNER },
  target: ['chrome115', 'firefox115', 'safari17'],
})
await bundle(path('page/received.js'), 'received.js', {
  format: 'iife',
  target: ['chrome115', 'firefox115', 'safari17'],
})
await bundle(fileURLToPath(STYLE), 'page.css', { target: ['chrome123', 'firefox120', 'safari17.5'] })
await bundle(path('charts/engine.js'), 'charts.js', {
  format: 'esm',
  banner: { js: BANNER },
  platform: 'node',
  target: 'node20',
})
for (const weight of [400, 600]) {
  const font = readFileSync(new URL(`files/inter-latin-${weight}-normal.woff`, FONT_LICENSE))
  writeFileSync(path(`assets/inter-${weight}.ttf`), await fontverter.convert(font, 'sfnt'))
}
copyFileSync(new URL(FONT_LICENSE), path('assets/inter-LICENSE.txt'))
for (const [name, address] of LIBRARY_LICENSES)
  copyFileSync(new URL(address), path(`assets/${name.replace('/', '-')}.txt`))

async function bundle(from: string, name: string, options: BuildOptions): Promise<void> {
  await build({ ...COMMON, entryPoints: [from], outfile: path(`assets/${name}`), ...options })
}

function path(name: string): string {
  return fileURLToPath(new URL(name, HERE))
}
