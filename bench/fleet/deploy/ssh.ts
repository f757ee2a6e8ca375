/** Scripts run on other hosts by the system's ssh: its configuration, keys and agent apply. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { errorMessage, SetupError } from '../../../base/errors.ts'
import { harmless } from '../../../base/foreign-text.ts'
import type { SshTarget } from '../planning/ssh-target.ts'
import { runScript } from './host-script.ts'

/** Nobody answers questions; what does not answer is given up. */
const OPTIONS = ['BatchMode=yes', 'ConnectTimeout=15', 'ServerAliveInterval=10', 'ServerAliveCountMax=3']
/** For one host, with all that is copied. */
const PATIENCE_MS = 10 * 60_000
/** ssh's own failures, as opposed to those of what it runs. */
const SSH_FAILED = 255
/** What a line may hold. */
const MOST_LETTERS = 400

/**
 * Runs a script there.
 * @param ssh program and words before those of this host @param input what the script reads
 * @returns the last line that it printed @throws SetupError with the last line of what went wrong
 */
export async function runThere(
  ssh: readonly string[],
  target: SshTarget,
  script: string,
  input: Uint8Array,
  signal: AbortSignal,
): Promise<string> {
  const { user, host, port } = target
  const [program = '', ...before] = ssh
  const place = [
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', String(port)]),
  ]
  const options = ['-T', ...OPTIONS.flatMap(option => ['-o', option])]
  const words = [...before, ...options, ...place, '--', host, runScript(Buffer.byteLength(script))]
  const timeout = AbortSignal.timeout(PATIENCE_MS)
  const child = spawn(program, words, { signal: AbortSignal.any([signal, timeout]), windowsHide: true })
  // A host that refuses reads none of it.
  child.stdin.on('error', () => {})
  child.stdin.write(script)
  child.stdin.end(input)
  const [out, err] = [lastLine(child.stdout), lastLine(child.stderr)]
  try {
    const [code] = await once(child, 'close')
    if (code === 0) return out()
    const why = err() || `ssh ended with ${code}`
    throw new SetupError(
      code === SSH_FAILED ? `${why}; check that this logs in: ${[...ssh, ...place, host].join(' ')}` : why,
    )
  } catch (error) {
    if (error instanceof SetupError) throw error
    if (timeout.aborted) throw new SetupError(`not done within ${PATIENCE_MS / 60_000} min`)
    signal.throwIfAborted()
    throw new SetupError(`cannot run ${program}: ${errorMessage(error)}; give another one with --ssh`, {
      cause: error,
    })
  }
}

/** The last line of what comes, harmless and of a bounded length. */
function lastLine(stream: NodeJS.ReadableStream): () => string {
  let end = ''
  stream.setEncoding('utf8').on('data', text => {
    end = `${end}${text}`.slice(-4 * MOST_LETTERS)
  })
  return () => harmless(end.trim().split('\n').at(-1)?.trim() ?? '').slice(0, MOST_LETTERS)
}
