/** Proofs and seals: only who knows the token, only for these nonces, only in this direction, and only in this order. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { ProtocolError } from '../../../bench/fleet/link/frames.ts'
import { isProof, isSame, newNonce, proofOf, Seals } from '../../../bench/fleet/link/proof.ts'

const TOKEN = 'a token of enough letters'
const fresh = () => ({ client: newNonce(), server: newNonce() })

describe('a proof', () => {
  const nonces = fresh()
  const proof = proofOf(TOKEN, 'client', nonces)

  test('is right for its token, side and nonces', () => {
    assert(isProof(proof, TOKEN, 'client', nonces))
    assert.match(proof, /^[0-9a-f]{64}$/)
  })

  test('is wrong for another token, the other side, other nonces, or nonces in each other’s place', () => {
    assert(!isProof(proof, `${TOKEN} `, 'client', nonces))
    assert(!isProof(proof, TOKEN, 'server', nonces))
    assert(!isProof(proof, TOKEN, 'client', { ...nonces, server: newNonce() }))
    assert(!isProof(proof, TOKEN, 'client', { ...nonces, client: newNonce() }))
    assert(!isProof(proof, TOKEN, 'client', { client: nonces.server, server: nonces.client }))
  })

  test('that is cut, longer or no hex at all is wrong, and nothing is thrown', () => {
    const near = [proof.slice(2), `${proof}00`, proof.slice(0, -1), `${proof.slice(0, -2)}zz`, '', 'zz']
    for (const each of near) assert(!isProof(each, TOKEN, 'client', nonces))
    fc.assert(fc.property(fc.string(), text => !isProof(text, TOKEN, 'client', nonces)))
  })

  test('nonces are never the same', () => {
    assert.equal(new Set(Array.from({ length: 1000 }, newNonce)).size, 1000)
  })

  test('two secrets are the same in every byte or not at all', () => {
    assert(isSame('00ff', '00ff'))
    for (const other of ['00fe', '00', '00ff00', '']) assert(!isSame(other, '00ff'))
  })
})

describe('sealed frames', () => {
  const setting = () => {
    const nonces = fresh()
    const client = new Seals(TOKEN, 'client', nonces)
    const server = new Seals(TOKEN, 'server', nonces)
    const sealed = ['one', 'two', 'three'].map(text => client.seal(Buffer.from(text)))
    return { nonces, client, server, sealed }
  }
  const refuses = (seals: Seals, frame: Buffer | undefined) =>
    assert.throws(() => seals.open(frame ?? Buffer.alloc(0)), ProtocolError)

  test('are opened in their order', () => {
    const { server, sealed } = setting()
    assert.deepEqual(
      sealed.map(frame => server.open(frame).toString()),
      ['one', 'two', 'three'],
    )
  })

  test('of no bytes are frames too', () => {
    const { client, server, sealed } = setting()
    for (const frame of sealed) server.open(frame)
    assert.equal(server.open(client.seal(Buffer.alloc(0))).length, 0)
  })

  test('in another order, twice, or with one left out are refused', () => {
    refuses(setting().server, setting().sealed[0])
    const swapped = setting()
    refuses(swapped.server, swapped.sealed[1])
    const twice = setting()
    twice.server.open(twice.sealed[0] ?? Buffer.alloc(0))
    refuses(twice.server, twice.sealed[0])
    const gap = setting()
    gap.server.open(gap.sealed[0] ?? Buffer.alloc(0))
    refuses(gap.server, gap.sealed[2])
  })

  test('sent back to where they came from are refused', () => {
    const { client, sealed } = setting()
    refuses(client, sealed[0])
  })

  test('of another session, or of who knows another token, are refused', () => {
    const { nonces, sealed } = setting()
    refuses(new Seals(TOKEN, 'server', fresh()), sealed[0])
    refuses(new Seals(`${TOKEN}!`, 'server', nonces), sealed[0])
  })

  test('cut anywhere, or with any bit turned, are refused', () => {
    const sealed = setting().sealed[0] ?? Buffer.alloc(0)
    fc.assert(
      fc.property(fc.nat({ max: sealed.length - 1 }), fc.nat({ max: 7 }), (at, bit) => {
        const { server, sealed } = setting()
        const [frame = Buffer.alloc(0)] = sealed
        const damaged = Buffer.from(frame)
        damaged.writeUInt8(damaged.readUInt8(at) ^ (1 << bit), at)
        refuses(server, damaged)
        refuses(setting().server, frame.subarray(0, at))
      }),
    )
  })
})
