/**
 * The picture in the README: the main command on a terminal, and the report of its rows, as they were a moment ago. `npm run screenshot`
 * writes docs/screenshot.png.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AnsiUp } from 'ansi_up'
import { Chromium, withoutChromium } from './chromium.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const CLI = join(ROOT, 'dist/bench/cli.js')
const WORDS = ['run', '--size', '800k', '--chunk', '1024']
const COLUMNS = 96
const PAGE = { width: 1100, height: 1000 }
const BOTH = { width: 2000, height: 1100 }

if (withoutChromium) throw new Error(withoutChromium)
const folder = mkdtempSync(join(tmpdir(), 'bench-screenshot-'))
try {
  const printed = bench([...WORDS, '-o', 'results.csv'])
  bench(['report', 'results.csv', '-o', 'report.html'])
  await using chromium = await Chromium.start()
  await using report = await chromium.open(join(folder, 'report.html'), {
    viewport: PAGE,
    colorScheme: 'light',
  })
  const picture = await report.page.screenshot({ type: 'png' })
  writeFileSync(join(folder, 'both.html'), composed(printed, picture))
  await using both = await chromium.open(join(folder, 'both.html'), { viewport: BOTH })
  await both.page.locator('main').screenshot({ path: join(ROOT, 'docs/screenshot.png') })
} finally {
  rmSync(folder, { recursive: true })
}

/** What it prints, as on a terminal with colours. */
function bench(words: readonly string[]): string {
  const env = { ...process.env, FORCE_COLOR: '1', COLUMNS: String(COLUMNS) }
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...words], {
    cwd: folder,
    env,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return stdout
}

function composed(printed: string, picture: Buffer): string {
  const converter = new AnsiUp()
  const text = converter.ansi_to_html(printed.trimEnd())
  return `<style>
    main { display: inline-flex; gap: 16px; padding: 16px; background: #d8dee6; align-items: flex-start }
    pre { margin: 0; padding: 16px; background: #14181d; color: #d7dde4; font: 13px/1.35 'DejaVu Sans Mono', monospace; border-radius: 6px; width: ${COLUMNS}ch }
    b { color: #8fd19e; font-weight: normal }
    img { width: ${PAGE.width * 0.8}px; border-radius: 6px }
  </style>
  <main><pre><b>$</b> npx bench ${WORDS.join(' ')}\n\n${text}</pre><img src="data:image/png;base64,${picture.toString('base64')}"></main>`
}
