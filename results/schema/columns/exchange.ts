/** Requests and their answers: latency. Percentiles only where enough answers stand behind them. */
import { asked, COUNT, MS, measured, TEXT } from './column.ts'

const FROM_DUE =
  'Latency counts from the moment at which a request was due, so that a sender that is late does not hide it.'

/** The mean over the clients of a trial (`--streams`); all their round trips are in `rtt_histogram`. */
const MEAN_MS = { ...MS, over: 'mean' } as const

export const EXCHANGE_COLUMNS = {
  interval_ms: asked(
    { ...MS, title: 'interval', unset: 'ping-pong' },
    'Open loop (`--interval`): the time between two requests, which do not wait for answers. Empty for a transfer, and for a closed loop (`--ping-pong`), in which each request follows the answer to the one before.',
  ),
  requests_asked: asked({ ...COUNT, title: 'messages' }, 'Requests of a trial (`--messages`).'),
  duration_asked_ms: asked(
    { ...MS, title: 'duration' },
    'How long a trial sends (`--duration`): a stream of bytes, or requests; empty where it sends a payload, or a number of requests.',
  ),
  omit_asked_ms: asked(
    { ...MS, title: 'omit', unset: 'none' },
    'Stream: how much of its start does not count in goodput (`--omit`); it does in all counts.',
  ),
  requests: measured(
    COUNT,
    'Requests that were due in the trial. Over UDP each is one datagram: `datagrams_offered` and the columns behind it count them, up to `datagrams_lost` on the way there. Empty for a transfer.',
  ),
  answered: measured(COUNT, 'Requests whose answer came whole and in time.'),
  answers_late: measured(
    COUNT,
    'Answers that came more than a second (between hosts: and 4 round trips) after the request was due; never counted for another request.',
  ),
  answers_damaged: measured(COUNT, 'Answers with other bytes than they should have.'),
  answers_duplicated: measured(COUNT, 'Answers that came once more.'),
  answers_lost: measured(
    COUNT,
    'Answers that the other end sent and that never came: lost on the way back. Empty over TCP and where the other end does not report (`--target`), unless it is a STAMP reflector whose numbers prove it.',
  ),
  rtt_min_ms: measured(
    { ...MS, over: 'least' },
    'Shortest round trip: from when a request was due until its answer was there; over STAMP, less the time at the reflector.',
  ),
  rtt_p50_ms: measured(MEAN_MS, `Median of the round trips of the trial. ${FROM_DUE}`),
  rtt_p90_ms: measured(MEAN_MS, 'Their 90th percentile; empty for fewer than 100 answers.'),
  rtt_p99_ms: measured(MEAN_MS, 'Their 99th percentile; empty for fewer than 1,000.'),
  rtt_p999_ms: measured(MEAN_MS, 'The 99.9th; empty for fewer than 10,000.'),
  rtt_p9999_ms: measured(MEAN_MS, 'The 99.99th; empty for fewer than 100,000.'),
  rtt_max_ms: measured(
    MS,
    'Longest round trip; as all of these to 3 digits, rounded up by as much as 0.1 % (`rtt_histogram`).',
  ),
  rtt_histogram: measured(
    { ...TEXT, perTrial: true, format: 'latencies', over: 'merged' },
    'All round trips as an HDR histogram in nanoseconds with 3 digits (V2, compressed, base64), which can be added up over trials.',
  ),
  lateness_p50_ms: measured(
    MEAN_MS,
    'Open loop: median of how long after it was due a request left, to 3 digits as round trips are.',
  ),
  lateness_max_ms: measured(MS, 'The longest of them.'),
  there_p50_ms: measured(
    MEAN_MS,
    'Median one-way time of requests, from when they were due until the other end had them; `clock_error_ms` says how exact that is. Empty where the other end does not report (a STAMP reflector does, with its own clock), for more than 4,000 requests, and where the clocks’ error exceeds it.',
  ),
  there_max_ms: measured(MS, 'The longest of them.'),
  there_jitter_ms: measured(
    MEAN_MS,
    'Interarrival jitter of requests at the other end (RFC 3550, 6.4.1): the smoothed difference of one-way times of successive ones.',
  ),
  there_variation_ms: measured(
    MEAN_MS,
    'Packet delay variation of requests (RFC 5481, 4.2): the median of one-way time less the shortest one.',
  ),
  back_p50_ms: measured(MEAN_MS, 'Median one-way time of answers, from when the other end had the request.'),
  back_max_ms: measured(MS, 'The longest of them.'),
  back_jitter_ms: measured(MEAN_MS, 'As there_jitter_ms, of answers.'),
  back_variation_ms: measured(MEAN_MS, 'As there_variation_ms, of answers.'),
}
