import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'node:test'
import { picturesSection } from '../../bench/cli/kept-pictures.ts'
import { BUILT_IN } from '../../bench/workloads/catalog.ts'
import { loadChartEngine, loadPage } from '../../results/report/assets.ts'
import { buildReport } from '../../results/report/build-report.ts'
import { renderHtml } from '../../results/report/html/page.ts'
import { keepPictures } from '../support/kept-pictures.ts'
import { it } from '../support/patient.ts'
import { withoutChromium } from './chromium.ts'
import { prepareForAxe, violationsOf } from './page-reading.ts'
import { reportPages } from './report-pages.ts'

describe('pictures on the page of a report in Chromium', { skip: withoutChromium }, () => {
  const { openHtml } = reportPages()

  it('are drawn, without a complaint of its policy, and a screen reader trips over nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-page-'))
    const records = keepPictures(folder, [20, 21, 40])
    const section = await picturesSection(folder, records, BUILT_IN)
    rmSync(folder, { recursive: true })
    assert(section)
    const report = buildReport({
      files: [{ label: 'p.csv', records }],
      sections: [section],
      version: '0.0.0',
    })
    const page = renderHtml(report, { ...loadPage(), engine: await loadChartEngine() })
    await using opened = await openHtml('pictures', page)
    const sizes = await opened.page.$$eval('.pictures img', all =>
      all.map(each =>
        each instanceof HTMLImageElement ? [each.naturalWidth, each.naturalHeight, each.width] : [],
      ),
    )
    assert.equal(sizes.length, 9)
    for (const [width = 0, height = 0, drawn = 0] of sizes)
      assert.ok(width > 50 && height > 50 && drawn <= width)
    assert.deepEqual(opened.complaints, [])
    assert.ok(opened.requests.every(each => each.startsWith('data:')))
    await prepareForAxe(opened.page)
    assert.deepEqual(await violationsOf(opened.page), [])
  })
})
