/** The files that a gate writes, opened before anything is measured; and its output for GitHub Actions. */
import { appendFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { SetupError, UsageError } from '../../../base/errors.ts'
import { describeSystemError } from '../../../base/system-errors.ts'
import { benchmarkJson } from '../../../results/gate/benchmark-json.ts'
import type { Gate } from '../../../results/gate/check.ts'
import { githubSummary } from '../../../results/gate/document.ts'
import { githubAnnotations } from '../../../results/gate/github.ts'
import { gateJson } from '../../../results/gate/json.ts'
import { junitXml } from '../../../results/gate/junit.ts'
import type { TrialSet } from '../../../results/read/trial-set.ts'
import { openFiles } from '../output-files.ts'
import type { Terminal } from '../terminal.ts'

/** The files of a verdict; those that are not written are removed. */
export class Outputs implements Disposable {
  readonly #opened

  /** @param paths by flag @param force they may replace existing files @throws UsageError, SetupError that name the flag */
  constructor(paths: { readonly [Flag in OutputFlag]?: string | undefined }, force: boolean) {
    const asked = (['junit', 'json', 'benchmark-json'] as const).flatMap(flag => {
      const path = paths[flag]
      return path === undefined ? [] : [{ flag, path }]
    })
    for (const { flag, path } of asked) {
      if (path === '-')
        throw new UsageError(
          `--${flag} -: standard output is for the verdict; name a file, or ./- for a file of that name`,
        )
      const other = asked.find(each => each.flag !== flag && resolve(each.path) === resolve(path))
      if (other)
        throw new UsageError(`--${flag} and --${other.flag} name the same file, ${path}; give each its own`)
    }
    this.#opened = openFiles(asked, force)
  }

  /** Writes every file even if one fails, and returns the failures. */
  write(gate: Gate, results: TrialSet, startedAt: string): readonly SetupError[] {
    return this.#opened.files.flatMap(({ flag, file }) => {
      try {
        file.write(TEXTS[flag](gate, results, startedAt))
        return []
      } catch (error) {
        if (error instanceof SetupError) return [error]
        throw error
      }
    })
  }

  [Symbol.dispose](): void {
    this.#opened[Symbol.dispose]()
  }
}

/** On GitHub Actions, prints annotations and adds the summary of this step. A summary that cannot be written is reported, but fails nothing. */
export function reportToGithub(gate: Gate, terminal: Pick<Terminal, 'data' | 'err'>): void {
  const { GITHUB_ACTIONS, GITHUB_STEP_SUMMARY: summaryPath } = process.env
  if (GITHUB_ACTIONS !== 'true') return
  terminal.data(githubAnnotations(gate))
  if (!summaryPath) return
  try {
    appendFileSync(summaryPath, githubSummary(gate))
  } catch (error) {
    const remedies = { otherwise: 'set GITHUB_STEP_SUMMARY to a file that you may write to' }
    terminal.err(
      `${describeSystemError(`cannot write the step summary to ${summaryPath}`, error, remedies)}\n`,
    )
  }
}

type OutputFlag = keyof typeof TEXTS
const TEXTS = {
  junit: (gate: Gate, _: TrialSet, startedAt: string) => junitXml(gate, startedAt),
  json: (gate: Gate, _: TrialSet, startedAt: string) => gateJson(gate, startedAt),
  'benchmark-json': (_: Gate, results: TrialSet) => benchmarkJson(results),
}
