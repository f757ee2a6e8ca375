import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { renderMarkdown } from '../../../results/document/markdown.ts'
import { html, json } from '../../../results/document/markup.ts'
import type { Document } from '../../../results/document/model.ts'
import { loadChartEngine, loadPage } from '../../../results/report/assets.ts'
import { buildReport } from '../../../results/report/build-report.ts'
import {
  COLORS,
  FULLEST_CELL,
  LINE_COLORS,
  PAPER_PALETTE,
  PART_COLORS,
} from '../../../results/report/charts/palette.ts'
import { renderHtml } from '../../../results/report/html/page.ts'
import { chunkSweep, mainJob, manifest, rounds, stream } from '../../support/results-samples.ts'

const PAGE = loadPage()

describe('text that becomes HTML', () => {
  it('whatever is put into a template is escaped once, and only what is HTML already is not', () => {
    const evil = `<b>&"'`
    assert.equal(
      html`<i title="${evil}">${evil}</i>`.text,
      '<i title="&lt;b&gt;&amp;&quot;&#39;">&lt;b&gt;&amp;&quot;&#39;</i>',
    )
    assert.equal(
      html`<p>${[html`<b>${'<'}</b>`, '>', 1, undefined, false]}</p>`.text,
      '<p><b>&lt;</b>&gt;1</p>',
    )
  })
  it('control characters become what a reader sees of them', () => {
    assert.equal(html`${'a\0b\u001b[31mc\u0085\td\n'}`.text, 'a\ufffdb\ufffd[31mc\ufffd\td\n')
  })
  it('JSON in a script element holds nothing that could end it, and reads as it was', () => {
    const value = { text: '</script><!--<script>\u2028\u2029&amp;', list: [1, null] }
    const { text } = json(value)
    assert.doesNotMatch(text, /[<>&\u2028\u2029]/)
    assert.deepEqual(JSON.parse(text), value)
  })
})

