/** `--verify`: what a receiver checks in a generated payload as it arrives. */
import type { Verify } from '../../../../scenarios/settings/words.ts'
import type { SocketKind } from '../../../../transports/contract/sockets.ts'
import type { Expectation } from '../../../../transports/contract/transport.ts'

/** Builds an expectation that checks as much as requested; undefined to check nothing. A stream is always in order. */
export function expectationOf(
  payload: Expectation | undefined,
  kind: SocketKind,
  verify: Verify = 'full',
): Expectation | undefined {
  if (verify === 'full') return payload
  return verify === 'index' && kind === 'datagram' ? payload && byIndexOnly(payload) : undefined
}

/** Reads only the index of each chunk and its hash, 4 to 8 bytes. */
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
