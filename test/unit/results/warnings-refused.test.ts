/** Advice where the system refused datagrams, a header or a marker. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { codes, only } from '../../support/found-warnings.ts'
import { datagrams, refused, refusedHeader, rounds } from '../../support/results-samples.ts'

const MARKER = { transport: 'udp-marker' }

describe('warnings of what was refused', () => {
  it('name the limit of a datagram and its remedy on this system', () => {
    const tooLong = (values: Partial<TrialRecord>) => only(rounds(6, () => refused(values)))
    const linux = tooLong({ chunk_bytes: 65_508 })
    assert.match(
      linux.message,
      /from 65,508 B on are refused \(EMSGSIZE\); UDP over IPv4 carries 65,507 B at most/,
    )
    assert.equal(linux.remedy, '--chunk 65507 or less')
    assert.match(tooLong({ chunk_bytes: 70_000, ip_family: 6 }).remedy, /--chunk 65527 or less/)
    assert.match(
      tooLong({ chunk_bytes: 9217, os: 'darwin' }).remedy,
      /sysctl -w net\.inet\.udp\.maxdgram=65535/,
    )
    const emulated = tooLong({ chunk_bytes: 9217, max_datagram_bytes: 9216, limit_emulated: true })
    assert.match(emulated.message, /the emulated limit is 9,216 B/)
    assert.match(emulated.remedy, /--chunk 9216 or less, or a larger --max-datagram, or without --os-profile/)
    assert.equal(
      tooLong({ transport: 'udp-datagram' }).remedy,
      '--size 65507 or less, or a transport that sends chunks',
    )
    const both = only([refused({ chunk_bytes: 70_000 }), refused({ transport: 'udp-datagram' })])
    assert.equal(
      both.remedy,
      '--chunk 65507 or less; for udp-datagram --size 65507 or less, or a transport that sends chunks',
    )
  })

  it('tell a header that is too long from a chunk', () => {
    const header = (chunk_bytes: number) =>
      only([
        refused({
          ...{ size_bytes: 20, chunk_bytes, max_datagram_bytes: 5, limit_emulated: true },
          ...{ error_phase: 'handshake', refused_datagram_bytes: 8 },
          ...{ datagrams_offered: 0, datagrams_refused: 0 },
        }),
      ])
    assert.equal(header(5).code, 'refused-header')
    assert.equal(
      header(5).message,
      'udp-header: the header or marker before the payload (8 B) is refused (EMSGSIZE); the emulated limit is 5 B',
    )
    assert.equal(header(5).remedy, 'a larger --max-datagram (8 or more)')
    assert.equal(header(10).remedy, 'a larger --max-datagram (10 or more)')
  })

  it('give a header and a marker the length of each', () => {
    const part = (transport: string, refused_datagram_bytes: number) =>
      refused({
        ...{ transport, size_bytes: 20, chunk_bytes: 5, max_datagram_bytes: 2, limit_emulated: true },
        ...{ error_phase: 'handshake', refused_datagram_bytes, datagrams_offered: 0, datagrams_refused: 0 },
      })
    assert.match(
      only([part('udp-header', 8), part('udp-marker', 3)]).message,
      /: the header or marker before the payload \(3 B and 8 B\) is refused \(EMSGSIZE\); the emulated limit is 2 B$/,
    )
  })

  it('tell ENOBUFS from a datagram that is too long', () => {
    const warning = only(
      rounds(6, () =>
        datagrams(1e9, 0, { datagrams_accepted: 790, datagrams_refused: 10, error_code: 'ENOBUFS' }),
      ),
    )
    assert.equal(warning.code, 'refused')
    assert.match(warning.message, /1\.25 % of the datagrams refused \(ENOBUFS\)/)
    assert.match(warning.remedy, /--rate/)
  })

  it('say that the header was refused, with the remedy, as of the payload', () => {
    const header = only(rounds(6, () => refusedHeader()))
    assert.equal(header.code, 'refused')
    assert.equal(
      header.message,
      'udp-header: the header or marker before the payload refused in 6 of 6 trials (EPERM)',
    )
    assert.match(header.remedy, /^a firewall on the sender’s host blocks it/)
    const marker = rounds(6, round => (round > 1 ? datagrams(1e9, 0, MARKER) : refusedHeader({ ...MARKER })))
    assert.match(
      only(marker).message,
      /: the header or marker before the payload refused in 1 of 6 trials \(EPERM\)$/,
    )
    const end = rounds(6, () => refused({ ...MARKER, error_code: 'EPERM', datagrams_refused: 0 }))
    assert.match(only(end).message, /: the end marker refused in 6 of 6 trials \(EPERM\)$/)
    assert.deepEqual(codes(rounds(6, () => datagrams(1e9))), [])
  })

  it('say all where all was refused, and up to where cases differ', () => {
    const some = (datagrams_refused: number, values: Partial<TrialRecord> = {}) =>
      rounds(3, () => refused({ error_code: 'EPERM', datagrams_refused, ...values }))
    const told = (records: readonly TrialRecord[]) => only(records).message.split(': ')[1]
    assert.equal(told(some(10)), 'all datagrams refused (EPERM)')
    assert.equal(told(some(4)), '40.0 % of the datagrams refused (EPERM)')
    assert.equal(told([...some(4), ...some(10, MARKER)]), 'up to all of the datagrams refused (EPERM)')
    assert.equal(told([...some(4), ...some(1, MARKER)]), 'up to 40.0 % of the datagrams refused (EPERM)')
  })
})
