/** Which port a receiver binds. */
import { randomInt } from 'node:crypto'
import { errorCode } from '../../../base/errors.ts'
import { isOfPort } from '../../../base/system-errors.ts'
import type { Endpoint } from '../../../transports/contract/socket-facts.ts'

/** Binds to a free port of the range, starting from a random one, or to `local` without a range. @throws the system's error */
export async function atFreePort<Bound>(
  local: Endpoint,
  ports: readonly number[] | undefined,
  bind: (local: Endpoint) => Promise<Bound>,
): Promise<Bound> {
  if (!ports) return bind(local)
  const [first = 0, last = first] = ports
  const count = last - first + 1
  const start = randomInt(count)
  for (let tried = 0; ; tried++) {
    try {
      return await bind({ ...local, port: first + ((start + tried) % count) })
    } catch (error) {
      if (!isOfPort(errorCode(error)) || tried + 1 >= count) throw error
    }
  }
}
