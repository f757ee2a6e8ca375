/** What tests need beyond Node: looked for, and where it is missing a test is skipped with a line that says so. */
import { spawnSync } from 'node:child_process'

/** Why tests with this program cannot run here; false when they can. @param words that make it print its version and end with 0 */
export function without(program: string, words: readonly string[] = ['--version']): string | false {
  const { status } = spawnSync(program, words, { stdio: 'ignore', windowsHide: true })
  return status === 0 ? false : `${program} is not installed on this machine`
}

export const withoutGit = without('git')
export const withoutOpenssl = without('openssl', ['version'])
export const withoutPython = without('python3')

/** Its path; empty for a program that is not on the PATH. */
export function which(name: string): string {
  return spawnSync('sh', ['-c', 'command -v "$0"', name], { encoding: 'utf8' }).stdout.trim()
}
