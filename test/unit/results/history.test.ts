import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { sparkline } from '../../../results/document/sparkline.ts'
import { appendRuns } from '../../../results/history/folder.ts'
import { readHistory, toldProblems } from '../../../results/history/history.ts'
import { levelsOf } from '../../../results/history/levels.ts'
import { trendColumns, trendOf } from '../../../results/history/trend.ts'
import { notesOf } from '../../../results/history/words.ts'
import { trialSet } from '../../../results/read/trial-set-builder.ts'
import { parseSelector } from '../../../results/select/selector.ts'
import { commitOf, historyOf, metricOf, runOf, runValues } from '../../support/history-samples.ts'

const numbers = ['goodput_bps'] as const
const indexes = (count: number) => Array.from({ length: count }, (_, index) => index)

function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'bench-history-'))
  context.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}

describe('reading a history', () => {
  test('gives a set a run in the order in which they began, whatever their files are called', async context => {
    const path = folder(context)
    for (const index of [3, 0, 2]) appendRuns(path, runOf(index))
    const [kept] = appendRuns(folder(context), runOf(1))
    writeFileSync(join(path, 'zzz.csv'), readFileSync(kept?.path ?? ''))
    const { runs, problems } = await readHistory(path, { numbers })
    assert.deepEqual(
      runs.map(set => set.runs.map(run => [run.id, run.commit, run.trials])),
      indexes(4).map(index => [[runValues(index).run_id, commitOf(index), 10]]),
    )
    assert.deepEqual(problems, [])
  })

  test('tells foreign and damaged files, and shows the others; a run that is there twice counts once', async context => {
    const path = folder(context)
    const [first] = appendRuns(path, runOf(0))
    appendRuns(path, runOf(1))
    const text = readFileSync(first?.path ?? '', 'utf8')
    writeFileSync(join(path, 'again.csv'), text)
    writeFileSync(join(path, 'cut.csv'), text.replaceAll('20260301T120000Z-ruaa', 'cut').slice(0, -30))
    writeFileSync(join(path, 'foreign.csv'), 'a,b\r\n1,2\r\n')
    writeFileSync(join(path, 'empty.csv'), '')
    symlinkSync(join(path, 'nowhere'), join(path, 'link.csv'))
    const { runs, problems } = await readHistory(path, { numbers })
    assert.deepEqual(runs.map(set => [set.runs[0]?.id, set.runs[0]?.trials]).sort(), [
      ['20260301T120000Z-ruaa', 10],
      ['20260302T120000Z-ruab', 10],
      ['cut', 9],
    ])
    const told = problems.map(each => each.path.slice(path.length + 1)).sort()
    assert.deepEqual(told, ['again.csv', 'cut.csv', 'empty.csv', 'foreign.csv', 'link.csv'])
    for (const { message } of problems) assert.doesNotMatch(message, /\n/)
  })

  test('a folder that is not there or empty has no runs; nor has one of foreign files, of which it is told', async context => {
    const path = folder(context)
    const nothing = { runs: [], manifests: [], files: 0, problems: [] }
    assert.deepEqual(await readHistory(path, { numbers }), nothing)
    assert.deepEqual(await readHistory(join(path, 'none'), { numbers }), nothing)
    writeFileSync(join(path, 'foreign.csv'), 'a,b\r\n1,2\r\n')
    const { runs, problems } = await readHistory(path, { numbers })
    assert.deepEqual([runs, problems.length], [[], 1])
    assert.match(problems[0]?.message ?? '', /foreign\.csv/)
  })

  test('a filter chooses rows; runs that have none of them are no problem', async context => {
    const path = folder(context)
    appendRuns(path, runOf(0))
    appendRuns(
      path,
      runOf(1).filter(each => each.transport === 'tcp'),
    )
    appendFileSync(join(path, '.half.csv.tmp'), 'half a row')
    const { runs, files, problems } = await readHistory(path, {
      numbers,
      filter: parseSelector('transport=udp-*'),
    })
    assert.deepEqual([runs.length, files, problems], [1, 2, []])
    assert.deepEqual(
      runs[0]?.cells.map(({ cell }) => cell.transport),
      ['udp-header'],
    )
  })
})

