/** Whether a router between two hosts rewrites addresses. */
import { withoutZone } from '../../transports/contract/addresses.ts'
import type { ControlPath } from './calls/handle.ts'

/** Our address as the other host sees it, where that is another one than ours: a NAT is between. */
export function translated({ ourHost, seenAs }: ControlPath): string | undefined {
  return seenAs === undefined || withoutZone(seenAs) === withoutZone(ourHost) ? undefined : seenAs
}
