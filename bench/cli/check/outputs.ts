/** The files that a gate writes, opened before anything is measured; and its output for GitHub Actions. */
import { appendFileSync, closeSync, fstatSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { errorMessage, SetupError, UsageError } from '../../../base/errors.ts'
import { reasonOf } from '../../../base/system-errors.ts'
import { benchmarkJson } from '../../../results/gate/benchmark-json.ts'
import type { Gate } from '../../../results/gate/check.ts'
import { githubSummary } from '../../../results/gate/document.ts'
import { githubAnnotations } from '../../../results/gate/github.ts'
import { gateJson } from '../../../results/gate/json.ts'
import { junitXml } from '../../../results/gate/junit.ts'
import type { TrialSet } from '../../../results/read/trial-set.ts'
import { openFile, writeWhole } from '../../../results/store/open-file.ts'
import { EXIT, type ExitCode, type Terminal } from '../terminal.ts'

export interface OutputArguments {
  readonly junit: string | undefined
  readonly json: string | undefined
  readonly benchmarkJson: string | undefined
  /** Existing files are overwritten. */
  readonly force: boolean
}

/** Removes the files left empty when it is disposed of. */
export class Outputs implements Disposable {
  readonly #files: readonly OutputFile[]
  /** A second signal ends the process at once, and an empty file is neither XML nor JSON. */
  readonly #atExit = () => this[Symbol.dispose]()

  /** @throws UsageError, SetupError that name the flag */
  constructor({ junit, json, benchmarkJson, force }: OutputArguments) {
    const files: OutputFile[] = []
    this.#files = files
    const taken = new Map<string, Flag>()
    process.once('exit', this.#atExit)
    try {
      for (const [flag, path] of [
        ['junit', junit],
        ['json', json],
        ['benchmark-json', benchmarkJson],
      ] as const) {
        if (path === undefined) continue
        if (path === '-')
          throw new UsageError(
            `--${flag} -: standard output is for the verdict; name a file, or ./- for a file of that name`,
          )
        const other = taken.get(resolve(path))
        if (other)
          throw new UsageError(`--${other} and --${flag} name the same file, ${path}; give each its own`)
        taken.set(resolve(path), flag)
        files.push(new OutputFile(flag, path, force))
      }
    } catch (error) {
      this[Symbol.dispose]()
      throw error
    }
  }

  /** Writes every file even if one fails, and returns the failures. */
  write(gate: Gate, results: TrialSet, startedAt: string): readonly SetupError[] {
    return this.#files.flatMap(file => file.write(TEXTS[file.flag](gate, results, startedAt)) ?? [])
  }

  [Symbol.dispose](): void {
    process.off('exit', this.#atExit)
    for (const file of this.#files) file[Symbol.dispose]()
  }
}

/** Reports what was not written. A bad verdict keeps its exit code; otherwise the command has failed. */
export function reportUnwritten(terminal: Terminal, errors: readonly Error[], code: ExitCode): ExitCode {
  for (const error of errors) terminal.err(`bench: ${errorMessage(error)}\n`)
  if (errors.length === 0 || code !== EXIT.measured) return code
  return errors.some(error => error instanceof UsageError) ? EXIT.usage : EXIT.failed
}

/** What GitHub Actions sets for a step. */
export interface GithubEnvironment {
  readonly summaryPath: string | undefined
}

/** Undefined outside GitHub Actions. */
export function githubEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): GithubEnvironment | undefined {
  if (env['GITHUB_ACTIONS'] !== 'true') return undefined
  return { summaryPath: env['GITHUB_STEP_SUMMARY'] || undefined }
}

/** Prints annotations and adds the summary of this step. A summary that cannot be written is reported, but fails nothing. */
export function reportToGithub(
  gate: Gate,
  { summaryPath }: GithubEnvironment,
  print: (text: string) => void,
  complain: (text: string) => void,
): void {
  print(githubAnnotations(gate))
  if (summaryPath === undefined) return
  try {
    appendFileSync(summaryPath, githubSummary(gate))
  } catch (error) {
    complain(
      `cannot write the step summary to ${summaryPath}: ${reasonOf(error)}; set GITHUB_STEP_SUMMARY to a file that you may write to\n`,
    )
  }
}

type Flag = 'junit' | 'json' | 'benchmark-json'

const TEXTS: Readonly<Record<Flag, (gate: Gate, results: TrialSet, startedAt: string) => string>> = {
  junit: (gate, _, startedAt) => junitXml(gate, startedAt),
  json: (gate, _, startedAt) => gateJson(gate, startedAt),
  'benchmark-json': (_, results) => benchmarkJson(results),
}

class OutputFile implements Disposable {
  readonly flag: Flag
  readonly #path: string
  readonly #descriptor: number
  #written = false
  #open = true

  constructor(flag: Flag, path: string, force: boolean) {
    this.flag = flag
    this.#path = path
    this.#descriptor = openFile(path, { overwrite: force, flag })
  }

  /** Returns the error if it fails. */
  write(text: string): SetupError | undefined {
    try {
      writeWhole(this.#descriptor, Buffer.from(text))
      this.#written = true
      return undefined
    } catch (error) {
      return new SetupError(
        `cannot write to ${this.#path}: ${reasonOf(error)}; make room, or name another place with --${this.flag}`,
        { cause: error },
      )
    }
  }

  [Symbol.dispose](): void {
    if (!this.#open) return
    this.#open = false
    const isFile = fstatSync(this.#descriptor).isFile()
    closeSync(this.#descriptor)
    if (!this.#written && isFile) rmSync(this.#path, { force: true })
  }
}
