import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { withoutChromium } from './chromium.ts'
import { reportPages } from './report-pages.ts'

describe('the tables of a report in Chromium', { skip: withoutChromium }, () => {
  const { pageOf } = reportPages()

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
})
