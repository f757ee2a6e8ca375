import assert from 'node:assert/strict'
import { describe } from 'node:test'
import type { Page } from 'playwright-core'
import { it } from '../support/patient.ts'
import { withoutChromium } from './chromium.ts'
import { HOSTILE, hostilePage } from './hostile-page.ts'
import { prepareForAxe, violationsOf } from './page-reading.ts'
import { COMMAND, reportPages } from './report-pages.ts'

/** Layout shift of a button by less than a pixel, as a phone on a busy machine sizes its text late; a line of text is over 0.01. */
const LEAST_SHIFT = 0.001

describe('the page of a report in Chromium', { skip: withoutChromium }, () => {
  const { open, openHtml, openShared, pageOf } = reportPages()

  it('asks the network for nothing, complains of nothing, and nothing in it moves', async () => {
    for (const name of ['sweep', 'files']) {
      const { page, complaints, requests } = await openShared(name)
      await page.mouse.wheel(0, 4000)
      await page.waitForTimeout(100)
      assert.deepEqual(complaints, [])
      assert.deepEqual(requests, [])
      assert.ok((await shiftsOf(page)) <= LEAST_SHIFT)
      assert.equal(await page.evaluate(() => document.getAnimations().length), 0)
    }
  })

  it('is used with the keyboard alone', async () => {
    const page = await pageOf('main')
    await page.keyboard.press('Tab')
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to the content')
    await page.keyboard.press('Enter')
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'main')
    const reached = new Set<string>()
    for (let presses = 0; presses < 60; presses++) {
      await page.keyboard.press('Tab')
      const { name, outline } = await page.evaluate(() => {
        const { activeElement: active } = document
        const style = active ? getComputedStyle(active) : undefined
        return { name: `${active?.tagName}.${active?.className}`, outline: style?.outlineStyle }
      })
      // The end of the page.
      if (name === 'BODY.') break
      reached.add(name)
      assert.notEqual(outline, 'none', `${name} shows that it has the focus`)
      if (name === 'DIV.plot') {
        await page.keyboard.press('ArrowRight')
        assert.match(
          (await page.locator('#spoken').textContent()) ?? '',
          /^(?:udp-header|tcp|trial 1, round 1|[\d.]+ [GM]bit\/s, round \d+): /,
        )
        assert.equal(await page.locator('.reading:visible').count(), 1)
        await page.keyboard.press('Escape')
        assert.equal(await page.locator('.reading:visible').count(), 0)
      }
      if (name === 'BUTTON.sort') {
        await page.keyboard.press('Enter')
        assert.equal(await page.locator('th[aria-sort="ascending"]').count(), 1)
      }
    }
    for (const name of [
      'BUTTON.key',
      'BUTTON.switch',
      'DIV.plot',
      'SUMMARY.',
      'BUTTON.sort',
      'SELECT.',
      'DIV.scroll',
    ])
      assert.ok(reached.has(name), `${name} is reached, of ${[...reached].join(' ')}`)
  })

  it('is dark where the system is, and as a person says', async () => {
    const ground = (page: Page) =>
      page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
    const line = (page: Page) =>
      page.$eval('#goodput-1 svg [fill="var(--line-0)"]', each => getComputedStyle(each).fill)
    const light = await pageOf('main')
    await using dark = await open('main', { colorScheme: 'dark' })
    const [bright, dim] = [await ground(light), await ground(dark.page)]
    assert.equal(bright, 'rgb(255, 255, 255)')
    assert.notEqual(dim, bright)
    assert.notEqual(await line(light), await line(dark.page))
    assert.equal(await dark.page.textContent('#theme'), 'Light colours')
    await dark.page.click('#theme')
    assert.equal(await ground(dark.page), bright)
    assert.equal(await dark.page.textContent('#theme'), 'Dark colours')
    await light.click('#theme')
    assert.equal(await ground(light), dim)
    await light.click('#theme')
  })

  it('fits a phone of 320 px without scrolling sideways', async () => {
    for (const name of ['sweep', 'files']) {
      await using opened = await open(name, { viewport: { width: 320, height: 640 }, isMobile: true })
      const { page } = opened
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320)
      assert.ok((await shiftsOf(page)) <= LEAST_SHIFT)
      const widths = await page.$$eval('.plot svg', all =>
        all.map(each => each.getBoundingClientRect().width),
      )
      assert.ok(widths.every(width => width > 200 && width <= 320))
    }
  })

  it('paper is light, and nothing is there to press', async () => {
    const page = await pageOf('sweep')
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    assert.equal(
      await page
        .locator('nav, #theme, .tools, .switch, [data-copy], [data-csv], summary')
        .locator('visible=true')
        .count(),
      0,
    )
    assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), 'light')
    assert.equal(await page.locator('details').locator('visible=true').count(), 0)
    await page.emulateMedia({ media: 'screen', colorScheme: null })
    const pdf = await page.pdf({ format: 'A4' })
    assert.equal(pdf.subarray(0, 5).toString(), '%PDF-')
  })

  it('without a script the pictures and tables are there, and nothing to press', async () => {
    await using opened = await open('sweep', { javaScriptEnabled: false })
    const { page, complaints } = opened
    assert.deepEqual(complaints, [])
    assert.equal(await page.locator('.plot svg').count(), await page.locator('.plot').count())
    assert.ok((await page.locator('#goodput-1 svg text', { hasText: '65,508' }).count()) > 0)
    assert.equal(await page.locator('.tools, #theme, [data-copy]').locator('visible=true').count(), 0)
    assert.equal(await page.locator('table[data-interactive] tbody tr').count(), 24)
  })

  it('the command is copied as it stands there', async () => {
    const page = await pageOf('main')
    await page.click('[data-copy]')
    const copied = await page.evaluate(() => navigator.clipboard.readText())
    assert.equal(copied, `bench ${COMMAND}`)
    assert.equal(await page.locator('[data-copy]').textContent(), 'Copied')
    assert.equal(await page.locator('#spoken').textContent(), 'Copied')
  })

  it('axe finds nothing to object to, in light, in dark and on a phone', async () => {
    const files = await pageOf('files')
    await prepareForAxe(files)
    assert.deepEqual(await violationsOf(files), [], 'files in light')
    // The last test of this page.
    const page = await pageOf('sweep')
    await prepareForAxe(page)
    assert.deepEqual(await violationsOf(page), [], 'in light')
    // Dark differs in colours only.
    await page.emulateMedia({ colorScheme: 'dark' })
    assert.deepEqual(await violationsOf(page, ['color-contrast', 'link-in-text-block']), [], 'in dark')
    await page.setViewportSize({ width: 320, height: 640 })
    assert.deepEqual(await violationsOf(page), [], 'on a phone')
  })

  it('of a hostile CSV it stays text, whatever stands in its columns', async () => {
    await using opened = await openHtml('hostile', await hostilePage())
    const { page, complaints, requests } = opened
    await page.$$eval('button', buttons => {
      for (const button of buttons) if (button instanceof HTMLButtonElement) button.click()
    })
    await page.locator('.plot').first().focus()
    await page.keyboard.press('ArrowRight')
    assert.equal(await page.evaluate(() => Reflect.get(globalThis, 'pwned')), undefined)
    assert.deepEqual(requests, [])
    assert.deepEqual(complaints, [])
    assert.equal(
      await page.locator('img, iframe, object, embed, base, meta[http-equiv="refresh"]').count(),
      0,
    )
    assert.equal(await page.locator('script').count(), 2)
    const text = (await page.locator('main').textContent()) ?? ''
    for (const hostile of HOSTILE.slice(0, 4))
      assert.ok(text.includes(hostile), `${hostile} stands there as text`)
  })
})

function shiftsOf(page: Page): Promise<number> {
  return page.evaluate(() => Number(Reflect.get(globalThis, 'shifts')))
}