test('of many problems the first five are told, and how many more there are', () => {
  const problems = indexes(9).map(index => ({
    ...{ path: `${index}`, message: `${index}: it is foreign` },
    ...{ rowsSkipped: 0, rowsRead: 0 },
  }))
  assert.equal(toldProblems(problems).length, 6)
  assert.equal(toldProblems(problems).at(-1), '4 more such notes on other files')
  assert.deepEqual(toldProblems(problems.slice(0, 1)), ['0: it is foreign'])
})

describe('levels', () => {
  const noise = (count: number, level: number) =>
    indexes(count).map(i => level * (1 + 0.01 * Math.sin(i * 5.1)))

  test('one where nothing changes, none of nothing', () => {
    assert.deepEqual(levelsOf([], 0.05), [])
    assert.deepEqual(levelsOf([7], 0.05), [{ from: 0, to: 1, p: undefined, value: 7 }])
    assert.equal(levelsOf(noise(40, 1e9), 0.05).length, 1)
  })

  test('what lies closer than delta is one level, and larger steps are not', () => {
    const series = [...noise(15, 1000), ...noise(15, 960), ...noise(15, 700)]
    const parts = (delta: number) => levelsOf(series, delta).map(({ from, to }) => [from, to])
    assert.deepEqual(parts(0.03), [
      [0, 15],
      [15, 30],
      [30, 45],
    ])
    assert.deepEqual(parts(0.05), [
      [0, 30],
      [30, 45],
    ])
    assert.deepEqual(parts(0.5), [[0, 45]])
  })

  test('their values are medians of medians; nothing arriving at all is a level too', () => {
    const levels = levelsOf([...new Array(8).fill(5), 6, ...new Array(9).fill(0)], 0.05)
    assert.deepEqual(
      levels.map(({ from, value }) => [from, value]),
      [
        [0, 5],
        [9, 0],
      ],
    )
  })
})

