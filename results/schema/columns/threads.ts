/** What the systems of both ends did with the threads that sent and received. */
import { COUNT, MS, measured, ofEnd, SHARE, TASKS } from './column.ts'

export const THREAD_COLUMNS = {
  ...threadOf('sender'),
  ...threadOf('receiver'),
  ...ofEnd('receiver', {
    stall_ms: measured(
      MS,
      'The longest time in the trial in which the receiver’s thread could not run although its process was idle: it was stopped or throttled, or other programs had its CPU. 0 for less than 20 ms; on every system.',
    ),
    cpu_wait_ms: measured(
      MS,
      'How long in the trial, including its drain, the receiver’s thread was ready to run and had no CPU (/proc/…/schedstat). Less than 1 ms in 10 ms does not count. Empty where the system does not say.',
    ),
  }),
}

function threadOf<End extends 'sender' | 'receiver'>(end: End) {
  return ofEnd(end, {
    cpu_at_start: measured(
      { ...COUNT, over: 'first' },
      `CPU on which the ${end}’s thread last ran before its clock started. This and the next six columns come from Linux, and are empty where the system does not say.`,
    ),
    cpu_at_end: measured(
      { ...COUNT, over: 'first' },
      `CPU on which the ${end}’s thread ran when the trial was over.`,
    ),
    migrations: measured(
      COUNT,
      `How often the system moved the ${end}’s thread to another CPU over the trial (nr_migrations of /proc/…/sched).`,
    ),
    involuntary_switches: measured(
      COUNT,
      `How often the system took the CPU from the ${end}’s thread for another one over the trial.`,
    ),
    voluntary_switches: measured(
      COUNT,
      `How often the ${end}’s thread gave up its CPU over the trial to wait for something.`,
    ),
    load: measured(TASKS, `Load average of the ${end}’s host over the last minute, when the trial was over.`),
    steal_ratio: measured(
      { ...SHARE, over: 'most' },
      `Share of the CPU time of the ${end}’s host that other guests of its hardware took since the ${end}’s process began.`,
    ),
  })
}
