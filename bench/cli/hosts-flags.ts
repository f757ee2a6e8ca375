/** The flags for where the ends of a run are, and how to identify its servers. */
import { UsageError } from '../../base/errors.ts'
import type { Overrides } from '../../scenarios/blocks.ts'
import { TARGET, type Target } from '../../scenarios/settings/words.ts'
import { DEFAULT_PORT } from '../fleet/link/connect.ts'
import { type FlagValues, text, yes } from './flags.ts'

/** How to identify the servers that this host talks to. */
export const SERVER_FLAGS = {
  'token-file': text("file with the servers' token; or set BENCH_TOKEN", String),
  tls: yes('use TLS with the servers'),
  'tls-ca': text("CA certificate (PEM) that signed the servers' certificates", String, "Node's own"),
  'tls-cert': text("this client's certificate (PEM), if the servers require one", String),
  'tls-key': text('its key (PEM)', String),
}
/** An end of a flow: another host, or this one. */
export type EndAsked = Target | typeof HERE
export const HERE = 'here'

/** Where the ends of a run with other hosts are. */
export interface HostArguments extends ServerIdentity {
  /** All at once. */
  readonly flows: readonly { readonly from: EndAsked; readonly to: EndAsked }[]
}

/** The other host; if both ends are on others, the one that receives. */
export function otherHost({ flows: [first] }: HostArguments): Target {
  if (first && first.to !== HERE) return first.to
  if (first && first.from !== HERE) return first.from
  throw new Error('a run with other hosts has one')
}

/** Whether an end of each flow is on this host. */
export function endsHere({ flows }: HostArguments): boolean {
  return flows.every(({ from, to }) => from === HERE || to === HERE)
}

/** How to identify a server: files with a token and certificates. */
export type ServerIdentity = ReturnType<typeof serverIdentity>

/** Undefined: both ends are on this host, or one is foreign. @throws UsageError */
export function hostArguments(
  { host, from, to, reverse, bidir }: Overrides,
  identity: ServerIdentity,
): HostArguments | undefined {
  if (from && to) {
    if (from.host === to.host && (from.port ?? DEFAULT_PORT) === (to.port ?? DEFAULT_PORT))
      throw new UsageError(
        `--from and --to name the same server, ${from.host}, port ${from.port ?? DEFAULT_PORT}; name two, or run bench there to measure within that host`,
      )
    return { ...identity, flows: [{ from, to }] }
  }
  const [first] = host ?? []
  if (!host || !first) return undefined
  const forward = host.map(to => ({ from: HERE, to }) as const)
  const backward = { from: first, to: HERE } as const
  return { ...identity, flows: bidir ? [...forward, backward] : reverse ? [backward] : forward }
}

/** @throws UsageError when only one of two flags that belong together is given */
export function serverIdentity(flags: FlagValues<typeof SERVER_FLAGS>) {
  const { 'token-file': tokenFile, tls, 'tls-ca': ca } = flags
  const { cert, key } = certificate(flags['tls-cert'], flags['tls-key']) ?? {}
  return { tokenFile, tls: tls || (ca ?? cert) !== undefined ? { ca, cert, key } : undefined }
}

/** Finds a flag that has no effect without a server. */
export function idleFlag({ tokenFile, tls }: ServerIdentity, { reverse, bidir }: Overrides = {}) {
  return reverse ? 'reverse' : bidir ? 'bidir' : tokenFile !== undefined ? 'token-file' : tls && 'tls'
}

/** The certificate of this host. @param prefix of both flags @throws UsageError when its key is missing, or it */
export function certificate(cert: string | undefined, key: string | undefined, prefix = 'tls-') {
  if ((cert === undefined) !== (key === undefined))
    throw new UsageError(`--${prefix}cert and --${prefix}key belong together; give both or neither`)
  return cert !== undefined && key !== undefined ? { cert, key } : undefined
}

/** `0.0.0.0:5990`, `[::]:5990`, an address alone, or `:5990`; port 0 lets the system choose. */
export function parseListen(text: string): { host: string; port: number | undefined } {
  if (/:0$/.test(text)) return { host: TARGET.parse(`${text.slice(0, -2)}:1`).host, port: 0 }
  return TARGET.parse(text)
}
