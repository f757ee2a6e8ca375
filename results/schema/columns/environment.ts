/** Where it ran. */
import { COUNT, CPUS, environment, given, ofEnd, TEXT } from './column.ts'

export const ENVIRONMENT_COLUMNS = {
  pinned_cpus: environment(
    { ...TEXT, unset: 'no CPU' },
    'CPUs that the sender’s and the receiver’s threads were bound to (`--pin`), as `0,1`; empty when the system chose.',
  ),
  os_profile: environment(
    { ...TEXT, derivable: true },
    'System whose datagram limit was emulated (`--os-profile`): `macos` …, or the name of a profile’s file; empty for the system’s own.',
  ),
  os: environment({ ...TEXT, required: true }, '`linux`, `darwin`, `win32`, `freebsd` …'),
  os_release: environment(
    { ...TEXT, required: true },
    'Release of the kernel. `(wine)` behind that of Windows: wine stood in for it, on another kernel.',
  ),
  arch: environment({ ...TEXT, required: true }, '`x64`, `arm64` …'),
  cpu_model: environment({ ...TEXT, required: true }, 'Model of the first CPU.'),
  cpu_count: environment({ ...COUNT, required: true }, 'CPUs that this process may use.'),
  cpu_quota: environment(
    { ...CPUS, unset: 'no quota' },
    'CPU time that the control group of this process may use, in CPUs (cpu.max, cpu.cfs_quota_us); empty without a limit, and where the system does not say.',
  ),
  node_version: environment(
    { ...TEXT, required: true },
    'Version of Node without the v, of the ends on this machine; it differs on a side with `node=PATH` (`bench ab`).',
  ),
  bench_version: environment(
    { ...TEXT, required: true },
    'Version of this program, of the ends on this machine; it differs on a side with `cli=PATH` (`bench ab`).',
  ),
  host: environment(
    { ...TEXT, required: true },
    'Host name of the machine that ran the command, which the columns before this one describe.',
  ),
  ...facts('sender', ''),
  ...facts('receiver', '; empty for a foreign receiver'),
}

/** @param foreign what that means where the end is not one of this program */
function facts<End extends 'sender' | 'receiver'>(end: End, foreign: string) {
  return ofEnd(end, {
    host: environment(TEXT, `Host name of the ${end}’s end${foreign}.`),
    os: environment(TEXT, `Operating system of the ${end}’s end${foreign}.`),
    os_release: environment(TEXT, `Release of the kernel of the ${end}’s end${foreign}.`),
    arch: environment(TEXT, `Architecture of the ${end}’s end${foreign}.`),
    cpu_model: environment(TEXT, `Model of the first CPU of the ${end}’s end${foreign}.`),
    cpu_quota: environment(
      CPUS,
      `CPU time that the ${end}’s control group may use, in CPUs; empty without a limit.`,
    ),
    node_version: environment(TEXT, `Version of Node of the ${end}’s end${foreign}.`),
    bench_version: environment(TEXT, `Version of this program of the ${end}’s end${foreign}.`),
    engine: environment(TEXT, `Engine of the ${end}’s end${foreign}.`),
    binding: given(
      { ...TEXT, derivable: true },
      `What called the system for the native engine of the ${end}’s end: \`koffi\` or \`node:ffi\`; empty for other engines.`,
    ),
  })
}
