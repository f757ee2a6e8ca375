import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { split } from 'shlex'
import { readWords } from '../../../bench/cli/command-line.ts'
import { readFlags } from '../../../bench/cli/flags.ts'
import { RUN_FLAGS, runArguments } from '../../../bench/cli/run-flags.ts'
import { commandsOf } from '../../../results/report/command/commands.ts'
import { USUAL_ROUNDS } from '../../../results/report/command/rounds.ts'
import { isPlain, quoted } from '../../../results/report/command/shell.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { summarize } from '../../../results/statistics/summary.ts'
import { applyOverrides } from '../../../scenarios/blocks.ts'
import { PAIRED_ROUNDS, SINGLE_ROUNDS, type UsualRounds } from '../../../scenarios/defaults.ts'
import { builtInScenarios, loadScenario } from '../../../scenarios/load.ts'
import { type Case, type Plan, planScenario } from '../../../scenarios/plan.ts'
import { transports } from '../../../transports/catalog.ts'
import { record } from '../../results-samples.ts'

const SIZES = new Map([
  ['photo.png', 1000],
  ["it's; rm -rf $HOME.png", 2000],
])

/** What a command line plans, on an engine that can do everything. */
function planOf(words: readonly string[]): Plan {
  const args = runArguments([], readFlags(RUN_FLAGS, readWords(words, RUN_FLAGS).flags))
  const engine = args.engine === 'auto' ? 'native' : args.engine
  return planScenario(applyOverrides({ name: 'custom', variants: [] }, args.overrides), transports, SIZES, {
    engine,
    objection: () => undefined,
  })
}

/** Rows as a run of a plan would write them. */
function rowsOf(plan: Plan): readonly TrialRecord[] {
  return plan.cases.flatMap(each =>
    Array.from({ length: plan.repeat }, (_, index) => {
      const { socket } = each
      const datagram = transports.get(each.transport)?.traits.socket === 'datagram'
      const offload = [socket.gso ? 'gso' : '', socket.gro ? 'gro' : ''].filter(Boolean).join(',')
      return record({
        round: index + 1,
        trial: index + 1,
        process: 1 + Math.floor((index * plan.processes) / plan.repeat),
        seed: plan.seed,
        engine: plan.engine,
        scenario: plan.scenario,
        transport: each.transport,
        size_bytes: each.sizeBytes,
        chunk_bytes: each.chunkBytes,
        variant: each.variant,
        file: each.file,
        rate_bps: each.rateBps,
        ip_family: each.ipFamily,
        max_datagram_bytes: each.maxDatagramBytes,
        limit_emulated: each.maxDatagramBytes !== undefined,
        rcvbuf_asked_bytes: socket.rcvbufBytes,
        sndbuf_asked_bytes: socket.sndbufBytes,
        congestion_asked: socket.congestion,
        mss_asked_bytes: socket.mssBytes,
        max_pacing_asked_bps: socket.maxPacingBps,
        dscp_asked: socket.dscp,
        df_asked: socket.df,
        zerocopy: socket.zerocopy,
        nodelay: datagram ? undefined : (socket.nodelay ?? true),
        ...(offload === 'gso' || offload === 'gro' || offload === 'gso,gro'
          ? { offload_asked: offload }
          : {}),
        ...(datagram ? { datagrams_offered: 1 } : {}),
      })
    }),
  )
}

/** Cases without what a command cannot say: the name of the scenario and of its variants. */
function keys(cases: readonly Case[]): readonly string[] {
  return cases
    .map(({ scenario: _, variant: __, ...each }) =>
      JSON.stringify({ ...each, socket: Object.entries(each.socket).sort() }),
    )
    .sort()
}

function assertSame(plan: Plan): readonly string[] {
  const { lines } = commandsOf(summarize(rowsOf(plan)))
  const again = lines.map(line => {
    const [bench, run, ...words] = split(line)
    assert.deepEqual([bench, run], ['bench', 'run'])
    return planOf(words)
  })
  assert.deepEqual(
    keys([...new Map(again.flatMap(each => each.cases).map(each => [JSON.stringify(each), each])).values()]),
    [...new Set(keys(plan.cases))],
  )
  for (const each of again)
    assert.deepEqual(
      [each.repeat, each.processes, each.seed, each.engine],
      [plan.repeat, Math.min(plan.processes, plan.repeat), plan.seed, plan.engine],
    )
  return lines
}

