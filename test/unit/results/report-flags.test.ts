import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { reportArguments } from '../../../bench/cli/commands/report.ts'
import type { Written } from '../../../bench/cli/flags.ts'

const argumentsOf = ({ files = [], ...flags }: Written & { readonly files?: readonly string[] }) =>
  reportArguments({ operands: files, flags })
const refused = (given: Parameters<typeof argumentsOf>[0], message: RegExp) =>
  assert.throws(() => argumentsOf(given), { name: 'UsageError', message })

describe('the flags of bench report', () => {
  it('know what to write by the extension', () => {
    const { outputs, files, chart, force } = argumentsOf({
      files: ['a.csv', '-'],
      out: ['x/r.html', 'S.MD', 'c.svg', 'c.png'],
      chart: 'loss',
    })
    assert.deepEqual(files, ['a.csv', '-'])
    assert.deepEqual(
      outputs.map(each => each.kind),
      ['page', 'markdown', 'svg', 'png'],
    )
    assert.deepEqual([chart, force], ['loss', false])
  })
  it('want files and an output, each once', () => {
    refused({ out: 'r.html' }, /^bench report needs results; name files/)
    refused({ files: ['a.csv'] }, /^-o is missing; name a file to write/)
    refused({ files: ['a.csv'], out: ['r.html', 'r.html'] }, /^-o r\.html is given twice/)
    refused({ files: ['a.csv'], out: ['r.html', './x/../r.html'] }, /^-o \.\/x\/\.\.\/r\.html is given twice/)
  })
  it('name the extensions that there are', () => {
    refused(
      { files: ['a.csv'], out: 'r.pdf' },
      /^-o r\.pdf: \.pdf is not a kind of report; .*\.html, \.htm, \.md, \.svg, \.png$/,
    )
    refused({ files: ['a.csv'], out: 'report' }, /^-o report: it has no extension; .*\.html/)
    refused({ files: ['a.csv'], out: '' }, /^-o "": it has no extension/)
  })
  it('a chart is chosen for a picture only, and among those that there are', () => {
    refused(
      { files: ['a.csv'], out: 'r.html', chart: 'loss' },
      /^--chart loss is for a picture; add -o loss\.svg/,
    )
    refused(
      { files: ['a.csv'], out: 'r.svg', chart: 'pie' },
      /^--chart: "pie" is not one of goodput, time, latency, loss, causes, phases, distribution, trials/,
    )
    refused({ files: ['a.csv'], out: 'r.svg', filter: 'nonsense>' }, /^--filter: /)
  })
})
