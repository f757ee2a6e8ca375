/** Charts as SVG and PNG. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { loadChartEngine } from '../../../results/report/assets.ts'
import { PAGE_PALETTE } from '../../../results/report/charts/palette.ts'
import { renderPicture } from '../../../results/report/picture.ts'
import { toPng } from '../../../results/report/png.ts'
import { charts } from '../../support/charts-of.ts'
import { chunkSweep, mainJob, rounds, stream } from '../../support/results-samples.ts'

describe('pictures of charts', () => {
  it('are SVG without scripts, styles or handles, and the same at every call', async () => {
    const engine = await loadChartEngine()
    for (const chart of charts(
      chunkSweep(() => 0.1),
      mainJob(),
    )) {
      const view = { palette: PAGE_PALETTE, width: 700 }
      const svg = engine.draw(chart.spec, view, chart.id)
      assert.match(svg, /^<svg width="700" height="\d+"/)
      assert.doesNotMatch(svg, /<style|<script|class=|ecmeta|NaN|undefined/)
      assert.equal(engine.draw(chart.spec, view, chart.id), svg)
      assert.ok(svg.includes('var(--'), 'it follows the colours of the page')
      assert.doesNotMatch(renderPicture(chart, engine), /var\(--/)
    }
  })

  it('escape the names that they bear', async () => {
    const engine = await loadChartEngine()
    const evil = '<script>alert(1)</script>&"'
    for (const chart of charts(
      rounds(3, () => stream(1e9, { variant: evil, transport: evil })),
      mainJob(),
    )) {
      const picture = renderPicture({ ...chart, title: evil }, engine)
      assert.doesNotMatch(picture, /<script/)
    }
  })

  it('become PNG, with their texts drawn', async () => {
    const engine = await loadChartEngine()
    const [chart] = charts(mainJob())
    assert(chart)
    const svg = renderPicture(chart, engine)
    const png = Buffer.from(await toPng(svg))
    assert.deepEqual([...png.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
    assert.equal(png.readUInt32BE(16), 1920)
    const [, height = 0] = /height="(\d+)"/.exec(svg) ?? []
    assert.equal(png.readUInt32BE(20), 2 * Number(height))
    const silent = Buffer.from(await toPng(svg.replaceAll(/>[^<>]+<\/text>/g, '></text>')))
    assert.ok(png.length > 1.3 * silent.length, `${png.length} B with texts, ${silent.length} B without`)
  })
})
