/** What is seen first: an answer and a chart, on a laptop and on a phone, in light, dark and on paper. */
import assert from 'node:assert/strict'
import { describe } from 'node:test'
import type { Page } from 'playwright-core'
import { it } from '../support/patient.ts'
import { withoutChromium } from './chromium.ts'
import { prepareForAxe, violationsOf } from './page-reading.ts'
import { REPORT_NAMES, reportPages } from './report-pages.ts'

const SCREENS = [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
] as const
/** px of a chart, below which nobody sees what it shows. */
const SEEN_PX = 80

describe('the first screen of a report in Chromium', { skip: withoutChromium }, () => {
  const { open } = reportPages()

  for (const viewport of SCREENS)
    it(`answers and draws at ${viewport.width} x ${viewport.height}, and nothing is wider than it`, async () => {
      for (const name of REPORT_NAMES)
        for (const colorScheme of ['light', 'dark'] as const) {
          await using opened = await open(name, { viewport, colorScheme })
          const { page } = opened
          const where = `${name}, ${colorScheme}`
          const answer = await page.locator('#summary > h3').first().boundingBox()
          assert.ok(answer && answer.y + answer.height < viewport.height, `${where}: an answer`)
          const plot = await page.locator('.plot').first().boundingBox()
          assert.ok(plot && plot.y + SEEN_PX < viewport.height, `${where}: a chart, at ${plot?.y}`)
          assert.equal(await widthOf(page), viewport.width, where)
          await prepareForAxe(page)
          assert.deepEqual(await violationsOf(page), [], where)
        }
    })

  it('on paper it begins with the answer, and is a few pages long', async () => {
    for (const name of REPORT_NAMES) {
      await using opened = await open(name, { viewport: SCREENS[0] })
      const { page } = opened
      const pdf = (await page.pdf({ format: 'A4' })).toString('latin1')
      const pages = pdf.match(/\/Type\s*\/Page\b/g)?.length ?? 0
      assert.ok(pages > 0 && pages <= 8, `${name}: ${pages} pages`)
    }
  })
})

function widthOf(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth)
}
