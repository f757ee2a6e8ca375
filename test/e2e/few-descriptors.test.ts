/** Every command where a process may open few files, as on macOS (256) or in a strict container. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { BUILT_IN } from '../../transports/catalog.ts'
import { test } from '../support/patient.ts'
import { RawConnection } from '../support/raw-tcp.ts'
import { assertOneLine, BENCH_WORDS, folder, PICTURE, Running, withoutProc } from './cli.ts'

const DESCRIPTORS = 64
const ENGINES = await BUILT_IN.engines.working()
const QUICK = ['--size', '16k', '--transport', 'tcp,udp-header', '--repeat', '1', '--warmup', '0', '--quiet']

test('every command works with few descriptors', async context => {
  const cwd = folder(context)
  const start = (...words: readonly string[]) => {
    const limited = ['-c', `ulimit -n ${DESCRIPTORS}; exec "$@"`, 'sh', ...BENCH_WORDS, ...words]
    const running = new Running('/bin/sh', limited, { cwd })
    context.after(() => running[Symbol.asyncDispose]())
    return running
  }
  const server = start('serve', '--listen', '127.0.0.1:0')
  const at = await server.until('address', ({ stdout }) => /listening at (\S+);/.exec(stdout)?.[1])
  const receiver = start('receive', '--transport', 'tcp', '--port', '0')
  const port = await receiver.until('port', ({ stderr }) => /:(\d+)[ ;]/.exec(stderr)?.[1])
  for (const words of [
    ['list'],
    ['run', '--help'],
    ['run', ...QUICK, '--out', 'a.csv'],
    ['run', ...QUICK, '--engine', 'node', '--out', 'n.csv'],
    ['run', ...QUICK, '--host', at, '--out', 'h.csv'],
    ['run', ...QUICK, '--host', at, '--engine', 'node', '--out', 'hn.csv'],
    ['run', ...QUICK, '--host', at, '--bidir', '--streams', '2', '--out', 'hb.csv'],
    ['ab', ...QUICK, '--a', 'chunk=1k', '--b', 'chunk=2k', '--out', 'ab.csv'],
    ['aa', ...QUICK, '--out', 'aa.csv'],
    ['compare', 'a.csv', 'b.csv'],
    ['check', 'a.csv', '--baseline', 'b.csv', '--any-environment', '--delta', '99%'],
    ['check', 'a.csv', '--history', 'kept'],
    ['trend', 'kept'],
    ['report', 'a.csv', '-o', 'a.html', '-o', 'a.md', '-o', 'a.svg'],
    ['send', PICTURE, `127.0.0.1:${port}`, '--transport', 'tcp'],
    ['doctor', '--quick', at],
  ]) {
    if (words[0] === 'compare') asAnotherRun(join(cwd, 'a.csv'), join(cwd, 'b.csv'))
    const { code, stdout, stderr } = await start(...words).over()
    const told = `bench ${words.join(' ')}: ${stdout}${stderr}`
    // What doctor and the gate find is another matter.
    assert(code === 0 || (code === 1 && words[0] === 'doctor') || (code === 3 && words[0] === 'check'), told)
    assert.doesNotMatch(stderr, /EMFILE|internal error|\s{4}at /, told)
  }
  for (const name of ['a.html', 'a.md', 'a.svg']) assert(statSync(join(cwd, name)).size > 0, name)
})

test('where even that is too little, a line says what to do', async context => {
  const cwd = folder(context)
  const start = async (limit: number, words: readonly string[]) => {
    const limited = ['-c', `ulimit -n ${limit}; exec "$@"`, 'sh', ...BENCH_WORDS, ...words]
    await using running = new Running('/bin/sh', limited, { cwd })
    return await running.over()
  }
  // With how few Node itself starts depends on its version.
  const limits = Array.from({ length: 6 }, (_, index) => 22 + 8 * index)
  let lines = 0
  for (const limit of limits) {
    const { code, stderr } = await start(limit, ['list'])
    if (/\n\s+at /.test(stderr)) continue
    for (const words of [
      ['list'],
      ['run', ...QUICK, '--engine', 'node', '--force', '--out', 'few.csv'],
      ['aa', ...QUICK, '--force', '--out', 'few.csv'],
      ['check', '--threshold', 'goodput > 1bps', ...QUICK],
    ]) {
      const ended = await start(limit, words)
      if (ended.code === 0) continue
      lines++
      assert.equal(ended.code, 1, ended.stderr)
      assertOneLine(ended, /EMFILE/, /; allow a process more open files: ulimit -n 1024\n$/)
    }
    if (code === 0) break
  }
  assert.ok(lines > 0, 'a command found too few descriptors')
})

for (const engine of ENGINES) {
  test(`bench receive --engine ${engine}: who finds no descriptor waits, is told of, and is served then`, {
    skip: withoutProc,
  }, async context => {
    const cwd = folder(context)
    const listen = async (limit: number) => {
      const words = ['receive', '--transport', 'tcp', '--port', '0', '--dir', 'kept', '--engine', engine]
      const limited = ['-c', `ulimit -n ${limit}; exec "$@"`, 'sh', ...BENCH_WORDS, ...words]
      const running = new Running('/bin/sh', limited, { cwd })
      context.after(() => running[Symbol.asyncDispose]())
      const port = await running.until('port', ({ stderr }) => /:(\d+)[ ;]/.exec(stderr)?.[1])
      return { running, endpoint: { host: '127.0.0.1', port: Number(port), family: 4 } as const }
    }
    const few = await listen(DESCRIPTORS)
    const crowd = await Promise.all(Array.from({ length: 80 }, () => RawConnection.open(few.endpoint)))
    // What has come whole is saved although connections have all descriptors.
    await crowd[0]?.say('SIZE 5\n', 'whole', 'BYE BYE ')
    // Node itself turns away what it cannot accept, and says so to nobody: there is a note only where saving had to wait.
    const isTold = engine !== 'node'
    if (isTold) await few.running.until('note', ({ stderr }) => stderr.includes('have to wait'))
    await few.running.until('file', ({ stdout }) => /complete .*-0001\.bin\n/.test(stdout))
    for (const { socket } of crowd) socket.destroy()
    await few.running.until(
      'free descriptors',
      ({ pid }) => readdirSync(`/proc/${pid}/fd`).length < DESCRIPTORS / 2,
    )
    await using late = await RawConnection.open(few.endpoint)
    await late.say('SIZE 4\n', 'late', 'BYE BYE ')
    await few.running.until('file', ({ stdout }) => / 4 B .*complete /.test(stdout))
    const { stderr } = few.running
    const notes = stderr.match(/have to wait/g)?.length ?? 0
    assert.ok(isTold ? notes === 1 : notes <= 1, stderr)
    if (notes > 0)
      assert.match(
        stderr,
        /^note: some senders have to wait for others to end \(EMFILE\); allow a process more open files: ulimit -n 1024$/m,
      )

    const many = await listen(512)
    const others = await Promise.all(Array.from({ length: 80 }, () => RawConnection.open(many.endpoint)))
    await others[79]?.say('SIZE 5\n', 'whole', 'BYE BYE ')
    await many.running.until('file', ({ stdout }) => / 5 B .*complete /.test(stdout))
    assert.doesNotMatch(many.running.stderr, /wait/)
    await Promise.all(others.map(each => each[Symbol.asyncDispose]()))
  })
}

/** The same rows, under the name of another run. */
function asAnotherRun(from: string, to: string): void {
  const rows = readFileSync(from, 'utf8')
  const [runId = ''] = /\d{8}T\d{6}Z-\w+/.exec(rows) ?? []
  writeFileSync(to, rows.replaceAll(runId, `${runId}-other`))
}
