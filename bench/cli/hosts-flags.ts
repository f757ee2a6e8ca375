/** The flags that say where the ends of a run are, and how its servers are known. */
import { UsageError } from '../../base/errors.ts'
import type { Overrides } from '../../scenarios/blocks.ts'
import type { Target } from '../../scenarios/settings/words.ts'
import { type FlagValues, text, yes } from './flags.ts'

/** Where `bench serve` listens, where nothing is said. */
export const DEFAULT_PORT = 5990

/** How the servers are known that this host speaks with. */
export const SERVER_FLAGS = {
  'token-file': text('file with the token of the servers; or BENCH_TOKEN', String),
  tls: yes('speak TLS with the servers'),
  'tls-ca': text('certificate (PEM) that the servers’ are signed with', String, 'those of Node'),
  'tls-cert': text('our own certificate (PEM), where the servers want one', String),
  'tls-key': text('its key (PEM)', String),
}
/** An end of a flow: another host, or this one. */
export type EndAsked = Target | typeof HERE
export const HERE = 'here'

/** Where the ends of a run with other hosts are. */
export interface HostArguments extends ServerIdentity {
  /** All at the same time. */
  readonly flows: readonly { readonly from: EndAsked; readonly to: EndAsked }[]
}

/** The other host; of two others the one that receives. */
export function otherHost({ flows: [first] }: HostArguments): Target {
  if (first && first.to !== HERE) return first.to
  if (first && first.from !== HERE) return first.from
  throw new Error('a run with other hosts has one')
}

/** Whether an end of each flow is on this host. */
export function endsHere({ flows }: HostArguments): boolean {
  return flows.every(({ from, to }) => from === HERE || to === HERE)
}

/** How a server is spoken with: files of a token and of certificates. */
export type ServerIdentity = ReturnType<typeof serverIdentity>

/** Undefined: both ends are on this host, or one is foreign. @throws UsageError when settings miss one another */
export function hostArguments(
  { host, from, to, reverse, bidir }: Overrides,
  identity: ServerIdentity,
): HostArguments | undefined {
  if ((from === undefined) !== (to === undefined))
    throw new UsageError('--from and --to belong together; give both, or --host for one other host')
  if (from && to) return { ...identity, flows: [{ from, to }] }
  if (!host) return undefined
  const [forward, backward] = [{ from: HERE, to: host } as const, { from: host, to: HERE } as const]
  return { ...identity, flows: bidir ? [forward, backward] : [reverse ? backward : forward] }
}

/** @throws UsageError when flags miss one another */
export function serverIdentity(flags: FlagValues<typeof SERVER_FLAGS>) {
  const { 'token-file': tokenFile, tls, 'tls-ca': ca } = flags
  const { cert, key } = certificate(flags) ?? { cert: undefined, key: undefined }
  return { tokenFile, tls: tls || (ca ?? cert) !== undefined ? { ca, cert, key } : undefined }
}

/** A flag that is idle where there is no server. */
export function idleFlag({ tokenFile, tls }: ServerIdentity, { reverse, bidir }: Overrides = {}) {
  return reverse ? 'reverse' : bidir ? 'bidir' : tokenFile !== undefined ? 'token-file' : tls && 'tls'
}

/** What shows who this host is. @throws UsageError for a half of it */
export function certificate({
  'tls-cert': cert,
  'tls-key': key,
}: Pick<FlagValues<typeof SERVER_FLAGS>, 'tls-cert' | 'tls-key'>) {
  if ((cert === undefined) !== (key === undefined))
    throw new UsageError('--tls-cert and --tls-key belong together; give both or neither')
  return cert !== undefined && key !== undefined ? { cert, key } : undefined
}
