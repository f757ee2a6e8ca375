/** `bench report --kept`: what arrived beside what was sent; and files that are not what the rows say. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import { decodePicture } from '../../base/pictures/pictures.ts'
import { keptName } from '../../bench/measure/kept.ts'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { encode } from '../../results/store/formats.ts'
import { keepPictures, SIZE } from '../support/kept-pictures.ts'
import { it } from '../support/patient.ts'
import { datagrams, stream } from '../support/results-samples.ts'
import { bench, folder } from './cli.ts'

const HANG = { timeout: 120_000 }

/** The pictures of a page, in order, with their captions. */
async function picturesIn(page: string) {
  const figures = [
    ...page.matchAll(
      /<figure><img src="data:image\/png;base64,([\w+/=]+)".*?<figcaption>(.*?)<\/figcaption>/g,
    ),
  ]
  return Promise.all(
    figures.map(async ([, text = '', caption = '']) => {
      const found = await decodePicture('png', Buffer.from(text, 'base64'))
      assert(found)
      const pixel = (x: number, y: number) => [
        ...found.rgba.subarray((y * found.width + x) * 4).subarray(0, 4),
      ]
      return { ...found, caption: caption.replaceAll(/[\u2060\u00a0]/g, ' '), pixel }
    }),
  )
}

async function report(cwd: string, rows: readonly TrialRecord[], ...words: readonly string[]) {
  writeFileSync(join(cwd, 'r.jsonl'), encode('jsonl', rows))
  const { code, stderr } = await bench(['report', 'r.jsonl', '-o', 'r.html', '--force', ...words], { cwd })
  return { code, stderr, page: code === 0 ? readFileSync(join(cwd, 'r.html'), 'utf8') : '' }
}

describe('bench report --kept', { concurrency: 2 }, () => {
  const cwd = mkdtempSync(join(tmpdir(), 'bench-report-'))
  let page = ''
  before(async () => {
    const rows = keepPictures(cwd, [30, 31])
    page = (await report(cwd, rows, '--kept', '.', '-o', 'r.md')).page
  })
  after(() => rmSync(cwd, { recursive: true, force: true }))

  it('shows of each case the worst trial beside what was sent, lost chunks as holes and in a bar', async () => {
    const pictures = await picturesIn(page)
    assert.deepEqual(
      pictures.map(each => each.caption.replace(/[\d.]+ %/, 'some')),
      [1, 4, 7].flatMap(trial => [
        'as it was sent',
        `tcp: everything, the whole picture (trial ${trial})`,
        `udp-header: 59 of 61 chunks, some of the pixels (trial ${trial + 1}, the worst of 2)`,
      ]),
    )
    for (const [at, { width, height, pixel }] of pictures.entries()) {
      const partly = at % 3 === 2
      const middle = Math.floor((width * 30.6) / 60.5)
      const [red = 0, green = 0] = pixel(middle, height - 1)
      assert.equal(red > green, partly, 'the bar')
      assert.ok((pixel(1, height - 1)[1] ?? 0) > (pixel(1, height - 1)[0] ?? 0))
      const holes = Array.from({ length: height - 14 }, (_, y) => pixel(3, y)[3]).filter(
        opacity => opacity === 0,
      )
      assert.equal(holes.length > 0, partly, 'the picture')
    }
    assert.ok(page.length < 1.6e6)
    assert.match(readFileSync(join(cwd, 'r.md'), 'utf8'), /## Pictures\n[\s\S]*- udp-header: 59 of 61 chunks/)
  })

  it('shows a file as it arrived, if it arrived whole in one of the trials', HANG, async context => {
    const own = folder(context)
    const [sent, partial] = keepPictures(own, [30]).slice(6)
    assert(sent && partial)
    const rows = [sent, partial].map(row => ({ ...row, payload: undefined, file: 'photo.bmp' }))
    const first = await picturesIn((await report(own, rows, '--kept', '.')).page)
    assert.equal(first.length, 3)
    assert.match(first[2]?.caption ?? '', /^udp-header: 60 of 61 chunks, 9\d\.\d % of the pixels/)
    const { code, stderr, page: none } = await report(own, rows.slice(1), '--kept', '.')
    assert.deepEqual([code, none.includes('<figure>')], [0, false])
    assert.match(stderr, /^--kept \.: no picture that these results could show is in it\n/)
  })

  it('shows what a receiver of a group has of each chunk, at its place', HANG, async context => {
    const own = folder(context)
    const [, partial] = keepPictures(own, [3]).slice(6)
    assert(partial)
    const row = { ...partial, transport: 'udp-multicast' }
    const name = (each: TrialRecord) => join(own, keptName(each.run_id, each.trial, each))
    renameSync(name(partial), name(row))
    const [, arrived] = await picturesIn((await report(own, [row], '--kept', '.')).page)
    assert.match(arrived?.caption ?? '', /^udp-multicast: 60 of 61 chunks, 9\d\.\d % of the pixels/)
  })

  it('believes no file, and follows no row out of the folder', HANG, async context => {
    const own = folder(context)
    const kept = join(own, 'kept')
    const inside = folder(context)
    const asked = { payload: 'png', size_bytes: SIZE, chunk_bytes: 1000 } as const
    const markup = Buffer.from(
      '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/><script>alert(2)</script>',
    )
    const rows = [
      datagrams(1e9, 0, { ...asked, trial: 1 }),
      datagrams(1e9, 0, { ...asked, trial: 2, run_id: `../${inside}/x` }),
      datagrams(1e9, 0, { ...asked, trial: 3, size_bytes: 2 ** 40 }),
      datagrams(1e9, 0, { ...asked, trial: 4, chunk_bytes: 1 }),
      stream(1e9, { file: 'bomb.png', size_bytes: 64, trial: 5 }),
      stream(1e9, { file: 'page.svg', size_bytes: markup.length, trial: 6 }),
    ]
    const bomb = Buffer.alloc(64)
    Buffer.from('89504e470d0a1a0a0000000d494844520000ea600000ea600802000000', 'hex').copy(bomb)
    for (const row of rows) {
      const { trial } = row
      const bytes = trial === 5 ? bomb : markup
      const name = keptName(row.run_id, trial, row)
      if (!name.includes('/')) writeFileSync(join(own, name), bytes)
    }
    const { code, stderr, page } = await report(own, rows, '--kept', '.')
    assert.equal(code, 0, stderr)
    assert.ok(!page.includes('<figure>') && !page.includes('alert('))
    const missing = await report(own, rows, '--kept', kept)
    assert.deepEqual([missing.code, missing.stderr.trim().split('\n').length], [2, 1])
    assert.match(missing.stderr, /--kept .*kept: it does not exist/)
    assert.match((await report(own, rows, '--kept', 'r.jsonl')).stderr, /it is not a folder/)
  })
})
