/** `--verify`: what a receiver checks of a generated payload while it arrives. */
import type { Verify } from '../../../scenarios/socket-values.ts'
import type { SocketKind } from '../../../transports/contract/sockets.ts'
import type { Expectation } from '../../../transports/contract/transport.ts'

/** The expectation that looks at as much as it shall; undefined where it looks at nothing: a stream is in order by itself. */
export function expectationOf(
  payload: Expectation | undefined,
  kind: SocketKind,
  verify: Verify = 'full',
): Expectation | undefined {
  if (verify === 'full') return payload
  return verify === 'index' && kind === 'datagram' ? payload && byIndexOnly(payload) : undefined
}

/** Of each chunk only its index and the hash of that are read, 4 to 8 bytes. */
function byIndexOnly(payload: Expectation): Expectation {
  const { sizeBytes, chunkBytes } = payload
  return {
    sizeBytes,
    chunkBytes,
    indexOf: (memory, start, end, expected) => payload.indexOf(memory, start, end, expected),
    matches(memory, start, end, offset) {
      if (offset + end - start > sizeBytes) return false
      let index = offset / chunkBytes
      for (let from = start; from < end; from += chunkBytes, index++)
        if (payload.indexOf(memory, from, Math.min(from + chunkBytes, end), index) !== index) return false
      return true
    },
  }
}
