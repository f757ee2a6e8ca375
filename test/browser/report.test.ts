import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { loadChartEngine, loadPage } from '../../results/report/assets.ts'
import { buildReport } from '../../results/report/build-report.ts'
import { renderHtml } from '../../results/report/html/page.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { median } from '../../results/statistics/quantiles.ts'
import { chunkSweep, mainJob, manifest } from '../results-samples.ts'
import { Chromium, type Opened, withoutChromium } from './chromium.ts'
import { HOSTILE, hostilePage } from './hostile-page.ts'
import { markersOf, prepareForAxe, violationsOf } from './page-reading.ts'

const loss = (chunk: number) => (chunk < 2000 ? 0.3 : 0)
const sweep = () => chunkSweep(loss)

/** As the files say. */
const COMMAND = 'run --size 800k --chunk 1024 --seed 1'

describe('the page of a report in Chromium', { skip: withoutChromium }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'bench-page-'))
  const paths = new Map<string, string>()
  let chromium: Chromium
  /** Pages of the tests that leave a page as they found it. */
  const shared = new Map<string, Promise<Opened>>()

  before(async () => {
    chromium = await Chromium.start()
    const assets = { ...loadPage(), engine: await loadChartEngine() }
    const pages: Readonly<Record<string, readonly TrialRecord[][]>> = {
      main: [[...mainJob()]],
      sweep: [[...sweep()]],
      files: [
        [...mainJob()],
        mainJob().map(each => ({ ...each, run_id: '20260302T120000Z-efgh', node_version: '24.1.0' })),
      ],
    }
    for (const [name, files] of Object.entries(pages)) {
      const labelled = files.map((records, index) => ({
        label: `${name}-${index + 1}.csv`,
        records,
        manifests: [manifest(COMMAND)],
      }))
      const path = join(folder, `${name}.html`)
      writeFileSync(path, renderHtml(buildReport({ files: labelled, version: '0.0.0' }), assets))
      paths.set(name, path)
    }
  })
  after(async () => {
    await chromium?.[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })

  async function pageOf(name: string): Promise<Page> {
    return (await openShared(name)).page
  }

  function openShared(name: string): Promise<Opened> {
    const opened = shared.get(name) ?? open(name, { permissions: ['clipboard-read', 'clipboard-write'] })
    shared.set(name, opened)
    return opened
  }

  function open(name: string, options?: BrowserContextOptions): Promise<Opened> {
    return chromium.open(paths.get(name) ?? '', options)
  }

  it('asks the network for nothing, complains of nothing, and nothing in it moves', async () => {
    for (const name of ['sweep', 'files']) {
      const { page, complaints, requests } = await openShared(name)
      await page.mouse.wheel(0, 4000)
      await page.waitForTimeout(100)
      assert.deepEqual(complaints, [])
      assert.deepEqual(requests, [])
      assert.equal(await page.evaluate(() => Reflect.get(globalThis, 'shifts')), 0)
      assert.equal(await page.evaluate(() => document.getAnimations().length), 0)
    }
  })

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

  it('the table of cases sorts by what its cells are worth, and forgets it again', async () => {
    const page = await pageOf('sweep')
    const column = () =>
      page.$$eval('table[data-interactive] tbody tr', rows =>
        rows.map(row => row.querySelectorAll('th, td')[2]?.textContent ?? ''),
      )
    const values = () =>
      page.$$eval('table[data-interactive] tbody tr', rows =>
        rows.map(row =>
          Number(row.querySelectorAll<HTMLElement>('th, td')[2]?.dataset['value'] ?? Number.NaN),
        ),
      )
    const before = await column()
    const head = page.locator('table[data-interactive] thead th').nth(2)
    await head.locator('button').click()
    assert.equal(await head.getAttribute('aria-sort'), 'ascending')
    const ascending = await values()
    const known = ascending.filter(value => !Number.isNaN(value))
    assert.deepEqual(
      known,
      known.toSorted((a, b) => a - b),
    )
    assert.ok(
      ascending.slice(known.length).every(Number.isNaN),
      'what was refused has no goodput and comes last',
    )
    await head.locator('button').click()
    assert.equal(await head.getAttribute('aria-sort'), 'descending')
    assert.deepEqual((await values()).slice(0, known.length), known.toReversed())
    await head.locator('button').click()
    assert.equal(await head.getAttribute('aria-sort'), 'none')
    assert.deepEqual(await column(), before)
  })

  it('filters by words and choices, and tells how many rows are left', async () => {
    const page = await pageOf('sweep')
    const shown = () => page.locator('table[data-interactive] tbody tr:visible').count()
    const count = page.locator('.count')
    assert.equal(await count.textContent(), '24 rows')
    await page.fill('input[name="words"]', 'UDP 65,508')
    assert.equal(await shown(), 2)
    assert.equal(await count.textContent(), '2 of 24 rows')
    await page.fill('input[name="words"]', '')
    await page.selectOption('.tools select >> nth=0', 'udp-marker')
    assert.equal(await count.textContent(), '8 of 24 rows')
    await page.fill('input[name="words"]', 'nothing like it')
    assert.equal(await shown(), 0)
    assert.equal(await count.textContent(), '0 of 24 rows')
    await page.fill('input[name="words"]', '')
    await page.selectOption('.tools select >> nth=0', { index: 0 })
    assert.equal(await count.textContent(), '24 rows')
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
          /^(?:udp-header|tcp|trial 1, round 1): /,
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
    assert.equal(await dark.page.getAttribute('#theme', 'aria-pressed'), 'true')
    await dark.page.click('#theme')
    assert.equal(await ground(dark.page), bright)
    assert.equal(await dark.page.getAttribute('#theme', 'aria-pressed'), 'false')
    await light.click('#theme')
    assert.equal(await ground(light), dim)
    await light.click('#theme')
  })

  it('fits a phone of 320 px without scrolling sideways', async () => {
    for (const name of ['sweep', 'files']) {
      await using opened = await open(name, { viewport: { width: 320, height: 640 }, isMobile: true })
      const { page } = opened
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320)
      assert.equal(await page.evaluate(() => Reflect.get(globalThis, 'shifts')), 0)
      const widths = await page.$$eval('.plot svg', all =>
        all.map(each => each.getBoundingClientRect().width),
      )
      assert.ok(widths.every(width => width > 200 && width <= 320))
    }
  })

  it('on paper everything is open, light, and nothing is there to press', async () => {
    const page = await pageOf('sweep')
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    assert.equal(
      await page
        .locator('nav, #theme, .tools, .switch, [data-copy], summary')
        .locator('visible=true')
        .count(),
      0,
    )
    assert.equal(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme), 'light')
    const tables = page.locator('details table')
    assert.ok((await tables.count()) > 3)
    for (const table of await tables.all()) assert.ok(await table.isVisible())
    await page.emulateMedia({ media: 'screen', colorScheme: null })
    await page.waitForFunction(() => document.querySelectorAll('details[open]').length === 0)
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
    const path = join(folder, 'hostile.html')
    writeFileSync(path, await hostilePage())
    await using opened = await chromium.open(path)
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
