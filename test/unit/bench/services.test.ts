/** Words to services: each a transport and a port, and no port twice. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { UsageError } from '../../../base/errors.ts'
import { nameOf, servicesOf } from '../../../bench/cli/transfers/services.ts'
import { BUILT_IN } from '../../../transports/catalog.ts'

const transports = [...BUILT_IN.transports.values()]

function read(operands: readonly string[]) {
  return servicesOf(operands, {}, BUILT_IN)
}

test('without words it is the one of the flags, on its port or the usual one', () => {
  const [one, ...others] = servicesOf([], { transport: 'udp-marker' }, BUILT_IN)
  assert.deepEqual([one?.transport.name, one?.port, others.length], ['udp-marker', 8888, 0])
  assert.equal(servicesOf([], { transport: 'tcp', port: 0 }, BUILT_IN)[0]?.port, 0)
  assert.throws(() => read([]), /--transport is missing/)
})

test('any words: a service each, in order, or one of them needs a port that another has', () => {
  const asked = fc.record({
    transport: fc.constantFrom(...transports),
    port: fc.option(fc.oneof(fc.constantFrom(0, 1, 2), fc.integer({ min: 0, max: 65_535 })), {
      nil: undefined,
    }),
  })
  fc.assert(
    fc.property(fc.array(asked, { minLength: 1, maxLength: 6 }), services => {
      const words = services.map(({ transport, port }) =>
        port === undefined ? transport.name : `${transport.name}:${port}`,
      )
      const ends = services.flatMap(({ transport, port = transport.port }) =>
        port === 0 ? [] : [`${transport.traits.socket} ${port}`],
      )
      if (new Set(ends).size < ends.length) {
        assert.throws(
          () => read(words),
          (error: Error) =>
            error instanceof UsageError && /need the same (?:TCP|UDP) port \d+; /.test(error.message),
        )
        return
      }
      const found = read(words)
      assert.deepEqual(
        found.map(each => [each.transport.name, each.port]),
        services.map(({ transport, port = transport.port }) => [transport.name, port]),
      )
      // Once each has a port, no two have one name.
      const names = found.map((each, index) => nameOf(each, each.port || 100_000 + index))
      assert.equal(new Set(names).size, names.length)
    }),
  )
})
