/** The hosts of a fleet, as a file names them: where `bench serve` runs, and labels by which pairs are chosen. */
import { parseDocument } from 'yaml'
import * as z from 'zod'
import { errorMessage, UsageError } from '../../../base/errors.ts'
import { readText } from '../../../scenarios/load.ts'
import { SCENARIO_NAME } from '../../../scenarios/schema.ts'
import { TARGET, type Target } from '../../../scenarios/settings/words.ts'
import { DEFAULT_PORT } from '../link/connect.ts'
import { SSH_TARGET, type SshTarget } from './ssh-target.ts'

export interface FleetHost {
  readonly name: string
  readonly address: Target
  /** What it is and where, as `zone: a`. */
  readonly labels: Readonly<Record<string, string>>
  /** Where ssh logs in, if that is not the host of its address. */
  readonly ssh?: SshTarget
}

/** Tables and file names have them. */
const name = z.string().regex(SCENARIO_NAME, 'letters, digits, dots and dashes only')
const ONE_VALUE = 'a label has one value, a word or a number'
const label = z.string(ONE_VALUE).min(1, ONE_VALUE)
const hostSchema = z.union([
  z.string(),
  z.strictObject({
    address: z.string(),
    labels: z.record(name, label).optional(),
    ssh: z.string().optional(),
  }),
])
const fileSchema = z.strictObject({ hosts: z.record(name, hostSchema) })
/** A matrix of more is no longer read, and all their pairs take hours. */
const MOST_HOSTS = 1000

/** @throws UsageError with the line, if it is not as it should be */
export function readHosts(path: string): readonly FleetHost[] {
  const refuse = (what: string) =>
    new UsageError(`${path}: ${what}; write hosts: with a line for each, as a: 192.0.2.7:5990`)
  // All values are texts: 007 and 1.10 are no numbers here.
  const document = parseDocument(readText(path, path, 'hosts'), { schema: 'failsafe', logLevel: 'error' })
  const [broken] = document.errors
  if (broken) throw refuse(broken.message.split(/:?\n/, 1)[0] ?? 'not YAML')
  let written: unknown
  try {
    written = document.toJS()
  } catch (thrown) {
    // Of aliases: without an anchor, or too many.
    throw refuse(errorMessage(thrown))
  }
  // A record of Zod leaves it out.
  if (/"__proto__":/.test(JSON.stringify(written) ?? '')) throw refuse('__proto__ is no name')
  const { data, error } = fileSchema.safeParse(written)
  if (!data) {
    const { path, message } = innermost(error.issues)
    throw refuse(`${path.join('.') || 'the file'}: ${message}`)
  }
  const hosts = Object.entries(data.hosts).map(([name, host]): FleetHost => {
    const { address, labels = {}, ssh } = typeof host === 'string' ? { address: host } : host
    try {
      return {
        ...{ name, address: TARGET.parse(address), labels },
        ...(ssh === undefined ? {} : { ssh: SSH_TARGET.parse(ssh) }),
      }
    } catch (thrown) {
      throw refuse(`${name}: ${errorMessage(thrown)}`)
    }
  })
  if (hosts.length < 2 || hosts.length > MOST_HOSTS)
    throw refuse(`a fleet has 2 to ${MOST_HOSTS} hosts, not ${hosts.length}`)
  const places = hosts.map(({ address: { host, port = DEFAULT_PORT } }) => `${host} ${port}`)
  const twice = hosts.find((_, index) => places.indexOf(places[index] ?? '') < index)
  if (twice) throw refuse(`${twice.name} has the address of another one`)
  return hosts
}

interface Problem {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** What is wrong, in place of that a key or a union has something wrong. */
function innermost(issues: readonly z.core.$ZodIssue[]): Problem {
  const [issue] = issues
  if (!issue) return { path: [], message: 'unreadable' }
  // Of a union that which is an object, as the other choice is a text.
  const inner =
    issue.code === 'invalid_key'
      ? issue.issues
      : issue.code === 'invalid_union'
        ? issue.errors.at(-1)
        : undefined
  if (!inner || inner.length === 0) return issue
  const { path, message } = innermost(inner)
  return { path: [...issue.path, ...path], message }
}