describe('the page', async () => {
  const assets = { ...PAGE, engine: await loadChartEngine() }
  const page = (report: Document) => renderHtml(report, assets)
  const usual = page(
    buildReport({ files: [{ label: 'a.csv', records: chunkSweep(() => 0.2) }], version: '1.2.3' }),
  )

  it('is under 1 MB, also for a large sweep of two files', () => {
    assert.ok(usual.length < 1e6, `${usual.length}`)
    const records = [64, 128, 256, 512, 1024, 2048, 4096, 8192, 16_384].flatMap(chunk_bytes =>
      [65_536, 1024 ** 2, 16 * 1024 ** 2].flatMap(size_bytes =>
        ['tcp', 'udp-header', 'udp-marker'].flatMap(transport =>
          rounds(20, (_, noise) => stream(1e9 * noise, { chunk_bytes, size_bytes, transport })),
        ),
      ),
    )
    const files = ['a.csv', 'b.csv'].map(label => ({ label, records }))
    const large = page(buildReport({ files, version: '1.2.3' }))
    assert.ok(large.length < 1e6, `${large.length}`)
  })

  it('allows itself its own style and script alone, and names no address but where licences are', () => {
    const policy =
      /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(usual)?.[1]?.replaceAll('&#39;', "'") ??
      ''
    const digest = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
    const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(usual) ?? []
    const script = /<script>([\s\S]*?)<\/script>\n<\/body>/.exec(usual)?.[1] ?? ''
    assert.equal(script, PAGE.script)
    assert.ok(policy.includes(`script-src ${digest(script)};`))
    assert.ok(policy.includes(`style-src-elem ${digest(style)};`))
    assert.match(policy, /^default-src 'none'; /)
    assert.doesNotMatch(policy, /script-src[^;]*unsafe|connect-src/)
    assert.deepEqual(usual.replace(script, '').match(/(?:src|href)="(?!#|data:)[^"]*/g), null)
    assert.doesNotMatch(style, /url\(|@import/)
  })

  it('the script and the style cannot end their own elements', () => {
    assert.deepEqual(PAGE.script.match(/<\/script|<!--/i), null)
    assert.deepEqual(PAGE.style.match(/<\/style/i), null)
  })

  it('has one first heading, sections that the navigation leads to, and ids that are unique', () => {
    assert.equal([...usual.matchAll(/<h1>/g)].length, 1)
    const ids = [...usual.matchAll(/ id="([^"]+)"/g)].map(match => match[1])
    assert.equal(new Set(ids).size, ids.length)
    const links = [...usual.matchAll(/<a[^>]* href="#([^"]+)"/g)].map(match => match[1])
    assert.ok(links.length > 5)
    for (const link of links) assert.ok(ids.includes(link), `#${link}`)
  })

  it('what files have in common does not differ, however often each of them has it', () => {
    const file = (label: string, ...buffers: readonly number[]) => ({
      label,
      records: buffers.map((rcvbuf_bytes, index) =>
        stream(1e9, { run_id: label, round: index + 1, rcvbuf_bytes }),
      ),
    })
    const files = [file('a.csv', 1000, 2000, 2000), file('b.csv', 1000, 1000, 2000)]
    const text = renderMarkdown(buildReport({ files, version: '0' }))
    assert.match(text, /^\| rcvbuf given \| 2,000 B, 1,000 B \| 2,000 B, 1,000 B \| {2}\|$/m)
    const other = renderMarkdown(
      buildReport({ files: [file('a.csv', 1000), file('b.csv', 2000)], version: '0' }),
    )
    assert.match(other, /^\| rcvbuf given \| 1,000 B \| 2,000 B \| differs \|$/m)
  })
  it('takes further sections, such as a trend', () => {
    const report = buildReport({
      files: [{ label: 'a.csv', records: mainJob() }],
      sections: [
        {
          id: 'trend',
          title: 'Trend',
          blocks: [{ kind: 'text', text: ['It rose by ', { strong: '5 %' }, '.'] }],
        },
      ],
      version: '1.2.3',
    })
    assert.match(
      page(report),
      /<section id="trend" aria-labelledby="trend-title">\n<h2 id="trend-title"><a href="#trend">Trend<\/a><\/h2>\n<p>It rose by <strong>5\u00a0%<\/strong>\.<\/p>/,
    )
    assert.match(renderMarkdown(report), /## Trend\n\nIt rose by \*\*5 %\*\*\./)
  })

  it('tells what was left out, and warnings with their remedies', () => {
    const report = buildReport({
      files: [{ label: 'a.csv', records: mainJob() }],
      problems: ['a.csv: 3 of 63 rows left out'],
      title: 'My run',
      version: '1.2.3',
    })
    const text = page(report)
    for (const piece of [
      '<title>My run</title>',
      '<li><p>a.csv: 3 of 63 rows left out</p></li>',
      '<p class="remedy">try \u2060-\u2060-\u2060rcvbuf\u00204m',
    ])
      assert.ok(text.includes(piece), piece)
  })

  it('of many files and lines the first are shown, and it is told', () => {
    const files = Array.from({ length: 10 }, (_, index) => ({ label: `${index}.csv`, records: chunkSweep() }))
    const text = page(buildReport({ files, version: '1.2.3' }))
    assert.ok(text.includes('8 of 30 lines are drawn; the buttons show the others.'))
    const chart = text.slice(text.indexOf('id="goodput-1"'), text.indexOf('id="causes"'))
    assert.equal([...chart.matchAll(/class="key" aria-pressed="true"/g)].length, 8)
    assert.equal([...chart.matchAll(/class="key" aria-pressed="false"/g)].length, 22)
    assert.ok(text.includes('The charts and tables have the other 6 files.'))
    assert.ok(text.includes('So many files are not compared here; <code>bench compare</code> does that.'))
    assert.ok(!text.includes('<section id="files"'))
  })

  it('more cases than a page can take are cut, and it is told', () => {
    const records = Array.from({ length: 1200 }, (_, index) => stream(1e9, { size_bytes: index + 1 }))
    const text = page(buildReport({ files: [{ label: 'a.csv', records }], version: '1.2.3' }))
    assert.ok(text.includes('The first 1,000 of 1,200 cases; choose others with'))
    const table = text.slice(text.indexOf('<section id="cases"'), text.indexOf('<section id="environment"'))
    assert.equal([...table.matchAll(/<tr><th scope="row">tcp<\/th>/g)].length, 1000)
    assert.ok(text.includes('(the first 200 of 1,200 rows)'))
    assert.ok(text.length < 1.5e6, `${text.length}`)
  })
})

describe('the Markdown', () => {
  it('escapes whatever stands in names, and fences commands', () => {
    const evil = '|`*<img src=x>_[x](y)'
    const report = buildReport({
      files: [
        {
          label: `${evil}.csv`,
          records: rounds(3, () => stream(1e9, { variant: evil, file: '```.png' })),
          manifests: [manifest('run --file ```.png'), manifest('run --file \u001b[2J')],
        },
      ],
      version: '1.2.3',
    })
    const text = renderMarkdown(report)
    assert.doesNotMatch(text, /<img/)
    for (const table of text.split('\n\n').filter(each => each.startsWith('|'))) {
      const bars = table.split('\n').map(line => [...line.matchAll(/(?<!\\)\|/g)].length)
      assert.equal(new Set(bars).size, 1, table)
    }
    assert.ok(text.includes("\n````sh\nbench run --file '```.png'\n````\n"))
  })

  it('has the words, the tables and the command of the page, and no charts', () => {
    const text = renderMarkdown(
      buildReport({
        files: [
          { label: 'a.csv', records: mainJob(), manifests: [manifest('run --size 800k --chunk 1024')] },
        ],
        version: '1.2.3',
      }),
    )
    for (const heading of [
      'Summary',
      'Before you believe it',
      'Transport against transport',
      'All cases',
      'Environment',
      'Method',
    ])
      assert.ok(text.includes(`\n## ${heading}\n`), heading)
    assert.ok(!text.includes('## Charts'))
    assert.match(text, /```sh\nbench run --size 800k --chunk 1024\n```\n/)
  })
})

describe('colours', () => {
  it('of texts and lines stand out from the ground, in light and dark', () => {
    for (const mode of [0, 1] as const) {
      const ground = COLORS.surface[mode]
      for (const name of ['ink', 'muted', 'accent', 'good', 'bad', 'caution'] as const)
        assert.ok(contrast(COLORS[name][mode], ground) >= 4.5, name)
      for (const line of [...LINE_COLORS, ...PART_COLORS])
        assert.ok(contrast(line[mode], ground) >= 3, line[mode])
      for (const line of LINE_COLORS)
        assert.ok(contrast(COLORS.ink[mode], mixed(line[mode], ground, FULLEST_CELL)) >= 4.5, line[mode])
      assert.ok(contrast(COLORS.muted[mode], COLORS.raised[mode]) >= 4.5)
      assert.ok(contrast(COLORS.control[mode], ground) >= 3)
    }
    assert.deepEqual(
      PAPER_PALETTE.lines,
      LINE_COLORS.map(([light]) => light),
    )
  })
  it('colours of lines mean nothing: none is near that of good, bad or doubtful', () => {
    const tones = (['good', 'bad', 'caution'] as const).flatMap(name => COLORS[name].map(hueOf))
    for (const color of LINE_COLORS.flat()) {
      const apart = tones.map(tone => Math.abs(((hueOf(color) - tone + 540) % 360) - 180))
      assert.ok(saturationOf(color) < 0.15 || Math.min(...apart) > 25, color)
    }
  })
})

/** Of 0 to 255. */
function channelsOf(color: string): readonly [number, number, number] {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map(at => Number.parseInt(color.slice(at, at + 2), 16))
  return [r, g, b]
}

/** In degrees, red at 0. */
function hueOf(color: string): number {
  const [r, g, b] = channelsOf(color)
  return (Math.atan2(Math.sqrt(3) * (g - b), 2 * r - g - b) * 180) / Math.PI
}

function saturationOf(color: string): number {
  const channels = channelsOf(color)
  return 1 - Math.min(...channels) / Math.max(...channels)
}

/** A colour over another one, `share` opaque. */
function mixed(above: string, below: string, share: number): string {
  const parts = [1, 3, 5].map(at => {
    const [a = 0, b = 0] = [above, below].map(each => Number.parseInt(each.slice(at, at + 2), 16))
    return Math.round(share * a + (1 - share) * b)
      .toString(16)
      .padStart(2, '0')
  })
  return `#${parts.join('')}`
}

/** WCAG 2.2, relative luminance and contrast ratio. */
function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = channelsOf(color).map(channel => {
    const value = channel / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
