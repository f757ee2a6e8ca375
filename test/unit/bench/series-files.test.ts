/** Which files of a series go, and that nothing else does. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it, type TestContext } from 'node:test'
import { SeriesFiles } from '../../../bench/cli/series/files.ts'
import { manifestPath } from '../../../results/schema/manifest.ts'
import { manifest } from '../../support/results-samples.ts'

const DAY_MS = 86_400_000
const FIRST = Date.UTC(2027, 0, 31, 23, 0, 0)

function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'bench-series-'))
  context.after(() => rmSync(path, { recursive: true }))
  return path
}

/** A run of a series, an hour after the one before. */
function write(
  files: SeriesFiles,
  hour: number,
  series: string | undefined = files.series,
  hasRows = true,
): string {
  const path = files.path(new Date(FIRST + hour * 3_600_000))
  writeFileSync(path, hasRows ? 'header\r\nrow\r\n' : 'header\r\n')
  writeFileSync(path.replace('.csv', '.intervals.csv'), 'intervals')
  const turn = { series, number: hour, every_ms: 3_600_000 }
  writeFileSync(manifestPath(path), JSON.stringify({ ...manifest('fleet run'), turn }))
  return path
}

it('keeps the newest, and removes older ones with what stands beside them', context => {
  const place = folder(context)
  const files = new SeriesFiles(join(place, 'fleet.csv'), { runs: 2, forMs: undefined })
  for (const hour of [0, 1, 2, 3]) write(files, hour)
  assert.deepEqual(files.prune(), ['fleet-20270201T000000Z.csv', 'fleet-20270131T230000Z.csv'])
  assert.deepEqual(
    readdirSync(place),
    ['010000Z', '020000Z'].flatMap(time =>
      ['csv', 'intervals.csv', 'run.json'].map(each => `fleet-20270201T${time}.${each}`),
    ),
  )
  assert.deepEqual(files.prune(), [])
})

it('turns without a row do not count as those with some, nor the other way round', context => {
  const place = folder(context)
  const files = new SeriesFiles(join(place, 'fleet.csv'), { runs: 2, forMs: undefined })
  const hours = (rows: boolean, all: readonly number[]) => {
    for (const hour of all) write(files, hour, files.series, rows)
  }
  hours(true, [0, 1, 2])
  hours(false, [3, 4, 5, 6])
  const nameOf = (hour: number) => `fleet-20270201T0${hour - 1}0000Z.csv`
  assert.deepEqual(files.prune(), [nameOf(4), nameOf(3), 'fleet-20270131T230000Z.csv'])
  // One that got rows meanwhile is one of those.
  hours(true, [6])
  assert.deepEqual(files.prune(), [nameOf(1)])
})

it('keeps those that are not older than the retention', context => {
  const place = folder(context)
  const files = new SeriesFiles(join(place, 'fleet.csv'), { runs: undefined, forMs: DAY_MS })
  for (const hour of [0, 1, 2]) write(files, hour)
  assert.deepEqual(files.prune(FIRST + DAY_MS), [])
  assert.deepEqual(files.prune(FIRST + DAY_MS + 3_600_001), [
    'fleet-20270201T000000Z.csv',
    'fleet-20270131T230000Z.csv',
  ])
})

it('keeps the latest rows, however long their turn took', context => {
  const place = folder(context)
  const files = new SeriesFiles(join(place, 'fleet.csv'), { runs: undefined, forMs: 60_000 })
  for (const hour of [1, 2]) write(files, hour)
  write(files, 3, files.series, false)
  assert.deepEqual(files.prune(FIRST + DAY_MS), ['fleet-20270201T000000Z.csv'])
  assert.deepEqual(files.prune(FIRST + 2 * DAY_MS), [])
})

it('removes nothing that is not of the series, whatever its name, and does not count it', context => {
  const place = folder(context)
  const files = new SeriesFiles(join(place, 'fleet.csv'), { runs: 1, forMs: undefined })
  const own = write(files, 5)
  write(files, 6, 'other')
  // Without a manifest, with a broken one, a link, and names that are only alike.
  const bare = files.path(new Date(FIRST))
  writeFileSync(bare, 'mine')
  const broken = write(files, 1)
  writeFileSync(manifestPath(broken), '{')
  const link = write(files, 2)
  rmSync(link)
  symlinkSync(own, link)
  for (const name of ['fleet-1-20270131T230000Z.csv', 'fleet-20270131T230000Z-2.csv', 'fleet.csv', 'x.csv'])
    writeFileSync(join(place, name), 'mine')
  const before = readdirSync(place)
  assert.deepEqual(files.prune(), [])
  assert.deepEqual(readdirSync(place), before)
  write(files, 7)
  assert.deepEqual(files.prune(), ['fleet-20270201T040000Z.csv'])
})

it('another process goes on with the series', context => {
  const place = folder(context)
  const kept = { runs: 1, forMs: undefined }
  const first = new SeriesFiles(join(place, 'fleet.csv'), kept)
  write(first, 0)
  const second = new SeriesFiles(join(place, 'fleet.csv'), kept)
  write(second, 1)
  assert.deepEqual(second.prune(), ['fleet-20270131T230000Z.csv'])
})
