/** `bench doctor` on the command line. */
import { UsageError } from '../../../base/errors.ts'
import { TARGET } from '../../../scenarios/settings/words.ts'
import type { Command } from '../command.ts'
import { choice, readFlags, yes } from '../flags.ts'
import { idleFlag, SERVER_FLAGS, serverIdentity } from '../hosts-flags.ts'
import { PLUGIN } from '../options.ts'
import { settingFlag } from '../setting-flags.ts'

const FLAGS = {
  plugin: PLUGIN,
  quick: yes('check only that the server on HOST answers and accepts this client: for health checks'),
  format: choice('on standard output', ['table', 'json'], 'table'),
  ip: settingFlag('ip', 'as HOST has it'),
  ...SERVER_FLAGS,
}

export const doctor: Command = {
  name: 'doctor',
  summary: 'check what this machine and another one can do',
  operands: [{ name: 'host', describe: 'another host, where bench serve runs: HOST[:PORT]' }],
  flags: FLAGS,
  examples: [
    ['$0 doctor', 'check this machine'],
    ['BENCH_TOKEN=… $0 doctor 192.0.2.7', 'check both machines, and the path between them'],
  ],
  async run({ operands: [name], flags }, terminal, signal, catalog) {
    const host = name === undefined ? undefined : TARGET.parse(name)
    const { quick, format = 'table', ip: ipFamily, ...server } = readFlags(FLAGS, flags)
    const identity = serverIdentity(server)
    const idle = quick ? 'quick' : (idleFlag(identity) ?? (ipFamily && 'ip'))
    if (!host && idle) throw new UsageError(`--${idle} is for another host; name it: bench doctor HOST`)
    const { doctor } = await import('../actions/doctor.ts')
    return doctor(terminal, { host, identity, ipFamily, quick, format }, catalog, signal)
  },
}
