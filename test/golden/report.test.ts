import { describe, it } from 'node:test'
import { renderMarkdown } from '../../results/document/markdown.ts'
import { loadChartEngine } from '../../results/report/assets.ts'
import { buildReport } from '../../results/report/build-report.ts'
import { renderHtml } from '../../results/report/html/page.ts'
import { renderPicture } from '../../results/report/picture.ts'
import { OverTime } from '../../results/statistics/over-time.ts'
import { golden } from '../support/golden.ts'
import { chunkSweep, intervalsOf, mainJob, manifest, streamRuns } from '../support/results-samples.ts'

const faster = () =>
  mainJob().map(each => ({
    ...each,
    run_id: '20260302T120000Z-efgh',
    node_version: '24.1.0',
    ...(each.goodput_bps ? { goodput_bps: each.goodput_bps * 1.3 } : {}),
  }))

const reports = {
  'main-job': () =>
    buildReport({
      files: [
        { label: 'main.csv', records: mainJob(), manifests: [manifest('run --size 800k --chunk 1024')] },
      ],
      version: '0.0.0',
    }),
  'chunk-sweep': () =>
    buildReport({
      files: [{ label: 'sweep.csv', records: chunkSweep(chunk => (chunk < 2000 ? 0.3 : 0)) }],
      version: '0.0.0',
    }),
  streams: () => {
    const overTime = new OverTime()
    for (const row of intervalsOf(streamRuns())) overTime.add(row)
    return buildReport({
      files: [{ label: 'streams.csv', records: streamRuns(), overTime }],
      version: '0.0.0',
    })
  },
  'two-files': () =>
    buildReport({
      files: [
        { label: 'before.csv', records: mainJob(), manifests: [manifest('run main-job --out before.csv')] },
        { label: 'after.csv', records: faster() },
      ],
      problems: ['after.csv: 1 of 61 rows left out; line 61: it is cut off'],
      version: '0.0.0',
    }),
}

describe('reports', () => {
  for (const [name, make] of Object.entries(reports)) {
    it(`${name} as Markdown`, () => golden(`test/golden/report-${name}.md`, renderMarkdown(make())))
  }

  it('main-job as a page, without its charts, script and style', () => {
    const assets = { script: '', style: '', engine: { draw: () => '<svg width="1" height="1"></svg>' } }
    golden('test/golden/report-main-job.html', renderHtml(reports['main-job'](), assets))
  })

  it('the pictures of charts', async () => {
    const engine = await loadChartEngine()
    const charts = reports['chunk-sweep']().sections.flatMap(({ blocks }) =>
      blocks.flatMap(each => (each.kind === 'chart' ? [each.chart] : [])),
    )
    for (const kind of ['goodput', 'causes'] as const) {
      const chart = charts.find(each => each.kind === kind)
      if (chart) golden(`test/golden/report-${kind}.svg`, renderPicture(chart, engine))
    }
  })
})
