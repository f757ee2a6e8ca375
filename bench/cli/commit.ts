/** The commit under test: as the CI system says, else as git says of the working directory. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { UsageError } from '../../base/errors.ts'

/** How long git may take: a folder on a share that does not answer must not hold up a run. */
const GIT_LIMIT_MS = 5000

/** Each CI system's variable that holds the commit under test. */
const CI_VARIABLES = [
  'GITHUB_SHA',
  'CI_COMMIT_SHA', // GitLab, Woodpecker
  'BUILDKITE_COMMIT',
  'CIRCLE_SHA1',
  'BUILD_SOURCEVERSION', // Azure Pipelines
  'BITBUCKET_COMMIT',
  'TRAVIS_COMMIT',
  'DRONE_COMMIT_SHA',
  'APPVEYOR_REPO_COMMIT',
  'CIRRUS_CHANGE_IN_REPO',
  'SEMAPHORE_GIT_SHA',
  'GIT_COMMIT', // Jenkins
] as const

/** SHA-1 or SHA-256, abbreviated or not. Buildkite says `HEAD` while it does not know. */
const HASH = /^[0-9a-f]{7,64}$/i

/**
 * Finds the commit's hash, followed by `-dirty` when tracked files differ from the commit; undefined if unknown.
 * Never throws: a run does not need the commit.
 */
export async function detectCommit(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  folder?: string,
): Promise<string | undefined> {
  const fromCi = CI_VARIABLES.map(name => environment[name]?.trim() ?? '').find(value => HASH.test(value))
  if (fromCi !== undefined) return fromCi.toLowerCase()
  const [head, changes] = await Promise.all([
    git(['rev-parse', 'HEAD'], environment, folder),
    git(['status', '--porcelain', '--untracked-files=no'], environment, folder),
  ])
  if (head === undefined || !HASH.test(head)) return undefined
  return changes ? `${head}-dirty` : head
}

/** Reads `--commit`: a hash, or any name of the code under test. @throws UsageError for what would break a line */
export function parseCommit(text: string): string {
  if (/^[\w.+/@~^-]{1,100}$/.test(text)) return text
  throw new UsageError(
    `not a commit: ${JSON.stringify(text)}; give its hash, or a name of up to 100 letters, digits and .+/@~^_-`,
  )
}

async function git(
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  folder: string | undefined,
): Promise<string | undefined> {
  try {
    // Without this option `git status` would refresh the index, and meet the lock of another git.
    const { stdout } = await promisify(execFile)('git', ['--no-optional-locks', ...words], {
      timeout: GIT_LIMIT_MS,
      env: environment,
      windowsHide: true,
      ...(folder === undefined ? {} : { cwd: folder }),
    })
    return stdout.trim()
  } catch {
    return undefined
  }
}
