/** The page of `bench receive --view` in Chromium: shows what comes, by itself, as pictures and text alone. */
import assert from 'node:assert/strict'
import { after, before, describe } from 'node:test'
import { PictureView } from '../../bench/cli/transfers/picture-view.ts'
import { makePayload } from '../../transports/payload/made.ts'
import { it } from '../support/patient.ts'
import { Chromium, withoutChromium } from './chromium.ts'
import { prepareForAxe, violationsOf } from './page-reading.ts'

describe('the page of received pictures in Chromium', { skip: withoutChromium }, () => {
  let chromium: Chromium
  before(async () => {
    chromium = await Chromium.start()
  })
  after(() => chromium[Symbol.asyncDispose]())

  it('shows what comes, markup as text, and says when the receiver has ended', async () => {
    const view = await PictureView.open(0)
    await using opened = await chromium.open(view.url)
    const { page } = opened
    assert.match((await page.textContent('#status')) ?? '', /^Nothing has arrived yet/)
    const markup = '<img src="x" onerror="alert(1)"><script>alert(2)</script>'
    view.add(`0001  ${markup}`, [makePayload('png', 9000, 1)])
    view.add('0002', [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(3)"/>')])
    view.add('0003', [makePayload('bmp', 9000, 1)])
    view.add('0004', [makePayload('jpeg', 9000, 1).subarray(0, 6000)])
    await page.waitForSelector('figure:nth-child(4) img')
    await page.waitForFunction(() => [...document.images].every(each => each.complete))
    assert.deepEqual(
      await page.$$eval('.pictures img', all =>
        all.map(each => (each instanceof HTMLImageElement ? each.naturalWidth > 0 : false)),
      ),
      [true, true, true],
    )
    assert.deepEqual(await page.$$eval('figcaption', all => all.map(each => each.textContent)), [
      '0004',
      '0003',
      '0002',
      `0001 · ${markup}`,
    ])
    assert.equal(await page.textContent('figure:nth-child(3) p'), 'not a PNG, JPEG or BMP')
    await prepareForAxe(page)
    assert.deepEqual(await violationsOf(page), [])
    assert.deepEqual(opened.complaints, [])
    assert.ok(opened.requests.every(each => each.startsWith(view.url) || each.startsWith('data:')))
    await view[Symbol.asyncDispose]()
    await page.waitForFunction(() => document.querySelector('#status')?.textContent?.includes('has ended'))
    assert.equal(await page.locator('figure').count(), 4)
  })
})
