import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { loadChartEngine, loadPage } from '../../results/report/assets.ts'
import { buildReport } from '../../results/report/build-report.ts'
import { renderHtml } from '../../results/report/html/page.ts'
import { it } from '../support/patient.ts'
import { record } from '../support/results-samples.ts'
import { withoutChromium } from './chromium.ts'
import { prepareForAxe, violationsOf } from './page-reading.ts'
import { reportPages } from './report-pages.ts'

const HOSTS = ['a', '<b>bold</b>', 'c', 'd']

describe('the map of a fleet in Chromium', { skip: withoutChromium }, () => {
  const { openHtml } = reportPages()

  it('is one map at a time, whose cells are read by pointer, without a complaint, also for a screen reader', async () => {
    const records = ['tcp', 'udp-header'].flatMap(transport =>
      HOSTS.flatMap((pair_from, index) =>
        HOSTS.filter(to => to !== pair_from).map(pair_to =>
          record({
            ...{ direction: 'third-party', transport, pair_from, pair_to },
            goodput_bps: 1e8 * (index + 1) * (transport === 'tcp' ? 1 : 2),
          }),
        ),
      ),
    )
    const report = buildReport({ files: [{ label: 'f.csv', records }], version: '0.0.0' })
    const html = renderHtml(report, { ...loadPage(), engine: await loadChartEngine() })
    await using opened = await openHtml('hosts', html)
    const { page } = opened
    const texts = () => page.$$eval('#hosts .plot svg text', all => all.map(each => each.textContent))
    assert.ok((await texts()).includes('goodput, tcp (Mbit/s)'))
    assert.ok((await texts()).includes('400'))
    await page.click('#hosts [data-choice="1"]')
    assert.ok((await texts()).includes('goodput, udp-header (Mbit/s)'))
    assert.ok((await texts()).includes('800'))
    const pressed = await page.$$eval('#hosts [data-choice]', all =>
      all.map(each => each.getAttribute('aria-pressed')),
    )
    assert.deepEqual(pressed, ['false', 'true'])
    await page.locator('#hosts .plot svg text', { hasText: /^400$/ }).first().hover()
    assert.match(
      (await page.textContent('#hosts .reading')) ?? '',
      /^<b>bold<\/b> to a.*goodput, tcp200 Mbit\/s.*goodput, udp-header400 Mbit\/s/,
    )
    assert.deepEqual(opened.complaints, [])
    await prepareForAxe(page)
    assert.deepEqual(await violationsOf(page), [])
  })
})
