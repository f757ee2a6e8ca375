/** The map of a fleet: hosts by hosts, in a report, as a picture, and on a terminal. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import stringWidth from 'string-width'
import { chartsOf } from '../../../results/charts/all.ts'
import { renderCharts } from '../../../results/charts/screen.ts'
import { loadChartEngine } from '../../../results/report/assets.ts'
import { buildReport } from '../../../results/report/build-report.ts'
import { inkOn, worseToBetter } from '../../../results/report/charts/palette.ts'
import { plotOf } from '../../../results/report/charts/plots.ts'
import { renderPicture } from '../../../results/report/picture.ts'
import { summarize } from '../../../results/statistics/summary.ts'
import { record } from '../../support/results-samples.ts'

const HOSTS = ['a', 'b', 'c', 'd']
/** From c everything is slow, to d every tenth datagram is lost, and nothing was measured from b to a. */
const ROWS = ['tcp', 'udp-header'].flatMap(transport =>
  HOSTS.flatMap(pair_from =>
    HOSTS.filter(to => to !== pair_from && pair_from + to !== 'ba').map(pair_to =>
      record({
        ...{ direction: 'third-party', transport, pair_from, pair_to },
        goodput_bps: pair_from === 'c' ? 1e8 : 9e8,
        ...(transport === 'tcp'
          ? {}
          : {
              datagrams_offered: 1000,
              datagrams_accepted: 1000,
              datagrams_lost: pair_to === 'd' ? 100 : 0,
            }),
      }),
    ),
  ),
)
const CASES = summarize(ROWS)
const [CHART] = chartsOf(CASES)

