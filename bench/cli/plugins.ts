/** Runs a command with the plug-ins that it names. What their code does where nothing awaits it ends the command, with a line about them. */
import { fileURLToPath } from 'node:url'
import { errorMessage, SetupError } from '../../base/errors.ts'
import type { PluginIdentity } from '../../transports/catalog.ts'
import type { Extended } from '../workloads/catalog.ts'

/** How long a command may go on once it is called off: `receive` saves for 2 s, and a run ends its agents. */
const PATIENCE_MS = 10_000
export const MEND = 'mend it, or leave --plugin out'

/** Whose code may end the process, for who sees it end. */
export interface Underway {
  /** `plug-in lines 1.0`; undefined without plug-ins, and when the work is done. */
  plugins?: string | undefined
  /** They are being loaded. */
  loading?: boolean
}

/** An error of a plug-in that nothing caught; `cause` is what it threw. */
export class PluginFault extends SetupError {}

/**
 * Returns what `work` does, or undefined if `interrupted` aborts while the plug-ins are being loaded.
 * @param underway is kept up to date @param work gets a signal that aborts with `interrupted`, or with a `PluginFault`
 * @throws UsageError for a plug-in that cannot be loaded, PluginFault, and whatever `work` throws
 */
export async function withPlugins<T>(
  words: readonly string[],
  underway: Underway,
  interrupted: AbortSignal,
  work: (catalog: Extended, signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  let loading = words[0]
  let plugins: readonly PluginIdentity[] = []
  const fault = new AbortController()
  const signal = AbortSignal.any([interrupted, fault.signal])
  const whose = (error?: unknown) => (loading === undefined ? nameOf(plugins, error) : `--plugin ${loading}`)
  const take = (error: unknown) =>
    fault.abort(
      new PluginFault(`${whose(error)}: an error that nothing catches: ${errorMessage(error)}; ${MEND}`, {
        cause: error,
      }),
    )
  process.on('uncaughtException', take)
  const begin = (word?: string) => {
    loading = word
    Object.assign(underway, { plugins: whose(), loading: word !== undefined })
  }
  try {
    const { loadPlugins } = await import('../workloads/plugins.ts')
    const catalog = await Promise.race([loadPlugins(words, begin), aborted(signal, 0)])
    if (!catalog) {
      fault.signal.throwIfAborted()
      return undefined
    }
    plugins = catalog.plugins
    begin()
    const done = work(catalog, signal).then(result => ({ result }))
    const ended = await Promise.race([done, aborted(signal, PATIENCE_MS)])
    fault.signal.throwIfAborted()
    if (!ended) throw new SetupError(`${whose()}: it does not let go within ${PATIENCE_MS / 1000} s; ${MEND}`)
    return ended.result
  } catch (thrown) {
    const { reason } = fault.signal
    const isNamed =
      thrown instanceof SetupError && reason instanceof PluginFault && thrown.cause === reason.cause
    throw fault.signal.aborted && !isNamed ? reason : thrown
  } finally {
    process.off('uncaughtException', take)
    underway.plugins = undefined
  }
}

/** Resolves this long after `signal` has aborted. Keeps no process alive. */
function aborted(signal: AbortSignal, afterMs: number): Promise<undefined> {
  return new Promise(resolve => {
    const wait = () => void setTimeout(() => resolve(undefined), afterMs).unref()
    if (signal.aborted) wait()
    else signal.addEventListener('abort', wait, { once: true })
  })
}

/** The one whose file is in the error's stack, or all that it may be. */
function nameOf(plugins: readonly PluginIdentity[], error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? '') : ''
  const own = plugins.filter(({ module }) => stack.includes(module) || stack.includes(pathOf(module)))
  const names = (own.length > 0 ? own : plugins).map(({ name, version }) => `${name} ${version}`)
  return `${names.length === 1 ? 'plug-in' : 'plug-ins'} ${names.join(', ')}`
}

function pathOf(module: string): string {
  return module.startsWith('file:') ? fileURLToPath(module) : module
}
