/** The flags that say where the ends of a run are, and how its servers are known. */
import { UsageError } from '../../base/errors.ts'
import { type Flags, flag, text, yes } from './options.ts'
import { parseTarget, type Target } from './target.ts'

/** Where `bench serve` listens, where nothing is said. */
export const DEFAULT_PORT = 5990

export const HOST_OPTIONS = {
  host: text('receive on another host, where bench serve runs: HOST[:PORT]'),
  reverse: yes('with --host: send from there to here'),
  bidir: yes('with --host: both ways at once'),
  from: text('with --to: send from this host, where bench serve runs, instead of from here'),
  to: text('with --from: receive on this one'),
  'token-file': text('file with the token of the servers; or BENCH_TOKEN'),
  tls: yes('speak TLS with the servers'),
  'tls-ca': text('certificate (PEM) that the servers’ are signed with', 'those of Node'),
  'tls-cert': text('our own certificate (PEM), where the servers want one'),
  'tls-key': text('its key (PEM)'),
} as const

/** Where the ends of a run are. */
export interface HostArguments extends ServerIdentity {
  readonly mode: 'forward' | 'reverse' | 'bidir' | 'third-party'
  /** The other host; of two others the one that receives. */
  readonly host: Target
  /** Of two others the one that sends. */
  readonly from: Target | undefined
}

/** How a server is spoken with. */
export interface ServerIdentity {
  readonly tokenFile: string | undefined
  readonly tls: TlsFiles | undefined
}

export interface TlsFiles {
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
}

/** Undefined: both ends are on this host. @throws UsageError when flags miss one another */
export function hostArguments(flags: Flags): HostArguments | undefined {
  const [host, from, to] = ['host', 'from', 'to'].map(name => flag(name, flags[name], parseTarget))
  const identity = { tokenFile: flag('token-file', flags['token-file'], String), tls: tlsFiles(flags) }
  const [reverse, bidir] = [flags['reverse'] === true, flags['bidir'] === true]
  if (reverse && bidir) throw new UsageError('--reverse and --bidir exclude each other; give one of them')
  if ((from === undefined) !== (to === undefined))
    throw new UsageError('--from and --to belong together; give both, or --host for one other host')
  if (from && to) {
    const odd = host ? 'host' : reverse ? 'reverse' : bidir ? 'bidir' : undefined
    if (odd) throw new UsageError(`--${odd} does not go with --from and --to; leave it out`)
    return { ...identity, mode: 'third-party', host: to, from }
  }
  if (!host) {
    const { tokenFile, tls } = identity
    const idle = reverse ? 'reverse' : bidir ? 'bidir' : tokenFile !== undefined ? 'token-file' : tls && 'tls'
    if (idle) throw new UsageError(`--${idle} is for another host; name it with --host`)
    return undefined
  }
  return { ...identity, mode: reverse ? 'reverse' : bidir ? 'bidir' : 'forward', host, from: undefined }
}

export function tlsFiles(flags: Flags): TlsFiles | undefined {
  const [ca, cert, key] = ['tls-ca', 'tls-cert', 'tls-key'].map(name => flag(name, flags[name], String))
  if ((cert === undefined) !== (key === undefined))
    throw new UsageError('--tls-cert and --tls-key belong together; give both or neither')
  return flags['tls'] === true || (ca ?? cert) !== undefined ? { ca, cert, key } : undefined
}