describe('the command that measures rows again', () => {
  const commands: Readonly<Record<string, number>> = {
    '--size 800k --chunk 1024': 1,
    '--size 64k,1m,813611 --chunk 64,1024,65507 --repeat 7 --seed 42': 1,
    '--repeat 12 --processes 4': 1,
    '--repeat 40 --processes 1': 1,
    '--repeat 3 --processes 9': 1,
    '--engine node --rcvbuf default': 1,
    '--rcvbuf default': 1,
    '--rcvbuf 8m --sndbuf 70000 --rate 400M --df do --dscp 46': 1,
    '--rcvbuf 4m': 1,
    '--transport tcp --congestion reno --mss 1200 --max-pacing 1.5G --no-nodelay': 1,
    '--transport udp-header --offload gso,gro --zerocopy --rate 123456789': 1,
    '--transport tcp,udp-header,udp-datagram --size 1k,2k --chunk 512,256,1024': 1,
    '--transport udp-datagram --size 9k': 1,
    '--max-datagram 9216 --chunk 9216,9217 -6': 1,
    '--file photo.png --chunk 512': 1,
    '--file "it\'s; rm -rf $HOME.png" --file photo.png': 1,
  }
  for (const [flags, lines] of Object.entries(commands)) {
    it(`has the cases of ${flags}`, () => {
      const words = split(flags.replace('$', '\\$')).map(word => (word === '-6' ? '--ip=6' : word))
      assert.equal(assertSame(planOf(words)).length, lines)
    })
  }

  for (const { name } of builtInScenarios()) {
    it(`has the cases of the scenario ${name}`, () => {
      const scenario = loadScenario(name, [...transports.keys()])
      const files = new Map([
        ...SIZES,
        ...[scenario, ...scenario.variants].flatMap(each =>
          (each.files ?? []).map(file => [file, 5000] as const),
        ),
      ])
      const plan = planScenario(scenario, transports, files, { engine: 'native', objection: () => undefined })
      for (const [file, size] of files) SIZES.set(file, size)
      assertSame(plan)
    })
  }

  it('names the other host, and what is to be filled in', () => {
    const line = (values: Partial<TrialRecord>) => commandsOf(summarize([record(values)])).lines[0] ?? ''
    assert.match(line({ direction: 'forward', receiver_host: 'far' }), /--host far --token-file FILE /)
    assert.match(
      line({ direction: 'reverse', sender_host: 'far' }),
      /--host far --reverse --token-file FILE /,
    )
    assert.match(
      line({ direction: 'third-party', sender_host: 'x', receiver_host: 'y' }),
      /--from x --to y --token-file FILE /,
    )
    assert.match(line({ direction: 'send' }), /--target HOST:PORT /)
    const both = commandsOf(
      summarize([
        record({ direction: 'bidir-forward', receiver_host: 'far' }),
        record({ direction: 'bidir-reverse', sender_host: 'far' }),
      ]),
    )
    assert.equal(both.lines.length, 1)
    assert.match(both.lines[0] ?? '', /--host far --bidir --token-file FILE /)
    assert.match(both.notes.join(), /Words in capitals are for you to fill in/)
  })

  it('of two sides: bench ab with the options of each, bench aa where they are the same', () => {
    const sides = (b: Partial<TrialRecord>) =>
      commandsOf(summarize([record({ side: 'a', round: 20 }), record({ side: 'b', round: 20, ...b })])).lines
    assert.deepEqual(sides({ engine: 'native' }), [
      "bench ab --a '--size 800k --chunk 1024 --transport tcp --engine node' --b '--size 800k --chunk 1024 --transport tcp --engine native' --seed 1 --repeat 20",
    ])
    assert.deepEqual(sides({}), [
      'bench aa --size 800k --chunk 1024 --transport tcp --engine node --seed 1 --repeat 20',
    ])
  })

  it('says --processes where they are not as by default, and nowhere else', () => {
    const usual = ({ ofProcess, processes }: UsualRounds) => ({ ofProcess, processes })
    assert.deepEqual(USUAL_ROUNDS, { run: usual(SINGLE_ROUNDS), pairs: usual(PAIRED_ROUNDS) })
    const line = (
      rounds: number,
      ofProcess: number,
      values: (round: number) => Partial<TrialRecord> = () => ({}),
    ) => {
      const records = Array.from({ length: rounds }, (_, index) =>
        record({
          ...{ round: index + 1, trial: index + 1, process: 1 + Math.floor(index / ofProcess) },
          ...values(index + 1),
        }),
      )
      return commandsOf(summarize(records)).lines[0] ?? ''
    }
    assert.match(line(20, 10), / --repeat 20$/)
    assert.match(line(20, 5), / --repeat 20 --processes 4$/)
    assert.match(line(20, 20), / --repeat 20 --processes 1$/)
    assert.match(
      line(20, 5, () => ({ process: undefined })),
      / --repeat 20$/,
    )
    // A pair of processes that failed is followed by another one, which nobody asked for.
    const failing = (round: number): Partial<TrialRecord> => ({
      process: round <= 4 ? 1 : round <= 10 ? 2 : 3,
      ...(round === 4 ? { outcome: 'timed-out', error_code: 'TIMEOUT' } : {}),
    })
    assert.match(line(20, 10, failing), / --repeat 20$/)
    const pairs = (ofProcess: number) =>
      commandsOf(
        summarize(
          Array.from({ length: 24 }, (_, index) =>
            (['a', 'b'] as const).map(side =>
              record({
                side,
                round: index + 1,
                trial: 2 * index + 1,
                process: 1 + Math.floor(index / ofProcess),
              }),
            ),
          ).flat(),
        ),
      ).lines[0] ?? ''
    assert.match(pairs(6), /^bench aa .* --repeat 24$/)
    assert.match(pairs(10), /^bench aa .* --repeat 24 --processes 3$/)
  })

  it('pins CPUs as they were', () => {
    assert.match(commandsOf(summarize([record({ pinned_cpus: '0,1' })])).lines[0] ?? '', / --pin 0,1 /)
  })

  it('no command is given for a name that a terminal would obey', () => {
    for (const file of ['a\u001b]0;x\u0007.png', 'a\nb', 'a\u202eb', 'a\u2028b', 'a\u200bb']) {
      assert.equal(isPlain(file), false)
      const { lines, notes } = commandsOf(summarize([record({ file })]))
      assert.deepEqual(lines, [])
      assert.match(notes.join(), /control characters/)
    }
    const { lines } = commandsOf(summarize([record({ direction: 'forward', receiver_host: 'a\u001b[31m' })]))
    assert.deepEqual(lines, [])
  })

  it('a shell takes quoted words as they are', () => {
    for (const word of [
      '',
      "it's",
      '$(reboot)',
      '`reboot`',
      'a b',
      '"',
      '\\',
      ';',
      '!x',
      '*',
      '~',
      '#',
      'plain-1.png',
    ])
      assert.deepEqual(split(quoted(word)), [word])
    assert.equal(quoted('800k,1m'), '800k,1m')
  })
})
