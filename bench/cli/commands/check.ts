/** `bench check` on the command line. */
import { CHECK_FLAGS, checkArguments } from '../check/arguments.ts'
import { check as judge } from '../check/check.ts'
import type { Command } from '../command.ts'

export const check: Command = {
  flags: CHECK_FLAGS,
  examples: [
    ['$0 check --baseline monday.csv', "measure the baseline's own cases, and compare"],
    ['$0 check --size 64k --history history', 'measure, compare with earlier runs, and keep'],
    ["$0 check new.csv --threshold 'udp-*.loss < 0.1%'", 'check stored results'],
    ['$0 check ci --junit report.xml', 'measure a scenario that has thresholds'],
    ['$0 check ab.csv', 'compare side B of a bench ab with side A'],
  ],
  epilogue:
    'A threshold is [transport.]metric[.statistic] operator value [@ conditions]. Metrics: those of --metric; loss (share of the accepted datagrams); unanswered (share of the requests); refused (datagrams, headers and markers included); completed, incomplete, failed, damaged (trials). Counts may be given as shares: refused < 1%. Statistics: p1 to p99, min, max, mean; p50 by default; they are of trials, but for rtt (rtt.p99, rtt.max) of all requests; a quantile is not judged with too few of them (p90: 100, p99: 1,000). Conditions are those of --filter on settings: chunk<=9216 size=800k. Exit codes: 0 passed, 1 could not be measured, 2 usage, 3 a threshold is broken or a regression is proven.',
  before: 'anything was measured',
  run(given, { terminal, catalog, signal }) {
    return judge(terminal, checkArguments(given), catalog, signal)
  },
}
