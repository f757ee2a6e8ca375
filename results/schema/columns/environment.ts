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
  {
    name: 'cpu_quota',
    type: 'number',
    unit: 'CPUs',
    meaning:
      'CPUs’ worth of time that the control group of this process may use (cpu.max, cpu.cfs_quota_us); empty without a limit, and where the system does not say.',
  },
  {
    name: 'node_version',
    type: 'string',
    required: true,
    meaning:
      'Version of Node, without the v: that of the ends on this machine, which is another one on a side with `node=PATH` (`bench ab`).',
  },
  {
    name: 'bench_version',
    type: 'string',
    required: true,
    meaning:
      'Version of this program: that of the ends on this machine, which is another one on a side with `cli=PATH` (`bench ab`).',
  },
  {
    name: 'host',
    type: 'string',
    required: true,
    meaning: 'Host name of the machine that ran the command; so are the columns before it.',
  },
  { name: 'sender_host', type: 'string', meaning: 'Host name of the sender’s end.' },
  { name: 'sender_os', type: 'string', meaning: 'Operating system of the sender’s end.' },
  { name: 'sender_os_release', type: 'string', meaning: 'Release of the kernel of the sender’s end.' },
  { name: 'sender_arch', type: 'string', meaning: 'Architecture of the sender’s end.' },
  { name: 'sender_cpu_model', type: 'string', meaning: 'Model of the first CPU of the sender’s end.' },
  {
    name: 'sender_cpu_quota',
    type: 'number',
    unit: 'CPUs',
    meaning: 'CPUs’ worth of time that the sender’s control group may use; empty without a limit.',
  },
  { name: 'sender_node_version', type: 'string', meaning: 'Version of Node of the sender’s end.' },
  { name: 'sender_bench_version', type: 'string', meaning: 'Version of this program of the sender’s end.' },
  { name: 'sender_engine', type: 'string', meaning: 'Engine of the sender’s end.' },
  {
    name: 'receiver_host',
    type: 'string',
    meaning: 'Host name of the receiver’s end; empty when it is not ours.',
  },
  {
    name: 'receiver_os',
    type: 'string',
    meaning: 'Operating system of the receiver’s end; empty when it is not ours.',
  },
  {
    name: 'receiver_os_release',
    type: 'string',
    meaning: 'Release of the kernel of the receiver’s end; empty when it is not ours.',
  },
  {
    name: 'receiver_arch',
    type: 'string',
    meaning: 'Architecture of the receiver’s end; empty when it is not ours.',
  },
  {
    name: 'receiver_cpu_model',
    type: 'string',
    meaning: 'Model of the first CPU of the receiver’s end; empty when it is not ours.',
  },
  {
    name: 'receiver_cpu_quota',
    type: 'number',
    unit: 'CPUs',
    meaning: 'CPUs’ worth of time that the receiver’s control group may use; empty without a limit.',
  },
  {
    name: 'receiver_node_version',
    type: 'string',
    meaning: 'Version of Node of the receiver’s end; empty when it is not ours.',
  },
  {
    name: 'receiver_bench_version',
    type: 'string',
    meaning: 'Version of this program of the receiver’s end; empty when it is not ours.',
  },
  {
    name: 'receiver_engine',
    type: 'string',
    meaning: 'Engine of the receiver’s end; empty when it is not ours.',
  },
] as const satisfies readonly Column[]
