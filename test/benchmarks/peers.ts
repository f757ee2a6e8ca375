/**
 * `npm run bench:peers [-- --rounds N] [--iperf3 PATH] [--json]`: ours and iperf3 in turn, in one run, over loopback. Each figure is what
 * the receiver got per second: ours as `goodput_bps`, iperf3's as its server counted it. Ratios are paired round by round; their
 * median is told. Wants iperf3 (Debian has it).
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { parseArgs, promisify } from 'node:util'
import { z } from 'zod'
import { runScenario } from '../../bench/index.ts'
import { formatRate, formatSize } from '../../bench/units.ts'
import { median } from '../../results/statistics.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    iperf3: { type: 'string', default: 'iperf3' },
    json: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
if (!(Number.isInteger(rounds) && rounds > 0))
  throw new Error(`--rounds: not a whole number: ${values.rounds}`)

/** Large enough that iperf3's own second of a denominator does not matter. */
const LARGE = '1G'
const SETTINGS = [
  { kind: 'tcp', chunk: 1024, size: '256M' },
  { kind: 'tcp', chunk: 131_072, size: LARGE },
  { kind: 'tcp', chunk: 1_048_576, size: LARGE },
  { kind: 'udp', chunk: 1024, size: '256M' },
  { kind: 'udp', chunk: 9216, size: LARGE },
  { kind: 'udp', chunk: 65_507, size: LARGE },
] as const
type Setting = (typeof SETTINGS)[number]

interface Figure {
  readonly bps: number
  /** 0 to 1. */
  readonly loss: number
}

interface Result {
  readonly setting: string
  readonly ours: Figure
  readonly iperf3: Figure
  readonly ratio: number
  readonly rounds: number
}

const results: Result[] = []
for (const setting of SETTINGS) {
  const ours: Figure[] = []
  const theirs: Figure[] = []
  const scenario = {
    size: setting.size,
    chunk: setting.chunk,
    transport: setting.kind === 'tcp' ? 'tcp' : 'udp-marker',
    repeat: rounds,
    nodelay: false,
  }
  for await (const record of runScenario(scenario, { signal: new AbortController().signal })) {
    ours.push({ bps: record.goodput_bps ?? Number.NaN, loss: record.loss_ratio ?? 0 })
    // Our agents are idle while the peer runs.
    theirs.push(await iperf3(setting))
  }
  const ratios = ours.map((each, round) => each.bps / (theirs[round]?.bps ?? Number.NaN))
  const result = {
    setting: `${setting.kind}, ${formatSize(setting.chunk)}`,
    ours: summary(ours),
    iperf3: summary(theirs),
    ratio: median(ratios) ?? Number.NaN,
    rounds,
  }
  results.push(result)
  if (!values.json) say(row(result))
}
if (values.json) say(JSON.stringify(results, null, 2))
else
  say(
    'goodput at the receiver, medians; TCP without TCP_NODELAY and UDP unpaced on both sides; ratio: ours / iperf3, paired by round',
  )

function summary(figures: readonly Figure[]): Figure {
  return {
    bps: median(figures.map(each => each.bps)) ?? Number.NaN,
    loss: median(figures.map(each => each.loss)) ?? 0,
  }
}

function row({ setting, ours, iperf3: theirs, ratio }: Result): string {
  const shown = ({ bps, loss }: Figure) =>
    `${formatRate(bps).padStart(12)} ${(loss * 100).toFixed(1).padStart(5)} % lost`
  return `${setting.padEnd(14)} ours ${shown(ours)}   iperf3 ${shown(theirs)}   ratio ${ratio.toFixed(2)}`
}

async function iperf3({ kind, chunk, size }: Setting): Promise<Figure> {
  const port = String(await freePort())
  const server = spawn(values.iperf3, ['-s', '-1', '-J', '-B', '127.0.0.1', '-p', port], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let told = ''
  server.stdout.setEncoding('utf8').on('data', text => {
    told += text
  })
  const ended = once(server, 'close')
  const udp = kind === 'udp' ? ['-u', '-b', '0', '-w', '4M'] : []
  await client(['-c', '127.0.0.1', '-p', port, '-l', String(chunk), '-n', size, ...udp])
  await ended
  const received = z.object({ bits_per_second: z.number(), lost_percent: z.number().optional() })
  const report = z.object({ end: z.object({ sum_received: received }) }).parse(JSON.parse(told))
  const { bits_per_second: bps, lost_percent: lost = 0 } = report.end.sum_received
  return { bps, loss: lost / 100 }
}

/** The server needs a moment to listen. */
async function client(args: readonly string[]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await promisify(execFile)(values.iperf3, args)
      return
    } catch (error) {
      if (attempt === 20) throw error
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = z.object({ port: z.number() }).parse(server.address())
  server.close()
  await once(server, 'close')
  return port
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