describe('the map of a fleet', () => {
  it('has one for each measure of each case, and stands first in a report', () => {
    assert(CHART?.spec.kind === 'hosts')
    assert.deepEqual(
      CHART.spec.maps.map(({ name, worse }) => `${name}: ${worse}`),
      ['goodput, tcp: less', 'goodput, udp-header: less', 'loss, udp-header: more'],
    )
    const [tcp, , loss] = CHART.spec.maps
    assert.deepEqual(
      tcp?.cells.map(row => row.map(cell => cell && cell.value / 1e6)),
      [
        [null, 900, 900, 900],
        [null, null, 900, 900],
        [100, 100, null, 100],
        [900, 900, 900, null],
      ],
    )
    assert.deepEqual(
      loss?.cells.map(row => row[3]?.value),
      [0.1, 0.1, 0.1, undefined],
    )
    const { sections } = buildReport({ files: [{ label: 'f.csv', records: ROWS }], version: '0' })
    const kinds = sections[0]?.blocks.filter(each => 'items' in each === false).map(({ kind }) => kind)
    assert.equal(kinds?.[0], 'chart')
    assert.ok(kinds?.includes('table'))
  })

  it('draws the chosen one, and reads all of a pair', async () => {
    assert(CHART)
    const plot = plotOf(CHART.spec)
    assert.deepEqual(plot.choices?.length, 3)
    const place = plot.places(new Set()).find(({ title }) => title === 'c to d')
    assert.deepEqual([place?.x, place?.y], [3, 2])
    assert.deepEqual(
      place?.entries.map(({ name, text }) => `${name} ${text.replace(/ \(.*\)/, '')}`),
      [
        'goodput, tcp 100 Mbit/s, 1 trial',
        'goodput, udp-header 100 Mbit/s, 1 trial',
        'loss, udp-header 10.0 %, 1 trial',
      ],
    )
    const svg = renderPicture(CHART, await loadChartEngine())
    assert.match(svg, />goodput, tcp \(Mbit\/s\)</)
    assert.equal(svg.match(/>900</g)?.length, 8)
    assert.equal(svg.match(/>–</g)?.length, 1)
    // The paper is as high as what is drawn on it.
    const [whole = 0, drawn = 0] = [...svg.matchAll(/<svg [^>]*height="([\d.]+)"/g)].map(each =>
      Number(each[1]),
    )
    assert.ok(drawn > 100 && whole > drawn, `${whole} for ${drawn}`)
  })

  it('grows lighter from worse to better, with figures that can be read on all of it', () => {
    const luminance = (color: string) => {
      const [red = 0, green = 0, blue = 0] = [1, 3, 5].map(at => {
        const share = Number.parseInt(color.slice(at, at + 2), 16) / 255
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
    let before = -1
    for (let step = 0; step <= 100; step++) {
      const color = worseToBetter(step / 100)
      const [light = 0, dark = 0] = [luminance(color), luminance(inkOn(color))].sort((a, b) => b - a)
      assert.ok((light + 0.05) / (dark + 0.05) >= 4.5, color)
      assert.ok(luminance(color) > before, color)
      before = luminance(color)
    }
  })

  it('is shades on a terminal, and nothing where they do not fit', () => {
    const text = renderCharts(CASES, { width: 80, color: false })
    assert.match(text, /^Host by host\ngoodput, tcp: ░ 0 to █ 900 Mbit\/s$/m)
    assert.match(text, /^ {2}2 b \?\?··████$/m)
    assert.match(text, /^ {2}3 c ░░░░··░░$/m)
    assert.match(text, /^loss, udp-header: ░ 10\.0 to █ 0 %\n {6}1 2 3 4\n {2}1 a ··████░░$/m)
    const many = Array.from({ length: 90 }, (_, index) =>
      record({ pair_from: 'a', pair_to: `host-${index}`, goodput_bps: 1e9 }),
    )
    assert.equal(renderCharts(summarize(many), { width: 80, color: false }).trim(), '')
  })

  it('says on a terminal which host a column is, where others receive than send', () => {
    const rows = ['b', 'c'].map(pair_to => record({ pair_from: 'hub', pair_to, goodput_bps: 1e9 }))
    const text = renderCharts(summarize(rows), { width: 80, color: false })
    assert.match(text, /^ {8}1 2\n {2}1 hub ████\n {2}columns: 1 b {3}2 c$/m)
    assert.doesNotMatch(renderCharts(CASES, { width: 80, color: false }), /columns:/)
  })

  it('has its cells below each other on a terminal, however wide the letters of names are', () => {
    const names = ['東京', 'b', '\u{1f600}']
    const rows = names.flatMap(pair_from =>
      names.flatMap(pair_to =>
        pair_from === pair_to
          ? []
          : [record({ pair_from, pair_to, goodput_bps: 1e9, variant: 'v'.repeat(60) })],
      ),
    )
    const lines = renderCharts(summarize(rows), { width: 40, color: false }).split('\n')
    assert.ok(lines.every(line => stringWidth(line) <= 40))
    const cells = lines.filter(line => /█/.test(line) && /·/.test(line))
    assert.deepEqual(
      cells.map(line => stringWidth(line)),
      [15, 15, 15],
    )
  })

  it('takes one host for one, and two for two, if their names are long', () => {
    const [one, two] = ['x', 'y'].map(middle => `${'a'.repeat(25)}${middle}${'b'.repeat(25)}`)
    const [apart] = chartsOf(summarize([record({ pair_from: one, pair_to: two, goodput_bps: 1e9 })]))
    assert(apart?.spec.kind === 'hosts')
    assert.notEqual(apart.spec.senders[0], apart.spec.receivers[0])
    const back = record({ pair_from: 'hub', pair_to: one, goodput_bps: 1e9 })
    const [both] = chartsOf(
      summarize([
        ...[one, two].map(pair_from => record({ pair_from, pair_to: 'hub', goodput_bps: 1e9 })),
        back,
      ]),
    )
    assert(both?.spec.kind === 'hosts')
    assert.ok(both.spec.senders.includes(both.spec.receivers.find(name => name !== 'hub') ?? ''))
  })
})
