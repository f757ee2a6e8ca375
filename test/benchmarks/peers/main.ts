/**
 * `npm run bench:peers [-- FLAGS]`: ours, iperf3, sockperf and irtt in turn, round by round, in one run over loopback, with the same sizes
 * and buffers as far as each permits. Every rate is what the receiver got. `--help` tells the flags; Linux.
 */
import { parseArgs } from 'node:util'
import { UsageError } from '../../../base/errors.ts'
import { EXIT } from '../../../bench/cli/terminal.ts'
import { checkPins } from '../../../bench/fleet/agent/pinning.ts'
import { oneOf } from '../../../scenarios/settings/grammar.ts'
import { PINS, VERIFY_MODES } from '../../../scenarios/settings/words.ts'
import { runTool, say, wholeNumber } from '../tool.ts'
import { findIperf3 } from './iperf3.ts'
import { measureTalk, type Paths, TALKS, versions } from './latency.ts'
import { latencyJson, latencyText, type TalkRow } from './latency-report.ts'
import { measureOurs } from './ours.ts'
import type { Figure, Peer, Setting } from './peer.ts'
import { type Round, type Row, reportJson, reportText } from './report.ts'
import { hunt, huntText } from './search.ts'
import { GROUPS, settings } from './settings.ts'
import { findSockperf } from './sockperf.ts'

/** Rates, and round trips. */
const LATENCY = 'latency'
/** The highest rate without loss; minutes a round, and root. */
const SEARCH = 'search'
const ALL = [...GROUPS, LATENCY, SEARCH]

const HELP = `npm run bench:peers [-- FLAGS]

Ours and others in turn, round by round, over loopback: medians of what the receiver got (iperf3, sockperf), loss, round trips
(sockperf, irtt), paired ratios.

  --rounds N        rounds of each setting (7); one of all settings takes about 30 s
  --only LIST       of ${ALL.join(', ')} (all but search, which takes minutes a round, and root)
  --iperf3 PATH     another iperf3 than the one in PATH
  --sockperf PATH   another sockperf; without one its column stays empty, and latency cannot be measured
  --irtt PATH       another irtt
  --verify MODE     how ours looks at what arrives, full or index (index: the peers look at nothing)
  --pin 0,1         CPUs of sender and receiver, of every program; without it the system chooses
  --json            one JSON document with every round (npm run --silent bench:peers -- --json)
  --help            this

Exit codes: 0 measured, 1 a trial of ours or a peer failed, 2 usage or no iperf3, 130 interrupted.
All are in Debian: apt-get install iperf3 sockperf irtt.`

await runTool('bench:peers', main)

async function main(signal: AbortSignal): Promise<number> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '7' },
      only: { type: 'string', default: [...GROUPS, LATENCY].join(',') },
      iperf3: { type: 'string', default: 'iperf3' },
      sockperf: { type: 'string' },
      irtt: { type: 'string', default: 'irtt' },
      pin: { type: 'string' },
      verify: { type: 'string', default: 'index' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    say(HELP)
    return EXIT.measured
  }
  if (process.platform !== 'linux') throw new UsageError('works on Linux only: it reads /proc/net')
  const rounds = wholeNumber('--rounds', values.rounds)
  const pins = values.pin === undefined ? undefined : PINS.parse(values.pin)
  if (pins) await checkPins(pins)
  const verify = oneOf(VERIFY_MODES).parse(values.verify)
  // Without a count there is no goodput.
  if (verify === 'none') throw new UsageError('--verify none counts nothing; choose full or index')
  const groups = groupsOf(values.only)
  const rates = GROUPS.filter(group => groups.includes(group))
  const chosen = settings(rates).map(setting => ({ ...setting, pins, verify }))
  const peers = rates.length > 0 ? await findPeers(values.iperf3, values.sockperf, signal) : []
  const paths: Paths = { sockperf: values.sockperf ?? 'sockperf', irtt: values.irtt }
  const talks = groups.includes(LATENCY) ? TALKS : []
  const found = talks.length > 0 ? await versions(paths, signal) : undefined
  const hunted = groups.includes(SEARCH) ? await hunt(values.iperf3, rounds, signal) : []
  const rows: Row[] = []
  const talked: TalkRow[] = []
  try {
    for (const talk of talks) {
      process.stderr.write(`round trips: ${talk.name}\n`)
      talked.push({ talk, rounds: await measureTalk(talk, paths, rounds, pins, signal) })
    }
    for (const setting of chosen) {
      process.stderr.write(`${setting.name} (${rows.length + 1} of ${chosen.length})\n`)
      rows.push({ setting, rounds: await measure(setting, peers, rounds, signal) })
    }
  } finally {
    // Whatever stopped it, what has been measured is shown.
    const width = process.stdout.columns || 100
    if (values.json)
      say(
        JSON.stringify(
          { ...reportJson(rows, peers), search: hunted, latency: found && latencyJson(talked, found) },
          null,
          2,
        ),
      )
    else {
      if (hunted.length > 0) say(`\n${huntText(hunted)}`)
      if (rows.length > 0) say(`\n${reportText(rows, peers, width)}`)
      if (found && talked.length > 0) say(`\n${latencyText(talked, found, width)}`)
    }
  }
  return failures(rows, talked)
}

