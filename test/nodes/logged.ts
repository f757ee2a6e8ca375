/** Commands with another Node, of whose output what failed is kept. */
import { spawn } from 'node:child_process'
import { delimiter, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Build } from './builds.ts'

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

export interface Tally {
  readonly code: number
  /** As Node's reporter says; undefined for a command that runs no tests. */
  readonly passed: number | undefined
  readonly failed: number | undefined
  readonly skipped: number | undefined
  /** Names of tests that failed, or the end of what a command said. */
  readonly failures: string
}

/** Runs to its end, with this Node as `node`. */
export async function runLogged(
  [program = '', ...words]: readonly string[],
  { node, folder, env }: Pick<Build, 'node' | 'folder' | 'env'>,
  signal: AbortSignal,
): Promise<Tally> {
  const path = [dirname(node), process.env['PATH']].join(delimiter)
  const child = spawn(program, words, {
    ...{ cwd: folder, env: { ...process.env, ...env, PATH: path }, signal },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (more: string) => {
      text += more
    })
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject).on('close', code => resolve(code ?? 1))
  })
  // Of several runs of Node's runner each says so many.
  const sum = (word: string) => {
    const found = [...text.matchAll(new RegExp(`^. ${word} (\\d+)$`, 'gm'))]
    return found.length > 0 ? found.reduce((total, [, count]) => total + Number(count), 0) : undefined
  }
  const names = [...new Set(text.match(/^\s*✖ .*$/gm) ?? [])]
  const failures = names.length > 0 ? names.join('\n') : text.split('\n').slice(-20).join('\n')
  return { code, passed: sum('pass'), failed: sum('fail'), skipped: sum('skipped'), failures }
}
