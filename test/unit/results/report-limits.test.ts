/** Where loss begins and where the system refuses, as a report says it. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { lossWords } from '../../../results/report/sections/loss-words.ts'
import { refusalWords } from '../../../results/report/sections/refusal-words.ts'
import { sourceOf } from '../../../results/report/sections/source.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { plain } from '../../support/plain-texts.ts'
import {
  chunkSweep,
  datagrams,
  headerLost,
  mainJob,
  record,
  refused,
  refusedHeader,
  rounds,
  stream,
} from '../../support/results-samples.ts'

const source = (records: readonly TrialRecord[]) => sourceOf({ label: 'a.csv', records })

describe('where loss begins, in words', () => {
  const words = (records: readonly TrialRecord[]) => plain(lossWords(source(records)))
  it('says that nothing was lost, and nothing where there are no datagrams', () => {
    assert.deepEqual(words(chunkSweep()), ['No datagram was lost.'])
    assert.deepEqual(words(rounds(3, () => headerLost())), ['No datagram of the payload was lost.'])
    assert.deepEqual(words(rounds(3, () => stream(1e9))), [])
  })
  it('says nothing of single cases, whose figures and warnings do', () => {
    assert.deepEqual(words(mainJob()), [])
  })
  it('says why', () => {
    const sweep = (values: Partial<TrialRecord>) =>
      [1024, 2048].flatMap(chunk_bytes => rounds(5, () => datagrams(1e9, 8, { chunk_bytes, ...values })))
    assert.match(
      words(sweep({ loss_cause: 'elsewhere' }))[0] ?? '',
      /most 2\.00 % .* on the way, not in the receive buffer\.$/,
    )
    assert.match(words(sweep({ loss_cause: undefined }))[0] ?? '', /and the kernel does not say where\.$/)
  })
  it('of a sweep: up to where, from where on, everywhere, or in between', () => {
    assert.match(
      words(chunkSweep(chunk => (chunk < 2000 ? 0.3 : 0)))[0] ?? '',
      /^udp-header loses up to chunk 1,472 B, most 30\.0 % at chunk 512 B, .*; from chunk 9,216 B on nothing was lost\.$/,
    )
    assert.match(
      words(chunkSweep(chunk => (chunk > 2000 ? 0.5 : 0)))[0] ?? '',
      /^udp-header loses from chunk 9,216 B on, .*; up to chunk 1,472 B nothing was lost\.$/,
    )
    assert.match(
      words(chunkSweep(() => 0.4))[0] ?? '',
      /^udp-header lost datagrams in every case, most 40\.0 % at chunk/,
    )
    assert.match(
      words(chunkSweep(chunk => (chunk === 512 || chunk === 9216 ? 0.5 : 0)))[0] ?? '',
      /^udp-header loses in 2 of 7 cases, first at chunk 512 B, most 50\.0 %/,
    )
  })
  it('does not take a refused payload for one without loss', () => {
    for (const text of words(chunkSweep(() => 0.4))) assert.doesNotMatch(text, /65,508/)
  })
})

describe('where the system refuses, in words', () => {
  const words = (records: readonly TrialRecord[]) => plain(refusalWords(source(records)))
  it('the smallest refused, the largest taken, and what lifts the limit', () => {
    assert.deepEqual(words(chunkSweep()), [
      'udp-header and udp-marker: refused from 65,508 B on (EMSGSIZE); 65,507 B are taken.',
      'Remedy: --chunk 65507 or less.',
    ])
  })
  it('an emulated limit is called one', () => {
    const limit = { max_datagram_bytes: 9216, limit_emulated: true }
    const records = [
      ...rounds(3, () => datagrams(1e9, 0, { chunk_bytes: 9216, ...limit })),
      ...rounds(3, () => refused({ chunk_bytes: 9217, ...limit })),
    ]
    assert.deepEqual(words(records), [
      'udp-header: refused from 9,217 B on (EMSGSIZE, an emulated limit); 9,216 B are taken.',
      'Remedy: --chunk 9216 or less, or a larger --max-datagram, or without --os-profile.',
    ])
  })
  it('the setting of a system that has one is named', () => {
    const records = rounds(3, () => refused({ os: 'darwin', chunk_bytes: 9217 }))
    assert.match(words(records)[1] ?? '', /sysctl -w net\.inet\.udp\.maxdgram=65535/)
    assert.match(words(records)[0] ?? '', /nothing smaller was tried/)
  })
  it('says that nothing was refused, and nothing where there are no datagrams', () => {
    assert.deepEqual(words(mainJob()), ['The system refused no datagram.'])
    assert.deepEqual(words(rounds(3, () => record({ goodput_bps: 1 }))), [])
  })
  it('says that the header was refused, where nothing else ever left', () => {
    const told = words(rounds(6, () => refusedHeader()))
    assert.match(
      told.join(' '),
      /the header or marker before the payload refused in 6 of 6 trials \(EPERM\)\. Remedy: a firewall on the sender’s host blocks it/,
    )
    const one = [...rounds(5, () => refusedHeader()), datagrams(1e9, 0, { round: 6, trial: 6 })]
    assert.match(words(one).join(' '), /refused in 5 of 6 trials/)
  })

  it('a full queue is refused otherwise', () => {
    const records = rounds(3, () => refused({ error_code: 'ENOBUFS' }))
    assert.match(words(records).join(), /ENOBUFS\)\. Remedy: the send queue was full/)
  })
})
