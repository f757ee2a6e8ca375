/** Flags for a NATS server, over which hosts of a fleet are reached, and what identifies this program to it. */
import { readFileSync } from 'node:fs'
import { decodeText } from '../../base/encoded-text.ts'
import { UsageError } from '../../base/errors.ts'
import { readError } from '../../base/system-errors.ts'
import type { BusAddress, parseBusUrl } from '../fleet/bus/address.ts'
import { type FlagValues, text } from './flags.ts'
import { readPems } from './secrets.ts'

export const BUS_FLAGS = {
  creds: text('file of credentials for the NATS server (a JWT and its seed); or set NATS_CREDS', String),
  nkey: text('file with the seed of an nkey for the NATS server; or set NATS_NKEY', String),
  'bus-ca': text("CA certificate (PEM) that signed the NATS server's; or set NATS_CA", String, "Node's own"),
}

/** What a user gave to identify this program to a NATS server, and it to this program. */
export type BusIdentity = FlagValues<typeof BUS_FLAGS>

/** @throws UsageError for a flag that has no effect without a NATS server */
export function checkNoBus(identity: BusIdentity, needed: string): void {
  const idle = Object.keys(BUS_FLAGS).find(name => identity[name as keyof BusIdentity] !== undefined)
  if (idle !== undefined)
    throw new UsageError(`--${idle} is for a NATS server; add ${needed}, or leave it out`)
}

/**
 * The NATS server that a URL names, and the files that flags or, where neither says who this is, the usual variables name.
 * @throws UsageError
 */
export function busAddress(
  url: ReturnType<typeof parseBusUrl>,
  identity: BusIdentity,
  environment: NodeJS.ProcessEnv,
): BusAddress {
  const { creds, nkey } = identity
  if (creds !== undefined && nkey !== undefined)
    throw new UsageError('--creds and --nkey both say who this is; give one of them')
  const { NATS_CREDS, NATS_NKEY, NATS_CA } = environment
  // A variable that is empty is unset.
  const usual = (creds ?? nkey) === undefined
  const paths = {
    creds: creds ?? ((usual && NATS_CREDS) || undefined),
    nkey: nkey ?? ((usual && !NATS_CREDS && NATS_NKEY) || undefined),
  }
  const kind = paths.creds === undefined ? 'nkey' : 'creds'
  const path = paths[kind]
  const { ca } = readPems({ ca: identity['bus-ca'] ?? (NATS_CA || undefined) }, 'bus-')
  return {
    ...url,
    tls: url.tls || ca !== undefined,
    ca,
    proof: path === undefined ? undefined : { kind, text: readText(kind, path) },
  }
}

/** The texts of the files that identify both to each other, by the flags that name them. */
export function busFiles({ ca, proof }: BusAddress): Readonly<Record<string, string>> {
  return {
    ...(proof && { [proof.kind]: proof.text }),
    ...(ca === undefined ? {} : { 'bus-ca': ca }),
  }
}

function readText(flag: string, path: string): string {
  try {
    return decodeText(readFileSync(path))
  } catch (error) {
    throw readError(`--${flag}: cannot read ${path}`, error)
  }
}
