import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { UsageError } from '../../../base/errors.ts'
import { cellOf } from '../../../results/schema/cells.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { isOfCells, parseSelector } from '../../../results/select/selector.ts'
import { datagrams, stream } from '../../support/results-samples.ts'

const UDP = datagrams(1.62e9, 8, {
  chunk_bytes: 9216,
  rate_bps: 400e6,
  variant: 'two words',
  commit: '0123abcd',
  rcvbuf_forced: true,
  loss_ratio: 0.01,
  total_ms: 12,
})
const TCP = stream(2.41e9, { congestion: 'cubic', total_ms: 5, loss_ratio: 0 })

function chooses(text: string, record: TrialRecord): boolean {
  return parseSelector(text).matches(column => record[column])
}

function rejects(text: string, message: RegExp, options: { readonly cellsOnly?: boolean } = {}): void {
  assert.throws(
    () => parseSelector(text, options),
    (error: unknown) =>
      error instanceof UsageError && message.test(error.message) && !error.message.includes('\n'),
    text,
  )
}

/** Conditions that hold for one of both trials and not for the other. */
function tells(chosen: TrialRecord, other: TrialRecord, ...texts: readonly string[]): void {
  for (const text of texts) {
    assert.equal(chooses(text, chosen), true, text)
    assert.equal(chooses(text, other), false, text)
  }
}

describe('a selector', () => {
  it('chooses by names of columns, titles of tables and names without a unit', () => {
    tells(
      UDP,
      TCP,
      'chunk_bytes=9216',
      'chunk=9216',
      'Chunk=9216',
      'goodput<2G',
      'goodput_bps<2G',
      'rate=400M',
    )
    tells(TCP, UDP, 'transport=tcp', 'max-datagram-bytes=none total<10ms', 'max_pacing=none total_ms=5')
  })

  it('takes globs, and a bare word for a transport', () => {
    tells(
      UDP,
      TCP,
      'udp-*',
      'transport=udp-*',
      'transport=*-header',
      'transport!=t*',
      '*header',
      'udp-header',
    )
    tells(TCP, UDP, 'tcp', 'transport=tc*p', 't*')
    tells(UDP, TCP, 'udp-header,udp-marker', 'udp-marker, udp-h*')
    assert.equal(chooses('transport=udp', UDP), false)
    assert.equal(chooses('transport=udp.header', UDP), false)
  })

  it('reads values in the unit of the column', () => {
    tells(
      UDP,
      TCP,
      'chunk=9k',
      'chunk>8.5k',
      'rate=0.4Gbit/s',
      'rate>=400Mbps',
      'loss=1%',
      'loss>0.9%',
      'loss=0.01',
    )
    tells(TCP, UDP, 'total<=5ms', 'total=5000us', 'total<0.006s', 'total<=5', 'size=800k total<6ms')
  })

  it('holds when all of its conditions do, and a condition when one of its values does', () => {
    tells(UDP, TCP, 'udp-* size=64k,800k', 'udp-* and size=800k', 'transport!=tcp,udp-marker')
    assert.equal(chooses('udp-* size=64k,1M', UDP), false)
    assert.equal(chooses('size=64k,800k transport=tcp,udp-header', UDP), true)
    assert.equal(chooses('', UDP), true)
    assert.equal(chooses('chunk > 9000  chunk < 10k', UDP), true)
    assert.equal(chooses('chunk==9216', UDP), true)
  })

  it('knows what is empty: none, * and what is not equal, but nothing that is more or less', () => {
    tells(UDP, TCP, 'rate=*', 'rate!=none', 'rate>0', 'variant=*', 'rcvbuf_forced=true', 'rcvbuf_forced=on')
    tells(
      TCP,
      UDP,
      'rate=none',
      'rate!=*',
      'rate!=400M',
      'variant=none',
      'variant!=two*',
      'rcvbuf_forced!=yes',
    )
    tells({ ...TCP, zerocopy: true }, TCP, 'zerocopy=on', 'zerocopy!=off', 'zerocopy!=none')
    tells(TCP, { ...TCP, zerocopy: true }, 'zerocopy=off', 'zerocopy!=on', 'zerocopy=none')
    for (const text of [
      'rcvbuf_forced=no',
      'rate<1M',
      'rate<=1M',
      'rate>1M',
      'rate>=1M',
      'variant<z',
      'variant>a',
      'rate=1M',
    ])
      assert.equal(chooses(text, TCP), false, text)
  })

  it('takes what stands in quotes literally', () => {
    tells(UDP, TCP, 'variant="two words"', "variant='two words' udp-*", 'variant="two words","three words"')
    assert.equal(chooses('variant="two*"', UDP), false)
    assert.equal(chooses('variant="none"', TCP), false)
  })

  it('orders texts naturally: versions by their numbers, times by their digits', () => {
    const at = (node_version: string) => stream(1e9, { node_version, started_at: '2026-03-01T12:00:00.000Z' })
    tells(at('20.20.2'), at('9.1.0'), 'node_version>=18', 'node_version>10.0.0', 'node_version>20.3')
    assert.equal(chooses('started_at>=2026-03-01', at('20')), true)
    assert.equal(chooses('started_at<2026-03-01', at('20')), false)
  })

  it('says at what it looks', () => {
    assert.deepEqual(parseSelector('udp-* size=1M transport!=tcp goodput>1').columns, [
      'transport',
      'size_bytes',
      'goodput_bps',
    ])
  })

  it('is asked about cells', () => {
    const cell = cellOf(UDP)
    assert.equal(parseSelector('udp-* chunk<=9216').matchesCell(cell), true)
    assert.equal(parseSelector('udp-* chunk<9216').matchesCell(cell), false)
    assert.equal(isOfCells(parseSelector('udp-* chunk<=9216')), true)
    assert.equal(isOfCells(parseSelector('udp-* goodput>1')), false)
    assert.throws(() => parseSelector('goodput>1').matchesCell(cell), /goodput_bps is not a column of a cell/)
  })

  it('means the column by a full name, and by a title only what was asked for when cells alone are chosen', () => {
    assert.deepEqual(parseSelector('congestion=cubic').columns, ['congestion'])
    assert.deepEqual(parseSelector('congestion=cubic', { cellsOnly: true }).columns, ['congestion_asked'])
    rejects('goodput>1G', /^condition goodput>1G: goodput is measured/, { cellsOnly: true })
  })
})

