/** Detects whether a router between two hosts rewrites addresses. */
import { withoutZone } from '../../transports/contract/addresses.ts'
import type { ControlPath } from './calls/handle.ts'

/** Returns our address as the other host sees it, if it differs from our own: there is a NAT in between. */
export function translated({ ourHost, seenAs }: ControlPath): string | undefined {
  return seenAs === undefined || withoutZone(seenAs) === withoutZone(ourHost) ? undefined : seenAs
}
