/** Which runs may be a baseline, and what is said of the others; cases that nothing judges; sets put together. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { chooseBaseline } from '../../../bench/cli/check/baseline.ts'
import { METRICS } from '../../../results/compare/metrics.ts'
import { verdictOfChecks } from '../../../results/gate/check.ts'
import { checkChanges } from '../../../results/gate/check-changes.ts'
import { describeDifference, environmentDifferences } from '../../../results/gate/environment.ts'
import { together } from '../../../results/gate/together.ts'
import { unjudged } from '../../../results/gate/unjudged.ts'
import type { TrialRecord } from '../../../results/schema/columns.ts'
import { gateSet, runOf } from '../../support/gate-samples.ts'
import { datagrams, stream } from '../../support/results-samples.ts'

const plain = { anyEnvironment: false, delta: undefined }

function run(day: number, values: Partial<TrialRecord> = {}, factor = 1) {
  return gateSet(runOf(day, [(_, noise) => stream(1e9 * factor * noise, values)]))
}

describe('an environment is another one when', () => {
  for (const [column, value, told] of [
    ['os', 'darwin', 'os linux in the baseline, darwin in the results'],
    ['os_release', '6.19.0', 'kernel 6.18 in the baseline, 6.19 in the results'],
    ['arch', 'arm64', 'arch x64 in the baseline, arm64 in the results'],
    ['cpu_model', 'Other CPU', 'CPU Example CPU in the baseline, Other CPU in the results'],
    ['cpu_count', 4, 'CPUs 2 in the baseline, 4 in the results'],
    ['cpu_quota', 1.5, 'CPU quota unset in the baseline, 1.5 in the results'],
    ['node_version', '22.1.0', 'node 20 in the baseline, 22 in the results'],
    ['pinned_cpus', '0,1', 'pinned to unset in the baseline, 0,1 in the results'],
    ['engine', 'native', 'engine node in the baseline, native in the results'],
    ['direction', 'forward', 'direction this host in the baseline, to another host in the results'],
  ] as const)
    test(`${column} differs`, () => {
      const differences = environmentDifferences(run(1), run(2, { [column]: value }))
      assert.deepEqual(differences.map(describeDifference), [told])
    })

  test('wine stood in for one Windows of two', () => {
    const windows = (os_release: string) => run(1, { os: 'win32', os_release })
    const differences = environmentDifferences(windows('10.0.18362'), windows('10.0.18362 (wine)'))
    assert.equal(differences[0]?.column, 'os_release')
    assert.deepEqual(environmentDifferences(windows('10.0.18362'), windows('10.0.18363')), [])
  })

  test('an end of a run between hosts differs', () => {
    const ends = (sender_os: string) => run(1, { direction: 'reverse', sender_os, receiver_os: 'linux' })
    const [difference] = environmentDifferences(ends('linux'), ends('freebsd'))
    assert.equal(difference?.column, 'sender_os')
  })
})

test('a quota that both have is the same environment, and another one or none at an end between hosts is not', () => {
  const quota = (cpu_quota: number | undefined, day = 1) => run(day, { cpu_quota })
  assert.deepEqual(environmentDifferences(quota(2), quota(2)), [])
  assert.equal(environmentDifferences(quota(2), quota(1)).length, 1)
  const ends = (receiver_cpu_quota: number | undefined) =>
    run(1, { direction: 'forward', sender_os: 'linux', receiver_os: 'linux', receiver_cpu_quota })
  assert.deepEqual(environmentDifferences(ends(2), ends(2)), [])
  assert.equal(environmentDifferences(ends(2), ends(undefined))[0]?.column, 'receiver_cpu_quota')
  const { gated, notes } = chooseBaseline([quota(2)], quota(undefined, 2), plain)
  assert.equal(gated, false)
  assert.match(notes[0]?.message ?? '', /shown but not used to judge: CPU quota 2 in the baseline, unset in/)
})

test('a case that nothing judges is named, and none where each is judged', () => {
  const metrics = METRICS.filter(each => each.name === 'goodput')
  const results = gateSet(runOf(2, [(_, noise) => stream(1e9 * noise), (_, n) => datagrams(5e8 * n, 0)]))
  const cells = results.cells.map(({ cell }) => ({ cell, reason: 'the baseline does not have it' }))
  const { checks } = checkChanges(run(1), results, { metrics, bySide: false })
  const [missing, ...others] = unjudged(checks, cells)
  assert.deepEqual(others, [])
  assert.deepEqual(
    [missing?.cell?.transport, missing?.status, missing?.sentence],
    ['udp-header', 'skipped', 'never judged: the baseline does not have it'],
  )
  assert(missing)
  assert.equal(verdictOfChecks(checks, true), 'passed')
  assert.equal(verdictOfChecks([...checks, missing], true), 'failed')
  const whole = checkChanges(results, results, { metrics, bySide: false })
  assert.deepEqual(unjudged(whole.checks, cells), [])
})

test('a host, a patch of the kernel or of Node, and another build are the same environment', () => {
  const other = {
    host: 'runner-2',
    os_release: '6.18.7-azure',
    node_version: '20.21.0',
    bench_version: '9.9.9',
  }
  assert.deepEqual(environmentDifferences(run(1), run(2, other)), [])
  const { gated, heading } = chooseBaseline([run(1)], run(2, other), plain)
  assert(gated)
  assert.match(
    heading[1] ?? '',
    /^not counted: host bench-host in the baseline, runner-2 in the results; bench 0\.1\.0/,
  )
})

describe('of a baseline', () => {
  const own = [1, 2, 3, 4, 5].map(day => run(day))
  const foreign = [6, 7].map(day => run(day, { cpu_model: 'Other CPU' }))

  test('runs of the same environment are taken, and others left out and told', () => {
    const { set, gated, notes, heading } = chooseBaseline([...own, ...foreign], run(9), plain)
    assert(gated)
    assert.equal(set.runs.length, 5)
    assert.equal(heading[0], 'baseline: 5 runs, 2026-11-01 to 2026-11-05, 1 case, 100 trials')
    assert.deepEqual(
      notes.map(each => each.message),
      [
        '2 of the 7 baseline runs are from another environment and left out: CPU Other CPU in the baseline, Example CPU in the results',
      ],
    )
  })

  test('all runs are shown, and judged by when it is asked for, where none is of the same environment', () => {
    const shown = chooseBaseline(foreign, run(9), plain)
    assert.equal(shown.gated, false)
    assert.equal(shown.set.runs.length, 2)
    assert.match(
      shown.notes[0]?.message ?? '',
      /^the baseline is from another environment, so it is shown but not used to judge: CPU/,
    )
    assert.match(shown.notes[0]?.remedy ?? '', /--any-environment/)
    const asked = chooseBaseline(foreign, run(9), { ...plain, anyEnvironment: true })
    assert(asked.gated)
    assert.match(asked.notes[0]?.message ?? '', /used anyway \(--any-environment\)/)
  })

  test('the results are none, in which nothing could ever be worse', () => {
    const { set, notes } = chooseBaseline([...own, run(9)], run(9), plain)
    assert.deepEqual(
      set.runs.map(each => each.id.slice(0, 8)),
      [1, 2, 3, 4, 5].map(day => `2026110${day}`),
    )
    assert.deepEqual(notes, [{ message: 'the baseline files include the results, which were left out' }])
    assert.throws(
      () => chooseBaseline([run(9)], run(9), plain),
      /^UsageError: the baseline is the results themselves/,
    )
  })

  test('the results are one where any is asked for, with a note that says what it is worth', () => {
    const { set, gated, notes } = chooseBaseline([run(9)], run(9), { ...plain, anyEnvironment: true })
    assert.ok(gated)
    assert.equal(set.runs.length, 1)
    assert.match(notes[0]?.message ?? '', /^the baseline is the results themselves, so nothing/)
    const others = chooseBaseline([...own, run(9)], run(9), { ...plain, anyEnvironment: true })
    assert.equal(others.set.runs.length, 5)
    assert.doesNotMatch(others.notes.map(note => note.message).join(), /themselves/)
  })

  test('fewer than five runs are told, with what they permit', () => {
    const noteOf = (runs: number, delta?: number) =>
      chooseBaseline(own.slice(0, runs), run(9), { anyEnvironment: false, delta }).notes[0]?.message
    assert.match(
      noteOf(1) ?? '',
      /^the baseline has 1 run, too few to show .*: only a change of 15 % or more counts$/,
    )
    assert.match(noteOf(4, 0.3) ?? '', /4 runs, .* 30 % or more/)
    assert.equal(noteOf(5), undefined)
  })
})

test('sets put together are the set of all their rows', () => {
  const records = [1, 2, 3].map(day =>
    runOf(day, [
      (_, noise) => stream(1e9 * noise),
      ...(day === 2 ? [(_: number, noise: number) => datagrams(2e9 * noise, day)] : []),
    ]),
  )
  const all = gateSet(records.flat(), 'all')
  const joined = together(
    'all',
    records.map(each => gateSet(each)),
  )
  assert.deepEqual(joined.runs, all.runs)
  assert.deepEqual(joined.environment, all.environment)
  for (const cell of all.cells) {
    const same = joined.cells.find(each => each.cell.transport === cell.cell.transport)
    assert(same)
    for (const column of ['runs', 'rounds', 'trials', 'outcomes', 'count'] as const)
      assert.deepEqual(same[column], cell[column])
    assert.deepEqual(same.numbers('goodput_bps'), cell.numbers('goodput_bps'))
    assert.deepEqual(same.texts('scenario'), cell.texts('scenario'))
  }
})
