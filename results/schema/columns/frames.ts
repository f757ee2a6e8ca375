/** Pictures in a row. Each that is due is on time, late, damaged or dropped. */
import { asked, COUNT, MS, measured, SHARE } from './column.ts'

const MEAN_MS = { ...MS, over: 'mean' } as const

export const FRAMES_COLUMNS = {
  fps: asked(
    { type: 'number', unit: 'per second', title: 'fps', unset: 'by answer' },
    'Pictures in a row (workload `frames`): how many are due in a second (`--fps`), whether or not answers have come. Empty where each follows the answer to the one before.',
  ),
  frames_asked: asked({ ...COUNT, title: 'pictures' }, 'Pictures of a trial (`--frames`), at most.'),
  frames_due: measured(
    COUNT,
    'Pictures that were due: frames_on_time + frames_late + frames_damaged + frames_dropped, where the receiver reports.',
  ),
  frames_on_time: measured(
    COUNT,
    'Pictures of which the receiver had every byte, undamaged, before the next one was due; without `--fps`, before the sender began the next one.',
  ),
  frames_late: measured(COUNT, 'Pictures that came whole and undamaged, but later than that.'),
  frames_damaged: measured(
    COUNT,
    'Pictures that came with their full length, and with other bytes: damaged on the way or, where a header was lost, of two pictures.',
  ),
  frames_dropped: measured(
    COUNT,
    'Pictures that never came whole: part of them was lost, or they were never sent.',
  ),
  frames_unsent: measured(
    COUNT,
    'Those of them that were never sent: of the pictures that became due while the sender was busy only the newest waited.',
  ),
  frames_answered: measured(
    COUNT,
    'Pictures whose answer came before the sender began the next one; empty where the protocol has none.',
  ),
  frames_on_time_ratio: measured(
    { ...SHARE, over: { part: 'frames_on_time', of: 'frames_due' } },
    'frames_on_time / frames_due.',
  ),
  frames_per_second: measured(
    { type: 'number', unit: 'per second', over: 'sum' },
    'Pictures that came whole, on time or late, per second: from when the first of them was there until the last was. Empty for fewer than two.',
  ),
  frame_delay_p50_ms: measured(
    MEAN_MS,
    'Median of how long after a picture was due the receiver had all of it, of those that came whole; without `--fps`, after its sending began. `clock_error_ms` says how exact that is; empty where it exceeds it.',
  ),
  frame_delay_max_ms: measured(MS, 'The longest of them.'),
  frame_jitter_ms: measured(
    MEAN_MS,
    'Jitter of their arrival (RFC 3550, 6.4.1): the smoothed difference of the delays of successive pictures.',
  ),
  frame_lateness_max_ms: measured(
    MS,
    'With `--fps`: the longest that the sending of a picture began after it was due; part of its delay.',
  ),
}
