import assert from 'node:assert/strict'
import { describe } from 'node:test'
import { median } from '../../results/statistics/quantiles.ts'
import { it } from '../support/patient.ts'
import { withoutChromium } from './chromium.ts'
import { markersOf } from './page-reading.ts'
import { reportPages, sweep } from './report-pages.ts'

describe('the charts of a report in Chromium', { skip: withoutChromium }, () => {
  const { open, pageOf } = reportPages()

  it('draws the medians of a sweep where the axis says that they are', async () => {
    const page = await pageOf('sweep')
    await page.click('#goodput-1 [data-switch="log"]')
    const records = sweep().filter(each => each.transport === 'tcp')
    const chunks = [...new Set(records.map(each => each.chunk_bytes))]
    const expected = chunks.map(chunk =>
      median(records.flatMap(each => (each.chunk_bytes === chunk ? (each.goodput_bps ?? []) : []))),
    )
    const drawn = await markersOf(page, '#goodput-1', 0)
    assert.equal(drawn.length, expected.length)
    await page.click('#goodput-1 [data-switch="log"]')
    drawn.forEach((value, index) => {
      const truth = expected[index] ?? Number.NaN
      assert.ok(
        Math.abs(value - truth) < 0.01 * Math.max(...expected.map(Number)),
        `${value} is not ${truth}`,
      )
    })
  })

  it('a key of the legend takes its line away and brings it back; single trials can be left out', async () => {
    const page = await pageOf('sweep')
    const pieces = (color: number) =>
      page
        .locator(`#goodput-1 .plot svg :is([stroke="var(--line-${color})"], [fill="var(--line-${color})"])`)
        .count()
    const whole = await pieces(1)
    await page.click('#goodput-1 [data-line="udp-header"]')
    assert.equal(await pieces(1), 0)
    assert.ok((await pieces(0)) > 0)
    assert.equal(await page.getAttribute('#goodput-1 [data-line="udp-header"]', 'aria-pressed'), 'false')
    await page.click('#goodput-1 [data-line="udp-header"]')
    assert.equal(await pieces(1), whole)
    await page.click('#goodput-1 [data-switch="trials"]')
    // Seven trials at each of seven chunks that were not refused.
    assert.equal(whole - (await pieces(1)), 49)
    await page.click('#goodput-1 [data-switch="trials"]')
    assert.equal(await pieces(1), whole)
  })

  it('refusals are crosses on the axis, with a logarithm of values, too; an axis of loss ends at 100 %', async () => {
    const page = await pageOf('sweep')
    const read = () =>
      page.$eval('#goodput-1 .plot svg', svg => {
        const box = (each: Element) => each.getBoundingClientRect()
        const crosses = [...svg.querySelectorAll('path[fill="none"][stroke-width="2"]')]
          .map(box)
          .filter(({ width, height }) => width < 14 && height < 14)
        const ticks = [...svg.querySelectorAll('path')].map(box).filter(({ width }) => width > 300)
        const axis = Math.max(...ticks.map(({ bottom }) => bottom))
        return crosses.map(({ top, bottom }) => (top + bottom) / 2 - axis)
      })
    for (const _ of ['linear', 'log']) {
      const distances = await read()
      assert.equal(distances.length, 2)
      assert.ok(
        distances.every(each => Math.abs(each) < 2),
        `${distances} px from the axis`,
      )
      await page.click('#goodput-1 [data-switch="log"]')
    }
    for (const _ of ['linear', 'log']) {
      const labels = await page.$$eval('#loss-1 .plot svg text', all =>
        all.map(each => each.textContent ?? ''),
      )
      const shares = labels.flatMap(each => (each.endsWith(' %') ? [Number.parseFloat(each)] : []))
      assert.ok(shares.length > 1 && Math.max(...shares) <= 100, shares.join(' '))
      await page.click('#loss-1 [data-switch="log"]')
    }
  })

  it('the first and the last tick of a sweep are labelled on a phone, too', async () => {
    await using opened = await open('sweep', { viewport: { width: 390, height: 800 }, isMobile: true })
    const labels = await opened.page.$$eval('#goodput-1 .plot svg text', all =>
      all.map(each => each.textContent),
    )
    assert.ok(labels.includes('64') && labels.includes('65,508'), labels.join(' '))
  })

  it('two long sweeps are maps of cells that the pointer reads', async () => {
    await using opened = await open('heat')
    const { page } = opened
    assert.ok((await page.locator('figure.chart').count()) <= 6)
    const plot = page.locator('#goodput-1 .plot')
    await plot.scrollIntoViewIfNeeded()
    const cell = await plot
      .locator('svg text', { hasText: /^2\.00$/ })
      .first()
      .boundingBox()
    assert(cell)
    await page.mouse.move(cell.x + cell.width / 2, cell.y + cell.height / 2)
    const reading = page.locator('#goodput-1 .reading')
    assert.equal(await reading.locator('.title').textContent(), 'chunk (B) 1,024, size (B) 65,536')
    assert.equal(await reading.locator('.text').textContent(), '2.00 Gbit/s, 3 trials')
  })

  it('the pointer reads what is nearest to it', async () => {
    const page = await pageOf('sweep')
    const plot = page.locator('#goodput-1 .plot')
    await plot.scrollIntoViewIfNeeded()
    const box = await plot.boundingBox()
    assert(box)
    await page.mouse.move(box.x + box.width - 30, box.y + 100)
    const reading = page.locator('#goodput-1 .reading')
    assert.equal(await reading.locator('.title').textContent(), 'chunk (B) 65,508')
    assert.deepEqual(await reading.locator('.text').allTextContents(), [
      '10.2 Gbit/s (9.87 – 10.6)',
      'refused',
      'refused',
    ])
    const inside = await reading.boundingBox()
    assert(inside)
    assert.ok(inside.x >= box.x && inside.x + inside.width <= box.x + box.width, 'it stays within the plot')
  })
})