async function measure(
  setting: Setting,
  peers: readonly Peer[],
  rounds: number,
  signal: AbortSignal,
): Promise<readonly Round[]> {
  const measured: Round[] = []
  for await (const ours of measureOurs(setting, rounds, signal)) {
    const figures = new Map<string, Figure>([['ours', ours]])
    // Which of them follows ours changes from round to round.
    for (const peer of measured.length % 2 === 0 ? peers : peers.toReversed())
      if (peer.protocols.includes(setting.protocol))
        figures.set(peer.name, await peer.measure(setting, signal))
    measured.push(Object.fromEntries(figures))
  }
  return measured
}

async function findPeers(
  iperf3Path: string,
  sockperfPath: string | undefined,
  signal: AbortSignal,
): Promise<readonly Peer[]> {
  const iperf3 = await findIperf3(iperf3Path, signal)
  const sockperf = await findSockperf(sockperfPath ?? 'sockperf', signal)
  if (sockperf) return [iperf3, sockperf]
  if (sockperfPath !== undefined)
    throw new UsageError(
      `no sockperf at ${JSON.stringify(sockperfPath)}; apt-get install sockperf, or leave --sockperf out`,
    )
  process.stderr.write('bench:peers: no sockperf, its column stays empty; apt-get install sockperf\n')
  return [iperf3]
}

/** @throws UsageError when a word is no group */
function groupsOf(list: string): readonly string[] {
  const words = list.split(',').map(word => word.trim())
  const unknown = words.find(word => !ALL.includes(word))
  if (unknown !== undefined)
    throw new UsageError(`--only: ${JSON.stringify(unknown)} is none of ${ALL.join(', ')}`)
  return words
}

/** Loss is a result; a trial of ours that failed or timed out is told and fails the run. */
function failures(rows: readonly Row[], talked: readonly TalkRow[]): number {
  const failed = rows.flatMap(({ setting, rounds }) =>
    rounds.flatMap(({ ours }, index) => {
      const { outcome, error_code: code, error_message: message } = ours?.details ?? {}
      return outcome === 'completed' || outcome === 'incomplete'
        ? []
        : [`${setting.name}, round ${index + 1}: ours ${outcome} ${code ?? ''} ${message ?? ''}`.trim()]
    }),
  )
  for (const { talk, rounds } of talked)
    for (const [index, { ours }] of rounds.entries())
      if (ours.problem !== undefined) failed.push(`${talk.name}, round ${index + 1}: ours ${ours.problem}`)
  for (const line of failed) process.stderr.write(`bench:peers: ${line}\n`)
  return failed.length > 0 ? EXIT.failed : EXIT.measured
}
