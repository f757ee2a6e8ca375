/** The datagram limits of a machine, as `bench probe --save` writes them and `--os-profile FILE` reads them. */
import { parse, stringify } from 'yaml'
import * as z from 'zod'
import { PROFILES, type Profile } from '../base/datagram-limits.ts'
import { UsageError } from '../base/errors.ts'
import { readText } from './load.ts'

const limit = z.strictObject({
  /** Largest UDP payload with default buffers, and with a raised SO_SNDBUF, in bytes. */
  datagram: z.int().min(0).max(65_527),
  raised: z.int().min(0).max(65_527).optional(),
})
const profileSchema = z.strictObject({
  system: z.string().optional(),
  ipv4: limit.optional(),
  ipv6: limit.optional(),
})
export type ProfileFile = z.infer<typeof profileSchema>

/** Where a version of IP was not probed it has the limits of Linux, which are those of the protocol. @throws UsageError */
export function readProfile(path: string): Profile {
  const text = readText(path, path, 'profile')
  const { data, error } = profileSchema.safeParse(contentOf(text))
  if (!data) {
    const [issue] = error.issues
    const where = issue?.path.join('.')
    throw new UsageError(
      `${path} is not a profile${where ? `: ${where} is not as it should be` : ''}; write one with bench probe --save`,
    )
  }
  const limits = (own: ProfileFile['ipv4'], family: 4 | 6) =>
    own
      ? {
          maxDatagramBytes: own.datagram,
          ...(own.raised === undefined ? {} : { raisedBytes: own.raised }),
          note: `probed${data.system === undefined ? '' : ` on ${data.system}`}`,
        }
      : PROFILES.linux[family]
  return { 4: limits(data.ipv4, 4), 6: limits(data.ipv6, 6) }
}

export function writtenProfile(profile: ProfileFile): string {
  return `# Limits of datagrams found by bench probe, for --os-profile.\n${stringify(profile)}`
}

function contentOf(text: string): unknown {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}
