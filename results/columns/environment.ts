/** Where it ran. */
import type { Column } from './column.ts'

export const ENVIRONMENT_COLUMNS = [
  {
    name: 'pinned_cpus',
    type: 'string',
    meaning:
      'CPUs that the sender’s and the receiver’s threads were bound to (`--pin`), as `0,1`; empty when the system chose.',
  },
  { name: 'os', type: 'string', required: true, meaning: '`linux`, `darwin`, `win32`, `freebsd` …' },
  { name: 'os_release', type: 'string', required: true, meaning: 'Release of the kernel.' },
  { name: 'arch', type: 'string', required: true, meaning: '`x64`, `arm64` …' },
  { name: 'cpu_model', type: 'string', required: true, meaning: 'Model of the first CPU.' },
  { name: 'cpu_count', type: 'integer', required: true, meaning: 'CPUs that this process may use.' },
  { name: 'node_version', type: 'string', required: true, meaning: 'Version of Node, without the v.' },
  { name: 'bench_version', type: 'string', required: true, meaning: 'Version of this program.' },
  { name: 'host', type: 'string', required: true, meaning: 'Host name.' },
] as const satisfies readonly Column[]
