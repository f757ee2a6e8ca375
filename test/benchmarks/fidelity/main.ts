/**
 * `npm run bench:fidelity [-- FLAGS]`: what the harness itself costs. Ours and a small C program that does the same job, in turn, over
 * loopback. `--help` tells the flags; Linux, with a C compiler.
 */
import { parseArgs } from 'node:util'
import { SetupError, UsageError } from '../../../base/errors.ts'
import { EXIT } from '../../../bench/cli/terminal.ts'
import { checkPins } from '../../../bench/fleet/agent/pinning.ts'
import { runTool, say, wholeNumber } from '../tool.ts'
import { type Cell, CHUNK_BYTES, measure, type Placement } from './measure.ts'
import { ReferenceProgram } from './reference.ts'
import { missedGoals, type Row, reportJson, reportText } from './report.ts'

const HELP = `npm run bench:fidelity [-- FLAGS]

Delivery over both engines beside plain C, which does the same with blocking sockets and nothing else: tcp and udp-marker, 819,200 B and
1,024 B in chunks of ${CHUNK_BYTES}, both ends on one CPU and on two. Then what is lost with the system's own receive buffer.

  --pairs N      rounds of each cell (100)
  --only LIST    of tcp, udp, loss (all)
  --size LIST    sizes of the payload in bytes (819200,1024)
  --cpus A,B     the CPUs: A for both ends, and A and B (0,1)
  --json         one JSON document with every sample (npm run --silent bench:fidelity -- --json)
  --help         this

Exit codes: 0 measured (or no cc: skipped), 1 a goal was missed or a trial failed, 2 usage, 130 interrupted.`

const GROUPS = ['tcp', 'udp', 'loss']
const LARGE_BYTES = 819_200
/** As the native engine asks for where nothing is said. */
const RCVBUF_BYTES = 4 << 20

await runTool('bench:fidelity', main)

async function main(signal: AbortSignal): Promise<number> {
  const { values } = parseArgs({
    options: {
      pairs: { type: 'string', default: '100' },
      only: { type: 'string', default: GROUPS.join(',') },
      size: { type: 'string', default: `${LARGE_BYTES},1024` },
      cpus: { type: 'string', default: '0,1' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    say(HELP)
    return EXIT.measured
  }
  if (process.platform !== 'linux') throw new UsageError('works on Linux only')
  const pairs = wholeNumber('--pairs', values.pairs)
  const cells = cellsOf(listOf(values.only), listOf(values.size), listOf(values.cpus))
  for (const { pins } of cells) await checkPins(pins)
  await using program = await ReferenceProgram.compile(signal)
  if (!program) {
    process.stderr.write('bench:fidelity: skipped: no C compiler (cc) here; apt-get install gcc\n')
    return EXIT.measured
  }
  const rows: Row[] = []
  try {
    for (const cell of cells) {
      process.stderr.write(`cell ${rows.length + 1} of ${cells.length}\n`)
      rows.push({ cell, samples: await measure(cell, pairs, program, signal) })
    }
  } finally {
    // Whatever stopped it, what has been measured is shown.
    if (rows.length > 0) say(values.json ? reportJson(rows) : reportText(rows))
  }
  const missed = missedGoals(rows)
  if (missed.length > 0) throw new SetupError(missed.join('; '))
  return EXIT.measured
}

/** @throws UsageError when a word is unknown */
function cellsOf(
  groups: readonly string[],
  sizes: readonly string[],
  cpus: readonly string[],
): readonly Cell[] {
  const unknown = groups.find(group => !GROUPS.includes(group))
  if (unknown !== undefined)
    throw new UsageError(`--only: ${JSON.stringify(unknown)} is none of ${GROUPS.join(', ')}`)
  const [first = Number.NaN, second = Number.NaN] = cpus.map(Number)
  if (!Number.isInteger(first) || !Number.isInteger(second) || cpus.length !== 2)
    throw new UsageError(`--cpus: not two CPUs: ${cpus.join(',')}`)
  const places: readonly [Placement, number][] = [
    ['one CPU', first],
    ['two CPUs', second],
  ]
  const placed = places.map(([placement, receiver]) => ({ placement, pins: { sender: first, receiver } }))
  const protocols = (['tcp', 'udp'] as const).filter(protocol => groups.includes(protocol))
  const speed = sizes.flatMap(size =>
    protocols.flatMap(protocol =>
      placed.map(place => ({
        ...place,
        protocol,
        sizeBytes: wholeNumber('--size', size),
        rcvbuf: RCVBUF_BYTES,
      })),
    ),
  )
  const loss = groups.includes('loss')
    ? placed.map(place => ({ ...place, protocol: 'udp', sizeBytes: LARGE_BYTES, rcvbuf: 'default' }) as const)
    : []
  return [...speed, ...loss]
}

function listOf(text: string): readonly string[] {
  return text.split(',').map(word => word.trim())
}
