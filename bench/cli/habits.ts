/** Flags of other tools of this field (iperf3, netperf, hyperfine, k6), and what they are here. */
import type { FlagTable } from './flags.ts'

/** Their names, the flag here that a command needs to have (none: every command), and what to write. */
const HABITS: readonly (readonly [names: readonly string[], flag: string | undefined, written: string])[] = [
  [['c', 'client', 'H'], 'reverse', '--host HOST (where bench serve runs)'],
  [['s', 'server'], undefined, 'the command bench serve'],
  [['u', 'udp'], 'transport', '--transport udp-header (or another one of bench list)'],
  [['b', 'bitrate', 'bandwidth'], 'rate', '--rate 400M'],
  [['n', 'bytes'], 'size', '--size 64M'],
  [['l', 'len', 'length'], 'chunk', '--chunk 1024'],
  [['t', 'time', 'd'], 'duration', '--duration 10s'],
  [['parallel', 'vus'], 'streams', '--streams 4'],
  [['J', 'json', 'j'], 'format', '--format json'],
  [['p', 'port'], 'listen', '--listen 0.0.0.0:PORT'],
  [['p', 'port'], 'view', 'a service as TRANSPORT:PORT'],
  [['p', 'port'], 'loop', 'the target as HOST:PORT'],
  [['p', 'port'], 'reverse', '--host HOST:PORT'],
  [['i'], 'report-every', '--report-every 1s'],
  [['w', 'window'], 'rcvbuf', '--rcvbuf 4M and --sndbuf 4M'],
  [['r', 'm', 'min-runs', 'iterations', 'rounds'], 'repeat', '--repeat 20'],
  [['prepare'], 'setup', '--setup CMD (once before all), and --pause 2s between trials'],
  [['conclude'], 'cleanup', '--cleanup CMD (once after all)'],
  [['T', 'title'], 'note', '--note TEXT'],
  [['S', 'tos'], 'dscp', '--dscp af41'],
  [
    ['export-json', 'export-csv', 'export-markdown', 'summary-export', 'output'],
    'out',
    '--out results.csv (or .json)',
  ],
  [['F'], 'file', '--file PATH'],
  [['B'], 'bind', '--bind ADDRESS'],
  [['A', 'affinity'], 'pin', '--pin 0,1'],
  [['C'], 'congestion', '--congestion cubic'],
  [['M', 'set-mss'], 'mss', '--mss 1400'],
  [['Z'], 'zerocopy', '--zerocopy'],
]

/** What to write here instead of a flag of another tool; undefined if the command has nothing like it. */
export function habitual(name: string, table: FlagTable): string | undefined {
  const fits = (flag: string | undefined) => flag === undefined || Object.hasOwn(table, flag)
  return HABITS.find(([names, flag]) => names.includes(name) && fits(flag))?.[2]
}
