/** What the systems of both ends did with the threads that sent and received. */
import type { Column } from './column.ts'

export const THREAD_COLUMNS = [
  {
    name: 'sender_cpu_at_start',
    role: 'measured',
    end: 'sender',
    type: 'integer',
    meaning:
      'CPU on which the sender’s thread last ran before its clock started. This and all columns up to `receiver_steal_ratio` come from Linux, and are empty where the system does not say.',
  },
  {
    name: 'sender_cpu_at_end',
    role: 'measured',
    end: 'sender',
    type: 'integer',
    meaning: 'CPU on which it ran when the trial was over.',
  },
  {
    name: 'sender_migrations',
    role: 'measured',
    end: 'sender',
    type: 'integer',
    meaning: 'How often the system moved it to another CPU over the trial (nr_migrations of /proc/…/sched).',
  },
  {
    name: 'sender_involuntary_switches',
    role: 'measured',
    end: 'sender',
    type: 'integer',
    meaning: 'How often the system took its CPU away for another thread over the trial.',
  },
  {
    name: 'sender_voluntary_switches',
    role: 'measured',
    end: 'sender',
    type: 'integer',
    meaning: 'How often it gave up its CPU over the trial to wait for something.',
  },
  {
    name: 'sender_load',
    role: 'measured',
    end: 'sender',
    type: 'number',
    unit: 'tasks',
    meaning: 'Load average of the sender’s host over the last minute, when the trial was over.',
  },
  {
    name: 'sender_steal_ratio',
    role: 'measured',
    end: 'sender',
    type: 'number',
    unit: '0 to 1',
    meaning:
      'Share of the CPU time of the sender’s host that other guests of its hardware took since the sender’s process began.',
  },
  {
    name: 'receiver_cpu_at_start',
    role: 'measured',
    end: 'receiver',
    type: 'integer',
    meaning: 'The same for the receiver’s thread.',
  },
  {
    name: 'receiver_cpu_at_end',
    role: 'measured',
    end: 'receiver',
    type: 'integer',
    meaning: 'The same for the receiver’s thread.',
  },
  {
    name: 'receiver_migrations',
    role: 'measured',
    end: 'receiver',
    type: 'integer',
    meaning: 'The same for the receiver’s thread.',
  },
  {
    name: 'receiver_involuntary_switches',
    role: 'measured',
    end: 'receiver',
    type: 'integer',
    meaning: 'The same for the receiver’s thread.',
  },
  {
    name: 'receiver_voluntary_switches',
    role: 'measured',
    end: 'receiver',
    type: 'integer',
    meaning: 'The same for the receiver’s thread.',
  },
  {
    name: 'receiver_load',
    role: 'measured',
    end: 'receiver',
    type: 'number',
    unit: 'tasks',
    meaning: 'The same for the receiver’s host.',
  },
  {
    name: 'receiver_steal_ratio',
    role: 'measured',
    end: 'receiver',
    type: 'number',
    unit: '0 to 1',
    meaning: 'The same for the receiver’s host and process.',
  },
  {
    name: 'receiver_stall_ms',
    role: 'measured',
    end: 'receiver',
    type: 'number',
    unit: 'ms',
    meaning:
      'The longest time in the trial in which the receiver’s thread could not run although its process was idle: it was stopped or throttled, or other programs had its CPU. 0 for less than 20 ms; on every system.',
  },
  {
    name: 'receiver_cpu_wait_ms',
    role: 'measured',
    end: 'receiver',
    type: 'number',
    unit: 'ms',
    meaning:
      'How long in the trial, including its drain, the receiver’s thread was ready to run and had no CPU (/proc/…/schedstat). Less than 1 ms in 10 ms does not count. Empty where the system does not say.',
  },
] as const satisfies readonly Column[]
