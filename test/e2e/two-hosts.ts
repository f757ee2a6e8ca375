/** Runs between two hosts: the servers and the clients of `bench`, each in a network of its own, or beside each other on loopback. */
import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { basename, dirname } from 'node:path'
import { after, before, type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { TrialRecord } from '../../results/schema/columns.ts'
import { hasNodeFfi } from '../../transports/engines/native/binding.ts'
import { Lab } from '../support/lab.ts'
import { bench, type Ended, folder, type Running, startBench } from './cli.ts'
import { assertLaw, parseRows } from './rows.ts'

export const TOKEN = 'a token for the tests of two hosts'
export const PORT = 5990

export interface ServeSetting {
  readonly cwd: string
  /** Words before the command: where it runs. */
  readonly at?: readonly string[]
  readonly words?: readonly string[]
  /** `ADDRESS:PORT`; at every address where nothing is said. */
  readonly listen?: string
  readonly token?: string | undefined
}

export interface Server extends Running {
  readonly port: number
}

/** A daemon that listens. */
export async function startServer(setting: ServeSetting): Promise<Server> {
  const { cwd, at = [], words = [], listen = `[::]:${PORT}` } = setting
  const running = startBench(['serve', '--listen', listen, ...words], { cwd, at, env: tokenOf(setting) })
  const port = await running.until('port', ({ stdout }) => /^listening at \S+:(\d+);/.exec(stdout)?.[1])
  return Object.assign(running, { port: Number(port) })
}

export interface RunSetting {
  readonly cwd: string
  readonly at?: readonly string[]
  readonly token?: string | undefined
}

/** Small, one round, nothing before it; rows on standard output. */
const QUICK = ['--size', '60000', '--repeat', '1', '--warmup', '0', '--quiet', '--format', 'jsonl']

/** A run under way. What `words` say twice counts once, the last time. */
export function startRun(words: readonly string[], setting: RunSetting): Running {
  const { cwd, at = [] } = setting
  return startBench(['run', ...withDefaults(words, QUICK)], { cwd, at, env: tokenOf(setting) })
}

export interface Measured extends Ended {
  readonly rows: readonly TrialRecord[]
}

/** A run to its end, whatever that is. */
export async function run(words: readonly string[], setting: RunSetting): Promise<Measured> {
  const { cwd, at = [] } = setting
  return measured(await bench(['run', ...withDefaults(words, QUICK)], { cwd, at, env: tokenOf(setting) }))
}

function tokenOf(setting: { readonly token?: string | undefined }): Readonly<Record<string, string>> {
  const token = 'token' in setting ? setting.token : TOKEN
  return token === undefined ? {} : { BENCH_TOKEN: token }
}

export function measured(ended: Ended): Measured {
  return { ...ended, rows: ended.stdout === '' ? [] : parseRows(ended.stdout) }
}

/** Every trial was measured, and nothing said. */
export function assertMeasured({ code, stderr, rows }: Measured): void {
  const failed = rows.filter(({ outcome }) => outcome === 'failed' || outcome === 'timed-out')
  assert.deepEqual([code, stderr], [0, ''], JSON.stringify(failed))
  assertLaw(rows)
}

/** The defaults, without flags that `words` give. */
function withDefaults(words: readonly string[], defaults: readonly string[]): string[] {
  const given = new Set(
    words.some(word => word === '--file' || word === '--duration') ? [...words, '--size'] : words,
  )
  const left = defaults.filter((word, index) => {
    const flag = word.startsWith('--') ? word : defaults[index - 1]
    return flag === undefined || !given.has(flag)
  })
  return [...words, ...left]
}

/** A lab for the tests of one suite, with a server at `b`; both are gone afterwards. */
export function useLab(skip: string | false, serve: readonly string[] = []) {
  let lab: Lab | undefined
  let server: Server | undefined
  before(async () => {
    if (skip !== false) return
    lab = new Lab()
    server = await startServer({ cwd: tmpdir(), at: lab.words('b'), words: serve })
  })
  after(async () => {
    await server?.[Symbol.asyncDispose]()
    lab?.[Symbol.dispose]()
  })
  return {
    get lab(): Lab {
      assert(lab)
      return lab
    },
    get server(): Server {
      assert(server)
      return server
    },
    /** A run at `a`, with the token unless `over` says otherwise. */
    run(context: TestContext, words: readonly string[], over: Partial<RunSetting> = {}): Promise<Measured> {
      assert(lab)
      return run(words, { cwd: folder(context), at: lab.words('a'), ...over })
    },
  }
}

/** Words that hide koffi from what follows them, and what Node has instead of it, as on a host where neither is installed. */
export function withoutKoffi(nothing: string): readonly string[] {
  let koffi = fileURLToPath(import.meta.resolve('koffi'))
  while (basename(koffi) !== 'koffi') koffi = dirname(koffi)
  const less = hasNodeFfi() ? 'export NODE_OPTIONS=--no-experimental-ffi; ' : ''
  return ['unshare', '--mount', 'sh', '-ec', `${less}mount --bind '${nothing}' '${koffi}'; exec "$@"`, 'sh']
}
