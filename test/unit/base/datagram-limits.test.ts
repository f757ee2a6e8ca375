/** The documented datagram limits of operating systems, and the word that was meant. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { OS_PROFILES, profileLimit } from '../../../base/datagram-limits.ts'
import { nearest } from '../../../base/nearest.ts'

test('the BSDs take 9,216 bytes by default over either IP version, and say how to lift it', () => {
  for (const profile of ['macos', 'freebsd'] as const) {
    for (const family of [4, 6] as const) {
      const { maxDatagramBytes, note } = profileLimit(profile, family)
      assert.equal(maxDatagramBytes, 9216)
      assert.match(note, /sysctl -w net\.inet\.udp\.maxdgram=65535.*--sndbuf 65535/)
    }
  }
})

test('elsewhere the protocol is the limit', () => {
  for (const profile of ['linux', 'windows'] as const) {
    assert.equal(profileLimit(profile, 4).maxDatagramBytes, 65_507)
    assert.equal(profileLimit(profile, 6).maxDatagramBytes, 65_527)
  }
  assert.match(profileLimit('windows', 6).note, /assumed/)
  assert.equal(OS_PROFILES.length, 4)
})

test('a mistyped word is recognized, a foreign one is not', () => {
  const known = ['size', 'max-datagram', 'transport']
  assert.equal(nearest('sizes', known), 'size')
  assert.equal(nearest('siez', known), 'size')
  assert.equal(nearest('maxDatagram', known), 'max-datagram')
  assert.equal(nearest('TRANSPORTS', known), 'transport')
  assert.equal(nearest('duration', known), undefined)
  assert.equal(nearest('', known), undefined)
})