describe('what is no selector', () => {
  it('is one line that names the condition and the nearest name', () => {
    rejects(
      'udp-* chunck<=9216',
      /^condition chunck<=9216: there is no column "chunck"; did you mean chunk\?$/,
    )
    rejects('moonphase=full', /^condition moonphase=full: there is no column "moonphase"; docs\/columns.md/)
    rejects(
      'outcome=complete',
      /^condition outcome=complete: outcome is never "complete"; did you mean completed\?$/,
    )
    rejects('outcome=x*', /outcome is never "x\*"; it is one of completed, /)
  })

  it('has no value, no operator or one that is none', () => {
    rejects('chunk=', /^condition chunk=: a value is missing after chunk=;/)
    rejects('chunk=1,', /a value is missing after chunk=1,/)
    rejects('=5', /^condition =5: a column is missing/)
    rejects('chunk=<5', /there is no operator =</)
    rejects('chunk<1,2', /^condition chunk<1,2: < takes one value$/)
    rejects(
      'tcp udp-*',
      /^conditions tcp and udp-\*: no row has two transports; write tcp,udp-\* for either$/,
    )
    rejects('chunk 9216', /^condition chunk: it needs an operator and a value, as chunk=VALUE$/)
    rejects('chunk', /^condition chunk: it needs an operator and a value, as chunk=VALUE$/)
    rejects('tcp or udp-*', /cannot be joined by or/)
    rejects('variant="two', /a value is missing/)
    rejects('chunk=1"2"', /unexpected "2"/)
  })

  it('has a value that the column cannot have', () => {
    rejects('chunk=big', /^condition chunk=big: not a size: "big"/)
    rejects('rate>fast', /^condition rate>fast: not a rate/)
    rejects('total<5h', /^condition total<5h: not a duration/)
    rejects('loss>5', /^condition loss>5: not a ratio: "5"; write it as 0.01 or 1%$/)
    rejects('round=first', /round is a number, and "first" is not/)
    rejects('zerocopy=maybe', /neither true nor false: "maybe"/)
    rejects('zerocopy>on', /zerocopy is true or false; use = or !=/)
  })
})
