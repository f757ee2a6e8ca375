import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe } from 'node:test'
import { parse } from 'csv-parse/sync'
import { it } from '../support/patient.ts'
import { withoutChromium } from './chromium.ts'
import { reportPages } from './report-pages.ts'

describe('the tables of a report in Chromium', { skip: withoutChromium }, () => {
  const { open, pageOf } = reportPages()

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

  it('a copied address shows the same rows in the same order', async () => {
    const page = await pageOf('sweep')
    await page.fill('input[name="words"]', 'chunk')
    await page.fill('input[name="words"]', 'udp')
    await page.selectOption('select[name="transport"]', 'udp-marker')
    const sort = page.locator('th[aria-sort] button', { hasText: 'goodput' })
    await sort.click()
    await sort.click()
    const shown = () => page.locator('table[data-interactive] tbody tr:visible').allTextContents()
    const before = await shown()
    assert.equal(before.length, 8)
    const address = page.url()
    assert.match(address, /#cases\?words=udp&transport=udp-marker&sort=-goodput$/)
    await using again = await open('sweep')
    await again.page.goto(address)
    await again.page.reload()
    const same = await again.page.locator('table[data-interactive] tbody tr:visible').allTextContents()
    assert.deepEqual(same, before)
    assert.equal(await again.page.inputValue('input[name="words"]'), 'udp')
    assert.equal(await again.page.getAttribute('th[aria-sort="descending"]', 'aria-sort'), 'descending')
    const top = await again.page.locator('#cases').boundingBox()
    assert.ok(top && Math.abs(top.y) < 900, 'the table is on the screen')
    assert.deepEqual(again.complaints, [])
    // What is no column, and no value of one, shows all.
    await again.page.goto(`${address.split('?')[0]}?transport=nothing&sort=%3Cimg%3E`)
    assert.equal(await again.page.locator('.count').textContent(), '24 rows')
    await sort.click()
    await page.fill('input[name="words"]', '')
    await page.selectOption('select[name="transport"]', { index: 0 })
    assert.match(page.url(), /#cases$/)
  })

  it('saves the rows behind a chart, and those that a filter left, as CSV', async () => {
    const page = await pageOf('sweep')
    const rowsOf = async (table: string): Promise<readonly Record<string, string>[]> => {
      const downloading = page.waitForEvent('download')
      await page.click(`[data-csv="${table}"]`)
      const saved = await downloading
      assert.equal(saved.suggestedFilename(), `${table}.csv`)
      return parse(readFileSync(await saved.path(), 'utf8'), { columns: true })
    }
    const chart = await rowsOf('goodput-1-table')
    assert.equal(chart.length, await page.locator('#goodput-1-table tbody tr').count())
    const [first] = chart
    assert.equal(first?.['line'], 'tcp')
    assert.match(first?.['median (bit/s)'] ?? '', /^\d{8,}$/)
    await page.selectOption('select[name="transport"]', 'udp-marker')
    const cases = await rowsOf('cases-0')
    assert.equal(cases.length, 8)
    assert.ok(cases.every(each => each['transport'] === 'udp-marker'))
    assert.deepEqual(
      cases.map(each => each['chunk (B)']),
      ['64', '512', '1024', '1472', '9216', '32768', '65507', '65508'],
    )
    await page.selectOption('select[name="transport"]', { index: 0 })
  })
})