describe('a trend', () => {
  const trend = (runs: Parameters<typeof historyOf>[0], last?: number) =>
    trendOf(historyOf(runs), { metric: metricOf('goodput'), ...(last === undefined ? {} : { last }) })

  test('finds the commit, what was before and after it, and says worse by what the metric wants', () => {
    const runs = indexes(24).map(index => runOf(index, index < 14 ? 1 : 0.5))
    const [course] = trend(runs).courses
    const [tcp, udp] = course?.cells ?? []
    assert.deepEqual(tcp?.changes, [])
    const [change] = udp?.changes ?? []
    const point = udp?.points[change?.point ?? 0]
    assert.equal(course?.runs[point?.run ?? -1]?.commit, commitOf(14))
    assert.equal(change?.verdict, 'worse')
    assert.ok(Math.abs((change?.ratio ?? 0) - 0.5) < 0.02)
    assert.ok((change?.p ?? 1) <= 0.001)
    assert.deepEqual([change?.sameCommit, change?.alsoChanged], [false, []])
    const delivery = trendOf(historyOf(runs), { metric: metricOf('delivery') }).courses[0]?.cells[1]
    assert.deepEqual(
      delivery?.changes.map(each => [each.point, each.verdict]),
      [[14, 'worse']],
    )
  })

  test('a change within one commit is told as that; two dirty trees are not one', () => {
    const changesOf = (commit: string) =>
      trend(indexes(20).map(index => runOf(index, index < 10 ? 1 : 0.5, { commit }))).courses[0]?.cells[1]
        ?.changes
    assert.equal(changesOf('abc1234')?.[0]?.sameCommit, true)
    assert.equal(changesOf('abc1234-dirty')?.[0]?.sameCommit, false)
  })

  test('what else changed there: versions next to the change, and a host that was one before and another after', () => {
    const changesOf = (host: (index: number) => string) =>
      trend(
        indexes(20).map(index =>
          runOf(index, index < 10 ? 1 : 0.5, {
            host: host(index),
            os_release: index < 3 ? '6.18.0' : index < 10 ? '6.18.1' : '6.18.2',
          }),
        ),
      ).courses[0]?.cells[1]?.changes[0]?.alsoChanged
    const release = { column: 'os_release', before: '6.18.1', after: '6.18.2' }
    assert.deepEqual(
      changesOf(index => (index < 10 ? 'a' : 'b')),
      [release, { column: 'host', before: 'a', after: 'b' }],
    )
    assert.deepEqual(
      changesOf(index => `runner-${index}`),
      [release],
    )
  })

  test('machines, engines and settings are never mixed', () => {
    const runs = indexes(24).map(index =>
      runOf(index, 1, index < 12 ? {} : { arch: 'arm64' }).map(each => ({
        ...each,
        goodput_bps: (each.goodput_bps ?? 0) * (index < 12 ? 1 : 0.5) * (index % 2 === 0 ? 1 : 0.6),
        engine: index % 2 === 0 ? 'node' : 'native',
      })),
    )
    const { courses } = trend(runs)
    assert.deepEqual(
      courses.map(({ machine, cells }) => [
        machine.find(each => each.column === 'arch')?.value,
        cells.map(each => `${each.cell.engine} ${each.points.length} ${each.changes.length}`),
      ]),
      ['x64', 'arm64'].map(arch => [arch, ['native 6 0', 'native 6 0', 'node 6 0', 'node 6 0']]),
    )
  })

  test('the last runs of each machine only, and how many are older', () => {
    const [course] = trend(
      indexes(12).map(index => runOf(index)),
      5,
    ).courses
    assert.deepEqual([course?.runs.length, course?.older, course?.runs[0]?.commit], [5, 7, commitOf(7)])
  })

  test('a run without a value has no point, and stays in the order', () => {
    const runs = indexes(5).map(index =>
      runOf(index).map(each => (index === 2 ? { ...each, goodput_bps: undefined } : each)),
    )
    const [tcp] = trend(runs).courses[0]?.cells ?? []
    assert.deepEqual(
      tcp?.points.map(each => each.run),
      [0, 1, 3, 4],
    )
  })

  test('what another program did not confirm has no total time, and is no point', () => {
    const runs = indexes(5).map(index =>
      runOf(index).map(each => ({
        ...each,
        direction: 'send' as const,
        goodput_bps: undefined,
        total_ms: index === 2 ? 1 : 100,
        outcome: index === 2 ? ('incomplete' as const) : ('completed' as const),
      })),
    )
    const metric = metricOf('total')
    const sets = runs.map(records => trialSet('', records, { numbers: trendColumns(metric) }))
    const [course] = trendOf(sets, { metric }).courses
    for (const { points, without } of course?.cells ?? assert.fail('no course')) {
      assert.deepEqual(
        points.map(each => [each.run, each.median]),
        [0, 1, 3, 4].map(run => [run, 100]),
      )
      assert.deepEqual(without, [{ run: 2, outcomes: '5 incomplete' }])
    }
  })

  test('runs that have no such figure are told, with how their trials ended', () => {
    const notes = (dead: readonly number[]) => {
      const runs = indexes(5).map(index =>
        runOf(index).map(each =>
          dead.includes(index) && each.transport === 'udp-header'
            ? { ...each, outcome: 'refused' as const, goodput_bps: undefined }
            : each,
        ),
      )
      const found = trend(runs)
      const [course] = found.courses
      assert(course)
      return notesOf(found, course).filter(each => each.includes('has no goodput'))
    }
    assert.deepEqual(notes([]), [])
    assert.deepEqual(notes([3, 4]), [
      'udp-header has no goodput in 2 of 5 runs, including the last one: 5 refused.',
    ])
    assert.match(
      notes([1])[0] ?? '',
      /^udp-header has no goodput in 1 of 5 runs, last at \w{7} \(2026-03-02\): 5 refused\.$/,
    )
  })
})

describe('a sparkline', () => {
  const line = (values: readonly (number | undefined)[], width = 100) =>
    sparkline(values, width)
      .map(each => each.glyph)
      .join('')

  test('goes from the least to the largest, but noise looks like noise', () => {
    assert.equal(line([0, 50, 100]), '▁▅█')
    assert.equal(line([98, 100, 99]), '▇██')
    assert.equal(line([100, undefined, 50]), '█ ▁')
    assert.equal(line([]), '')
    assert.equal(line([undefined, undefined]), '  ')
    assert.equal(line([0, 0]), '▁▁')
  })

  test('of more values than bars each bar is the median of its share', () => {
    assert.equal(line([100, 100, 0, 0, 0, 100], 2), '█▁')
    assert.equal(line(indexes(500), 10).length, 10)
  })
})
