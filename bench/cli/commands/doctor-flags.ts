/** The flags of `bench doctor`, and the arguments that they become. */
import type { Argv, Options } from 'yargs'
import { UsageError } from '../../../base/errors.ts'
import { HOST_OPTIONS, tlsFiles } from '../hosts-flags.ts'
import { type Flags, flag, IP, parseFamily, text, yes } from '../options.ts'
import { parseTarget } from '../target.ts'
import type { DoctorArguments } from './doctor.ts'

export const DOCTOR_OPTIONS = {
  quick: yes('only whether the server of HOST answers and lets us in: for health checks'),
  format: { ...text('on standard output', 'table'), choices: ['table', 'json'] },
  ip: { ...IP, defaultDescription: 'as HOST has it' },
  'token-file': HOST_OPTIONS['token-file'],
  tls: HOST_OPTIONS.tls,
  'tls-ca': HOST_OPTIONS['tls-ca'],
  'tls-cert': HOST_OPTIONS['tls-cert'],
  'tls-key': HOST_OPTIONS['tls-key'],
} as const satisfies Record<string, Options>

export function describeDoctor(builder: Argv) {
  return builder
    .positional('host', {
      type: 'string',
      describe: 'another host, where bench serve runs: HOST[:PORT]',
    })
    .options(DOCTOR_OPTIONS)
    .example('$0 doctor', 'this machine')
    .example('BENCH_TOKEN=… $0 doctor 192.0.2.7', 'both machines, and the way between them')
}

export function doctorArguments(flags: Flags): DoctorArguments {
  const host = flag('host', flags['host'], parseTarget)
  const tokenFile = flag('token-file', flags['token-file'], String)
  const tls = tlsFiles(flags)
  const ipFamily = flag('ip', flags['ip'], parseFamily)
  const quick = flags['quick'] === true
  if (!host) {
    const idle = quick ? 'quick' : tokenFile !== undefined ? 'token-file' : tls ? 'tls' : ipFamily && 'ip'
    if (idle) throw new UsageError(`--${idle} is for another host; name it: bench doctor HOST`)
  }
  return {
    host,
    identity: { tokenFile, tls },
    ipFamily,
    quick,
    format: flag('format', flags['format'], String) === 'json' ? 'json' : 'table',
  }
}
